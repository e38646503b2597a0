"""Bring tables of the gate's own database to their newest migration, for each who has tables there."""

from __future__ import annotations

import sqlalchemy as sa

from compliance.resources import sql_folder


def migrate(connection: sa.Connection, metadata: sa.MetaData, version: sa.Table, revision: str, folder: str) -> None:
    """Make the tables, or upgrade them to `revision` by the migrations in `sql/FOLDER`; `version` says where they are.

    New tables are made at once: loading Alembic takes longer than that.
    """
    if not sa.inspect(connection).has_table(version.name):
        metadata.create_all(connection)
        version.create(connection)
        connection.execute(version.insert().values(version_num=revision))
    elif connection.scalar(sa.select(version.c.version_num)) != revision:
        _upgrade(connection, folder)


def _upgrade(connection: sa.Connection, folder: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(sql_folder() / folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
