"""The decision log: no answer leaves before it is on disk, and many answers share one write.

One thread writes. It takes all answers that wait, commits them together and then tells those who wait; while it
writes, the next ones gather. So the cost of a commit is shared by as many as ask at a time.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from compliance.errors import GateError
from compliance.language import worded
from compliance.resources import sql_folder

_BUSY_MS = 10_000
_CLOSE = None
_INSERT = (
    "INSERT INTO answers (answered_at, asked_by, request, state_run, state_as_of, as_of, rules_revision, decided)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


class LogError(GateError):
    """An answer could not be written down: it must not be given."""


class Answer(NamedTuple):
    """One answer of the service, with everything needed to repeat it."""

    answered_at: str
    asked_by: str
    request: str
    state_run: str
    state_as_of: str
    as_of: str
    rules_revision: str
    decided: str
    """JSON: a list with one object a title: title_id, decision, permit, findings (action by rule), reason."""


Told = Callable[[Exception | None], None]
"""Called by the writing thread once an answer is on disk (None), or cannot be written."""

_TRIAL = Answer("", "", "", "", "", "", "", "[]"), lambda _: None
"""Stands among the answers that wait; it is never kept."""


class DecisionLog:
    """Appends answers to an SQLite database. Several processes may write to one database."""

    def __init__(self, path: Path) -> None:
        """Open or create the database and start the writing thread. Raises LogError where that fails."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            self._database.execute("PRAGMA journal_mode = WAL")
            # FULL: a commit is on disk before it returns, so that not even a power cut takes back an answer.
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript((sql_folder() / "ledger" / "decisions.sql").read_text(encoding="utf-8"))
        except (sqlite3.Error, OSError) as error:
            raise LogError(
                worded(f"无法打开判定日志 {path}：{error}", f"the decision log {path} cannot be opened: {error}"),
                remedy=worded("用 --log 指定本用户可写的位置", "give a place that this user may write to with --log"),
            ) from error
        self.problem: Exception | None = None
        """Why the last answer could not be written; None where it could, or a later trial went well."""
        self._waiting: SimpleQueue[tuple[Answer, Told] | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._write_all, name="decision-log", daemon=True)
        self._thread.start()

    def record(self, answer: Answer, told: Told) -> None:
        """Write the answer down soon. `told` is called from the writing thread, or at once where the log is closed."""
        with self._closing:
            if not self._closed:
                self._waiting.put((answer, told))
                return
        told(LogError(worded(f"判定日志 {self.path} 已关闭", f"the decision log {self.path} is closed")))

    def try_again(self) -> None:
        """Have the log find out whether it can be written again: without answers to write it would not notice."""
        if self.problem is not None and not self._waiting.qsize():
            self._waiting.put(_TRIAL)

    @property
    def backlog(self) -> int:
        """Answers that wait to be written, about."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Write what waits and close the database."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(_CLOSE)
        self._thread.join()
        self._database.close()

    def _write_all(self) -> None:
        closing = False
        while not closing:
            gathered = [self._waiting.get()]
            while not self._waiting.empty():
                gathered.append(self._waiting.get())
            closing = _CLOSE in gathered
            answers = [waiting for waiting in gathered if waiting is not None and waiting is not _TRIAL]
            if answers:
                self.problem = self._write([answer for answer, _ in answers])
            elif _TRIAL in gathered:
                self.problem = self._try()
            for _, told in answers:
                told(self.problem)

    def _write(self, answers: Sequence[Answer]) -> Exception | None:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(_INSERT, answers)
            self._database.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must be told, and the thread must live
            self._roll_back()
            return self._unwritten(error)
        return None

    def _try(self) -> Exception | None:
        """Write as an answer is written, and leave no trace of it: the commit is of a number that stays what it is."""
        try:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("SAVEPOINT trial")
            self._database.execute(_INSERT, _TRIAL[0])
            self._database.execute("ROLLBACK TO trial")
            self._database.execute("PRAGMA user_version = 0")
            self._database.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it is, the log cannot be written, and the thread must live
            self._roll_back()
            return self._unwritten(error)
        return None

    def _unwritten(self, error: Exception) -> LogError:
        return LogError(
            worded(f"无法写入判定日志 {self.path}：{error}", f"the decision log {self.path} cannot be written: {error}")
        )

    def _roll_back(self) -> None:
        """Leave no transaction open. A full disk may have ended it, and what went wrong first is what is told."""
        with contextlib.suppress(sqlite3.Error):
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
