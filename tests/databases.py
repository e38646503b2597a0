"""The catalogs of tests.catalogs in databases: tables of the relations' names, in each database's usual types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from compliance.catalog.schema import RELATIONS, Column, Type
from tests.catalogs import Row, complete

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}


def engine_of(url: str) -> sa.Engine:
    """An engine with the test's own driver."""
    made = sa.make_url(url)
    return sa.create_engine(made.set(drivername=_DRIVERS[made.drivername]), poolclass=sa.NullPool)


def fill(url: str, relations: Mapping[str, Sequence[Row]]) -> str:
    """Make a table for each of these relations, with the completed rows, and return the URL."""
    engine = engine_of(url)
    metadata = sa.MetaData()
    with engine.begin() as connection:
        for name, rows in relations.items():
            columns = [sa.Column(c.name, _type(c, engine.dialect.name), nullable=True) for c in RELATIONS[name].columns]
            table = sa.Table(name, metadata, *columns)
            table.create(connection)
            filled = complete(name, rows)
            if filled:
                connection.execute(table.insert(), filled)
    return url


def _type(column: Column, dialect: str) -> sa.types.TypeEngine[object]:
    if column.type is Type.TEXT and dialect == "mysql":
        return mysql.LONGTEXT()
    if column.type is Type.INSTANT and dialect == "mysql":
        return mysql.DATETIME(fsp=6)
    return {
        Type.TEXT: sa.Text(),
        Type.INTEGER: sa.BigInteger(),
        Type.SMALL: sa.Integer(),
        Type.REAL: sa.Double(),
        Type.FLAG: sa.Boolean(),
        Type.INSTANT: sa.DateTime(),
        Type.DAY: sa.Date(),
    }[column.type]
