"""Databases of the gate's own, SQLite or PostgreSQL: the ledger, the register and the jobs keep their tables in them.

They may share one. Each has one writer at a time; what one is told is written is on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

import sqlalchemy as sa

from compliance.errors import ConfigurationError
from compliance.language import Message, worded

_BACKENDS = ("sqlite", "postgresql")
_OVER_THE_NETWORK: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A host that has gone without a word is noticed within a minute, not after hours; libpq's own words, in s and ms."""


class Turn(IntEnum):
    """Whose turn to write it is: the key of an advisory lock in PostgreSQL, where they may share a database."""

    LEDGER = 7_231_605_211
    REGISTER = 7_231_605_212
    JOBS = 7_231_605_213
    TELLING = 7_231_605_214
    """Whose turn it is to send the alerts, which is no transaction."""


def own_url(url: str | sa.URL, tables: Message) -> sa.URL:
    """The URL with the driver that is used. `tables` names what is to live there.

    Raises ConfigurationError for what is no URL (which is not shown: it may hold a password), and for another kind of
    database.
    """
    try:
        made = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigurationError(
            worded(f"{tables()}的数据库地址无法识别", f"the database URL for {tables()} is not understood"),
            remedy=_AS_URL(),
        ) from None
    if made.get_backend_name() not in _BACKENDS:
        kind = made.get_backend_name()
        raise ConfigurationError(
            worded(f"{tables()}不能放在 {kind} 中", f"{tables()} cannot live in {kind}"), remedy=_AS_URL()
        )
    return made.set(drivername="postgresql+psycopg") if made.drivername == "postgresql" else made


_AS_URL = Message(
    "写成 sqlite:///路径 或 postgresql://用户:密码@主机/数据库",
    "write sqlite:///path or postgresql://user:password@host/database",
)


def is_there(url: sa.URL) -> bool:
    """Whether anything may have been written: a file of SQLite is made by the first transaction."""
    return not is_sqlite(url) or (url.database is not None and Path(url.database).is_file())


def is_sqlite(url: sa.URL) -> bool:
    """Whether the database is a file."""
    return url.get_backend_name() == "sqlite"


def own_engine(url: sa.URL, *, busy_s: int, statement_s: int | None = None) -> sa.Engine:
    """An engine whose transactions see one state of the database; in a file they wait `busy_s` for another writer.

    `statement_s`: how long a statement, or a wait for a lock, may take on a server. Every use opens a connection of its
    own: a server that went away and has come back is found again.
    """
    if not is_sqlite(url):
        options: dict[str, str | int] = {**_OVER_THE_NETWORK}
        if statement_s is not None:
            options["options"] = f"-c statement_timeout={statement_s}s -c lock_timeout={statement_s}s"
        return sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": busy_s})
    sa.event.listen(engine, "connect", _as_sqlite)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def take_turn(connection: sa.Connection, turn: Turn) -> None:
    """Make the transaction that has just begun one that no other writer comes between."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({turn.value})")


def _as_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver is not to begin transactions by itself; FULL: what is committed is on disk.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
