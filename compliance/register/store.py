"""The gate's own database, as the register needs it: short transactions, all or nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from compliance.language import Message, worded
from compliance.own_database import Turn, is_sqlite, is_there, own_engine, own_url, take_turn
from compliance.register.errors import RegisterError
from compliance.register.tables import METADATA, REVISION, SCHEMA

_BUSY_S = 60


def beside_ledger(folder: Path) -> sa.URL:
    """The register's own database in the ledger's folder, whatever characters its name has."""
    return sa.URL.create("sqlite", database=str(folder / "register.sqlite"))


class Store:
    """One database, made on the first write."""

    def __init__(self, url: str | sa.URL) -> None:
        """`url`: an SQLAlchemy URL of SQLite or PostgreSQL. Nothing is opened yet. Raises ConfigurationError."""
        self.url = own_url(url, Message("登记库", "the register"))
        self.where = self.url.render_as_string(hide_password=True)
        self._engine = own_engine(self.url, busy_s=_BUSY_S)

    def exists(self) -> bool:
        """Whether anything may have been written."""
        return is_there(self.url)

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
        if is_sqlite(self.url) and self.url.database:
            Path(self.url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
        with self._explained("written"), self._engine.connect() as connection, connection.begin():
            take_turn(connection, Turn.REGISTER)
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
