"""The database of the jobs: opened, migrated, and one transaction at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from compliance.errors import GateError
from compliance.files import locked
from compliance.language import Message, worded
from compliance.ledger.migrating import migrate
from compliance.own_database import Turn, is_sqlite, own_engine, own_url, take_turn
from jobs.clockwork.tables import METADATA, REVISION, VERSION

if TYPE_CHECKING:
    from compliance.ledger.store import Ledger

FILE = "jobs.sqlite"
_BUSY_S = 10
_STATEMENT_S = 30
"""A server that has gone must be noticed: no statement and no wait for a lock may hang."""
TELLING_S = 30.0
"""So long a process waits for its turn to tell, no longer than for any other lock."""
_WAITED_TOO_LONG = ("55P03", "57014")
"""What PostgreSQL says where a lock, or a statement, has taken too long."""


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
        self.url = own_url(url, Message("任务记录", "the jobs' records"))
        self._engine: sa.Engine | None = None
        self._migrated = False

    @property
    def place(self) -> str:
        """Where it is, without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction that no other comes between. Raises JobsDatabaseError; then nothing was written."""
        try:
            with self._connected().connect() as connection, connection.begin():
                take_turn(connection, Turn.JOBS)
                if not self._migrated:
                    migrate(connection, METADATA, VERSION, REVISION, "jobs")
                yield connection
            self._migrated = True
        except (sa.exc.SQLAlchemyError, OSError) as error:
            # What comes back may be another one: a folder made anew, a standby that was promoted.
            self.close()
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

    @contextlib.contextmanager
    def telling(self) -> Iterator[bool]:
        """Whether this process may send what waits to be told: one does at a time, so that nobody is told twice.

        The turn is freed however its holder ends. False where somebody keeps it for too long: it sends ours, too, or
        the next who comes does. A transaction it is not: to send takes as long as channels take.
        """
        with contextlib.ExitStack() as held:
            try:
                if is_sqlite(self.url):
                    place = Path(self.url.database or FILE).with_suffix(".telling")
                    held.enter_context(locked(place, patience_s=TELLING_S))
                else:
                    connection = held.enter_context(self._connected().connect())
                    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                    connection.exec_driver_sql(f"SELECT pg_advisory_lock({Turn.TELLING.value})")
                mine = True
            except TimeoutError:
                mine = False
            except (sa.exc.SQLAlchemyError, OSError) as error:
                # Where there is no database there is no turn, either: the transaction that comes next will tell.
                mine = getattr(getattr(error, "orig", None), "sqlstate", None) not in _WAITED_TOO_LONG
            yield mine

    def close(self) -> None:
        """Let go of the database; the next transaction makes sure of its tables again."""
        self._migrated = False
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self) -> sa.Engine:
        if self._engine is None:
            if is_sqlite(self.url):
                Path(self.url.database or FILE).parent.mkdir(parents=True, exist_ok=True)
            self._engine = own_engine(self.url, busy_s=_BUSY_S, statement_s=_STATEMENT_S)
        return self._engine
