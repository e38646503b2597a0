"""Alembic's way into the ledger's database: the gate hands over a connection, or the shell gives `-x url=…`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from compliance.ledger.tables import METADATA


def _migrate(connection: sa.Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA)
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    _migrate(connection)
else:
    with sa.create_engine(context.get_x_argument(as_dictionary=True)["url"]).connect() as connection:
        _migrate(connection)
