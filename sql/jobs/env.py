"""Alembic's way to the tables of the jobs: the gate hands over a connection, or the shell gives `-x url=...`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from jobs.clockwork.tables import METADATA, VERSION


def _migrate(connection: sa.Connection) -> None:
    # A version table of its own: the ledger's tables may live in the same database, and have another history.
    context.configure(connection=connection, target_metadata=METADATA, version_table=VERSION.name)
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    _migrate(connection)
else:
    with sa.create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as connection:
        _migrate(connection)
