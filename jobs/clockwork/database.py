"""The database of the jobs: opened, migrated, and one transaction at a time."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from compliance.errors import ConfigurationError, GateError
from compliance.language import worded
from compliance.ledger.migrating import migrate
from jobs.clockwork.tables import METADATA, REVISION, VERSION

if TYPE_CHECKING:
    from compliance.ledger.store import Ledger

FILE = "jobs.sqlite"
_BUSY_S = 10
_TURN = 7231605213
"""Key of PostgreSQL's advisory lock; the ledger and the register have their own."""


class JobsDatabaseError(GateError):
    """The database of the jobs does not answer, or not as it should (exit 3)."""


def url_beside(ledger: Ledger) -> sa.URL:
    """Where the jobs' tables are: in the ledger's PostgreSQL database, or a file beside its SQLite file.

    SQLite lets one writer at a time into a file: a sign of life must not wait until a night's verdicts are recorded.
    """
    if ledger.url.get_backend_name() != "sqlite":
        return ledger.url
    beside = Path(ledger.url.database or ledger.folder / "ledger").with_name(FILE)
    return sa.URL.create("sqlite", database=str(beside))


class Database:
    """SQLite or PostgreSQL. Opened by the first transaction; one that went away and comes back is found again."""

    def __init__(self, url: str | sa.URL) -> None:
        self.url = sa.make_url(url)
        self._engine: sa.Engine | None = None
        self._migrated = False
        if self.url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigurationError(
                worded(
                    f"任务记录不能放在 {self.url.get_backend_name()} 中",
                    f"the jobs' records cannot live in {self.url.get_backend_name()}",
                ),
                remedy=worded(
                    "[ledger] url 写 SQLite 或 PostgreSQL 地址，或不写",
                    "give an SQLite or PostgreSQL URL as [ledger] url, or leave it out",
                ),
            )
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")

    @property
    def place(self) -> str:
        """Where it is, without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction that no other comes between. Raises JobsDatabaseError; then nothing was written."""
        try:
            with self._connected().connect() as connection, connection.begin():
                self._take_turn(connection)
                if not self._migrated:
                    migrate(connection, METADATA, VERSION, REVISION, "jobs")
                yield connection
            self._migrated = True
        except (sa.exc.SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise JobsDatabaseError(
                worded(
                    f"{self.place} 中的任务记录无法连接：{type(cause).__name__}",
                    f"the jobs' records in {self.place} cannot be reached: {type(cause).__name__}",
                ),
                problems=[str(cause)],
                remedy=worded(
                    "确认数据库有响应、文件夹可写、磁盘有空间",
                    "see that the database answers, its folder can be written to and the disk has room",
                ),
            ) from error

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self) -> sa.Engine:
        if self._engine is None:
            sqlite = self.url.get_backend_name() == "sqlite"
            self._engine = _sqlite_engine(self.url) if sqlite else _postgresql_engine(self.url)
        return self._engine

    def _take_turn(self, connection: sa.Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")


def _sqlite_engine(url: sa.URL) -> sa.Engine:
    Path(url.database or FILE).parent.mkdir(parents=True, exist_ok=True)
    options = {"timeout": _BUSY_S, "check_same_thread": False}
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)
    sa.event.listen(engine, "connect", _as_sqlite)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _postgresql_engine(url: sa.URL) -> sa.Engine:
    # A server that has gone must be noticed: no statement and no wait for a lock may hang.
    options = {"connect_timeout": _BUSY_S, "options": "-c statement_timeout=30s -c lock_timeout=10s"}
    return sa.create_engine(url, pool_pre_ping=True, connect_args=options)


def _as_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver is not to begin transactions by itself


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
