"""The gate's own database, as the register needs it: short transactions, all or nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.register.errors import RegisterError
from compliance.register.tables import METADATA, REVISION, SCHEMA

_BUSY_S = 60
_LOCK = 7231605212
"""Of PostgreSQL's advisory locks, the one that makes importers queue."""


def beside_ledger(folder: Path) -> sa.URL:
    """The register's own database in the ledger's folder, whatever characters its name has."""
    return sa.URL.create("sqlite", database=str(folder / "register.sqlite"))


class Store:
    """One database, made on the first write."""

    def __init__(self, url: str | sa.URL) -> None:
        """`url`: an SQLAlchemy URL of SQLite or PostgreSQL. Nothing is opened yet. Raises ConfigurationError."""
        try:
            made = sa.make_url(url)
        except sa.exc.ArgumentError:
            raise ConfigurationError(
                worded(f"{url} 不是数据库地址", f"{url} is no database URL"),
                remedy=worded("写成 sqlite:///路径 或 postgresql://…", "write sqlite:///path or postgresql://…"),
            ) from None
        if made.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigurationError(
                worded(
                    f"登记库不能放在 {made.get_backend_name()} 中",
                    f"the register cannot live in {made.get_backend_name()}",
                ),
                remedy=worded("给出 SQLite 或 PostgreSQL 地址", "give an SQLite or PostgreSQL URL"),
            )
        self.url = made.set(drivername="postgresql+psycopg") if made.drivername == "postgresql" else made
        self.where = self.url.render_as_string(hide_password=True)
        self._sqlite = self.url.get_backend_name() == "sqlite"
        options = {"connect_args": {"timeout": _BUSY_S}} if self._sqlite else {}
        self._engine = sa.create_engine(self.url, poolclass=sa.NullPool, **options)
        if self._sqlite:
            sa.event.listen(self._engine, "connect", _as_sqlite)
            sa.event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))

    def exists(self) -> bool:
        """Whether anything may have been written."""
        return not self._sqlite or (self.url.database is not None and Path(self.url.database).is_file())

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """A connection that sees one state of the database; None where there is no register yet."""
        if not self.exists():
            yield None
            return
        with self._explained("read"), self._engine.connect() as connection, connection.begin():
            yield connection if self._is_made(connection) else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other importer or host comes between. Raises RegisterError."""
        if self._sqlite and self.url.database:
            Path(self.url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
        with self._explained("written"), self._engine.connect() as connection, connection.begin():
            if self._sqlite:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            if not self._is_made(connection):
                METADATA.create_all(connection)
                connection.execute(SCHEMA.insert().values(revision=REVISION))
            yield connection

    def _is_made(self, connection: sa.Connection) -> bool:
        if not sa.inspect(connection).has_table(SCHEMA.name):
            return False
        revision = connection.scalar(sa.select(SCHEMA.c.revision))
        if revision != REVISION:
            raise RegisterError(
                worded(
                    f"{self.where}：登记库的表是第 {revision} 版，本程序读第 {REVISION} 版",
                    f"{self.where}: the register's tables are of revision {revision}, this version reads {REVISION}",
                ),
                remedy=worded("使用写入它的版本", "use the version of the gate that wrote them"),
            )
        return True

    @contextlib.contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise RegisterError(
                worded(
                    f"无法{'读取' if done == 'read' else '写入'} {self.where} 中的登记库：{cause}",
                    f"the register in {self.where} cannot be {done}: {cause}",
                ),
                remedy=worded(
                    "检查数据库是否应答、可写、有空间；没有任何改动",
                    "see that the database answers, may be written to and has room; nothing was changed",
                ),
            ) from error


def _as_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver is not to begin transactions by itself; FULL: what is committed is on disk.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = FULL")
