"""Runs by job and scheduled time, their attempts, leases, watches, alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("scheduled_for", INSTANT, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("not_before", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("exit_code", sa.Integer),
        sa.Column("says", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_index("job_runs_by_state", "job_runs", ["state"])
    op.create_table(
        "job_attempts",
        sa.Column("lease", sa.Text, primary_key=True),
        sa.Column("fence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("scheduled_for", INSTANT, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended", sa.Text),
        sa.Column("exit_code", sa.Integer),
        sa.Column("says", sa.Text),
    )
    op.create_index("job_attempts_by_run", "job_attempts", ["job", "scheduled_for"])
    op.create_table(
        "job_leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("beaten_at", INSTANT),
        sa.Column("job", sa.Text),
        sa.Column("scheduled_for", INSTANT),
        sa.Column("holder", sa.Text),
    )
    op.create_table(
        "job_watches",
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("settled_until", INSTANT, nullable=False),
    )
    op.create_table(
        "job_alerts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("platform", sa.Text),
        sa.Column("says", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("sent_at", INSTANT),
    )
    op.create_index("job_alerts_unsent", "job_alerts", ["sent_at"])


def downgrade() -> None:
    raise NotImplementedError("what was run is only ever added to")
