"""The ledger: opened, migrated, added to. Nothing in it is ever changed but the end of a verdict's interval."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance import clock
from compliance.language import Message, worded
from compliance.ledger.chain import GENESIS, Entry, Kind, linked
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import Head, beside_when_done, end_of, kept_beside, refuse_unproven_end, write_into
from compliance.ledger.migrating import migrate
from compliance.ledger.signing import sign, signing_key
from compliance.ledger.tables import ALEMBIC_VERSION, ENTRIES, METADATA, REVISION
from compliance.own_database import Turn, is_sqlite, is_there, own_engine, own_url, take_turn

FOLDER = "ledger"
DATABASE = "ledger.sqlite"
KEYS = "keys"
SNAPSHOTS = "verdicts"
_BUSY_S = 60


class Writer:
    """One transaction: entries added in it are there together, or not at all."""

    def __init__(self, connection: sa.Connection, last: Entry | None) -> None:
        self.connection = connection
        self.last = last

    def append(self, kind: Kind, body: Mapping[str, Any]) -> Entry:
        """Add an entry to the end of the chain."""
        seq, previous = (self.last.seq + 1, self.last.hash) if self.last else (1, GENESIS)
        entry = linked(seq, clock.now().isoformat(timespec="milliseconds"), kind, body, previous)
        self.connection.execute(ENTRIES.insert().values(**_columns(entry)))
        self.last = entry
        return entry

    def entries(self, *kinds: Kind) -> list[Entry]:
        """The entries of these kinds (all where none is named), as this transaction sees them."""
        return read_entries(self.connection, kinds)


class Ledger:
    """The ledger in one database, with a folder for its signed head and the verdicts that intervals start from."""

    def __init__(self, folder: Path, *, url: str | None = None, keys: Path | None = None) -> None:
        """`url`: an SQLAlchemy URL of SQLite or PostgreSQL; default: a file in the folder. Nothing is opened yet."""
        self.folder = folder
        self.url = own_url(
            url or sa.URL.create("sqlite", database=str(folder / DATABASE)), Message("台账", "the ledger")
        )
        self.keys = keys or folder / KEYS
        self._engine: sa.Engine | None = None

    @property
    def place(self) -> str:
        """Where the database is, without its password."""
        return self.url.render_as_string(hide_password=True)

    def exists(self) -> bool:
        """Whether there may be entries: a ledger is made by the first thing that is written to it.

        Its database may be there before, for it can hold the register and the jobs' runs too.
        """
        if not is_there(self.url):
            return False
        with self._explained("read"), self._connected().connect() as connection:
            return sa.inspect(connection).has_table(ENTRIES.name)

    def entries(self, *kinds: Kind) -> list[Entry]:
        """The entries of these kinds (all where none is named), in their order."""
        if not self.exists():
            return []
        with self.reading() as connection:
            return read_entries(connection, kinds)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read by: all that it is asked is of one state of the ledger, whatever is added meanwhile.

        Raises LedgerError for a database that cannot be read.
        """
        with self._explained("read"), self._connected().connect() as connection:
            if not is_sqlite(self.url):  # there, each transaction is like that
                connection.execution_options(isolation_level="REPEATABLE READ")
            if not sa.inspect(connection).has_table(ENTRIES.name):
                raise LedgerError(
                    worded(f"{self.place} 中没有台账", f"{self.place} holds no ledger"),
                    remedy=worded("指定 gate audit 写入的台账", "name the ledger that `gate audit` writes to"),
                )
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """A transaction that no other writer can come between; the head is signed when the block ends.

        Raises LedgerError where the database cannot be written, the ledger's key is missing, or the chain does not end
        where it was signed; then nothing is.
        """
        with self._explained("written"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with beside_when_done(self.folder) as leave, self._connected().connect() as connection, connection.begin():
                take_turn(connection, Turn.LEDGER)
                migrate(connection, METADATA, ALEMBIC_VERSION, REVISION, "ledger")
                end = end_of(connection, kept_beside(self.folder))
                key = signing_key(self.keys, create=end.last is None)
                refuse_unproven_end(end, key.public_key(), self.folder)
                writer = Writer(connection, end.last)
                yield writer
                last = writer.last
                if last is not None and last != end.last:
                    head = Head(last.seq, last.hash, sign(key, last.seq, last.hash))
                    write_into(connection, head)
                    leave(head, last.at)

    def make_tables(self) -> None:
        """Make the tables, or upgrade them, and enter nothing. Raises LedgerError."""
        with self._explained("written"), self._connected().connect() as connection, connection.begin():
            take_turn(connection, Turn.LEDGER)
            migrate(connection, METADATA, ALEMBIC_VERSION, REVISION, "ledger")

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self) -> sa.Engine:
        if self._engine is None:
            self._engine = own_engine(self.url, busy_s=_BUSY_S)
        return self._engine

    @contextlib.contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            raise LedgerError(
                worded(
                    f"无法{'读取' if done == 'read' else '写入'} {self.place} 中的台账：{cause}",
                    f"the ledger {self.place} cannot be {done}: {cause}",
                ),
                remedy=worded(
                    "确认数据库有响应、文件夹可写、磁盘有空间，然后重跑：未完成的会补上",
                    "see that its database answers, its folder can be written to and the disk has room; run again:"
                    " whatever was left undone is done then",
                ),
            ) from error


def ledger_in(out: Path) -> Ledger:
    """The ledger that an audit keeps in its out folder where the configuration names no other."""
    return Ledger(out / FOLDER)


def read_entries(connection: sa.Connection, kinds: tuple[Kind, ...] = ()) -> list[Entry]:
    """The entries of these kinds (all where none is named), in their order."""
    asked = ENTRIES.select().order_by(ENTRIES.c.seq)
    rows = connection.execute(asked.where(ENTRIES.c.kind.in_(kinds)) if kinds else asked)
    return [Entry(*row) for row in rows]


def _columns(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in Entry.__slots__}
