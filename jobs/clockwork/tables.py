"""The tables of the jobs. The migrations in `sql/jobs/versions` make the same; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

REVISION = "0001"
"""The newest migration."""

METADATA = sa.MetaData()


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant, in UTC whatever the database makes of zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy passes it
        """Into the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy passes it
        """Out of the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


RUNS = sa.Table(
    "job_runs",
    METADATA,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("scheduled_for", Instant, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("started_at", Instant, nullable=True),
    sa.Column("not_before", Instant, nullable=True),
    sa.Column("settled_at", Instant, nullable=True),
    sa.Column("exit_code", sa.Integer, nullable=True),
    sa.Column("says", sa.Text, nullable=True),
    sa.Column("outcome", sa.Text, nullable=True),
    sa.Column("times", sa.Integer, nullable=False, default=1),
    sa.Index("job_runs_by_state", "state"),
)
"""One row a job and scheduled time. state: due, running, done, failed or missed. started_at: the first attempt's.

outcome: what it came to in numbers, as JSON, for metrics.
times: how many scheduled times a row stands for, more than one only where very many were missed at once.
"""

ATTEMPTS = sa.Table(
    "job_attempts",
    METADATA,
    sa.Column("lease", sa.Text, primary_key=True),
    sa.Column("fence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("scheduled_for", Instant, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("ended", sa.Text, nullable=True),
    sa.Column("exit_code", sa.Integer, nullable=True),
    sa.Column("says", sa.Text, nullable=True),
    sa.Index("job_attempts_by_run", "job", "scheduled_for"),
)
"""Every attempt at a run. ended: done, failed, stopped (asked to) or died (not heard of any more); NULL: under way."""

LEASES = sa.Table(
    "job_leases",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
    sa.Column("beaten_at", Instant, nullable=True),
    sa.Column("job", sa.Text, nullable=True),
    sa.Column("scheduled_for", Instant, nullable=True),
    sa.Column("holder", sa.Text, nullable=True),
)
"""Who may work. fence grows with every holder; beat with every sign of life; beaten_at is for readers, and decides
nothing: no two clocks are ever compared. job NULL: free."""

WATCHES = sa.Table(
    "job_watches",
    METADATA,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("settled_until", Instant, nullable=False),
)
"""Up to when every scheduled time of a job has its row."""

ALERTS = sa.Table(
    "job_alerts",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("raised_at", Instant, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=True),
    sa.Column("says", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("sent_at", Instant, nullable=True),
    sa.Index("job_alerts_unsent", "sent_at"),
)
"""What people are to hear of, until it has been sent to its owner."""

VERSION = sa.Table("job_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
"""Kept by Alembic: the migration that these tables have come to."""
