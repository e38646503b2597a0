"""The evidence store: a folder with every reading in a SQLite file and the frame crops beside it.

A reading is there with all its crops or not at all: crops are on the disk before the row that names them is committed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from compliance import clock
from compliance.errors import ConfigurationError, GateError
from compliance.files import locked, write_durably
from compliance.labels.deciding import Outcome
from compliance.labels.tasks import READER, Done, Kept, Task
from compliance.language import Message, worded

FILE, CROPS, LOCK = "readings.sqlite", "crops", ".lock"
_BUSY_S = 60
_LAYOUT = 2
_BATCH = 50_000
_REPLACED = "TABLE replaced (title_id TEXT NOT NULL, episode_no INTEGER NOT NULL, media_hash TEXT) STRICT"
"""Cuts that the catalog had no longer when it was last asked what is pending."""
_TABLES = f"""
CREATE TABLE readings (
    reading INTEGER PRIMARY KEY,
    file TEXT NOT NULL, size INTEGER, changed_ns INTEGER,
    title_id TEXT, episode_no INTEGER, expected TEXT, media_hash TEXT, file_sha256 TEXT,
    reader TEXT NOT NULL,
    outcome TEXT NOT NULL, permit TEXT, text TEXT, at_s REAL, confidence REAL, reason TEXT, detail TEXT,
    notice TEXT, notice_at_s REAL, notice_confidence REAL, notice_evidence TEXT, notice_looked_for INTEGER NOT NULL,
    duration_s REAL, frames INTEGER NOT NULL, cpu_s REAL NOT NULL, read_at TEXT NOT NULL
) STRICT;
CREATE TABLE evidence (
    reading INTEGER NOT NULL REFERENCES readings, place INTEGER NOT NULL, path TEXT NOT NULL,
    at_s REAL NOT NULL, x0 INTEGER NOT NULL, y0 INTEGER NOT NULL, x1 INTEGER NOT NULL, y1 INTEGER NOT NULL,
    text TEXT NOT NULL, confidence REAL NOT NULL, deficit REAL, frame_sha256 TEXT NOT NULL, averaged INTEGER NOT NULL,
    PRIMARY KEY (reading, place)
) STRICT;
CREATE INDEX by_file ON readings (file);
CREATE {_REPLACED};
CREATE INDEX by_title ON readings (title_id, episode_no);
CREATE INDEX by_cut ON replaced (title_id, episode_no);
"""
_FROM_1 = f"""
DROP TABLE temp.replaced;
BEGIN;
ALTER TABLE readings ADD COLUMN file_sha256 TEXT;
CREATE {_REPLACED};
CREATE INDEX by_cut ON replaced (title_id, episode_no);
UPDATE readings SET file_sha256 = media_hash, media_hash = NULL WHERE title_id IS NULL AND length(media_hash) = 64;
UPDATE readings SET episode_no = NULL WHERE episode_no NOT BETWEEN 0 AND 2147483647;
PRAGMA user_version = {_LAYOUT};
COMMIT;
"""
"""Layout 1 had the file's SHA-256 in the place of a hash that the catalog has not. Of a title's episode nobody can tell
that from a catalog's own SHA-256: such rows stay as they are, answer no task without a hash, and are read once more.
Numbers of episodes that no catalog can hold could not be exported either."""
_CURRENT = """
SELECT reading FROM (
    SELECT reading, gone, row_number() OVER (
        PARTITION BY title_id, episode_no, media_hash, CASE WHEN episode_no IS NULL THEN file END
        ORDER BY outcome = 'failed', reading DESC
    ) AS place, max(outcome <> 'failed' AND NOT gone) OVER (PARTITION BY title_id, episode_no) AS followed
    FROM (
        SELECT *, EXISTS (
            SELECT * FROM replaced p
            WHERE p.title_id = r.title_id AND p.episode_no = r.episode_no AND p.media_hash IS r.media_hash
        ) AS gone
        FROM readings r WHERE {where}
    )
) WHERE place = 1 AND NOT (gone AND followed)
"""
_KEPT = (
    "file", "expected", "title_id", "episode_no", "outcome", "permit", "text", "at_s", "confidence", "reason",
    "detail", "media_hash", "read_at", "notice", "notice_at_s", "notice_evidence",
)  # fmt: skip
_ANEW = Message(
    "从备份放回；没有备份的，把它移走：各集视频会重新读取",
    "put it back from a backup; without one move it away: the videos are read anew",
)
_AS_ITS_USER = Message(
    "稍后再试；仍不行的，以写入它的用户运行一次 gate labels export FILE：上次中断的写入由此了结",
    "try again later; where that does not help, run `gate labels export FILE` once as the user that writes it: that"
    " settles what was broken off",
)


class EvidenceError(GateError):
    """The store cannot be read or written (exit 3)."""

    def __init__(self, file: Path, error: Exception) -> None:
        self.note = f"the evidence store {file} cannot be used: {error}"
        """The same in English, for what does not depend on the language."""
        damaged = not isinstance(error, sqlite3.OperationalError | OSError)
        super().__init__(
            worded(f"证据库 {file} 不能用：{error}", self.note), remedy=_ANEW() if damaged else _AS_ITS_USER()
        )


class Evidence:
    """The readings and crops of one folder. Whatever needs them raises EvidenceError where they cannot be had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Whether anything has been read into this folder."""
        with self._at_work():
            return (self.folder / FILE).is_file()

    def prove(self) -> int:
        """How many readings there are. Raises EvidenceError where the file is damaged anywhere."""
        with self._at_work():
            con = self._connection()
            (said,) = con.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(said)
            return int(con.execute("SELECT count(*) FROM readings").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[Evidence]:
        """Alone for as long as this lasts.

        Raises GateError where another process is at work on the folder, or nothing can be written there.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                worded(
                    f"证据文件夹 {self.folder} 不能用：{error}",
                    f"the folder of evidence {self.folder} cannot be used: {error}",
                ),
                remedy=worded("用 --evidence 指定可写的文件夹", "name a folder that can be written to with --evidence"),
            ) from error
        try:
            with locked(self.folder / LOCK, patience_s=0):
                self._bring_up_to_date()
                yield self
        except TimeoutError:
            raise GateError(
                worded(
                    f"另一个进程正在向 {self.folder} 读取标注",
                    f"another process is reading labels into {self.folder}",
                ),
                remedy=worded(
                    "等它结束，或用 --evidence 指定另一个文件夹",
                    "wait for it, or name another folder with --evidence",
                ),
            ) from None

    def keep(self, task: Task, done: Done) -> Kept:
        """Put a reading on the disk with its crops; when this returns, a power cut loses nothing of it."""
        names = [
            self._crop(task, done, f"{crop.sighting.at_s:.3f}-{n}", crop.jpeg) for n, crop in enumerate(done.crops)
        ]
        notice = done.notice
        notice_name = None if notice is None else self._crop(task, done, f"notice-{notice.at_s:.3f}", notice.jpeg)
        read_at = clock.wall_time()
        row = {
            "file": task.name, "size": done.size, "changed_ns": done.changed_ns,
            "title_id": task.title_id, "episode_no": task.episode_no, "expected": task.expected,
            "media_hash": task.media_hash, "file_sha256": done.file_sha256, "reader": READER,
            "outcome": str(done.outcome), "permit": done.number, "text": done.text, "at_s": done.at_s,
            "confidence": done.confidence, "reason": done.reason, "detail": done.detail,
            "notice": notice and notice.text, "notice_at_s": notice and notice.at_s,
            "notice_confidence": notice and notice.confidence, "notice_evidence": notice_name,
            "notice_looked_for": int(done.notice_looked_for),
            "duration_s": done.duration_s, "frames": done.frames, "cpu_s": done.cpu_s, "read_at": read_at.isoformat(),
        }  # fmt: skip
        with self._at_work(), self._connection() as con:
            marks = ", ".join(f":{name}" for name in row)
            reading = con.execute(f"INSERT INTO readings ({', '.join(row)}) VALUES ({marks})", row).lastrowid
            con.executemany(
                "INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (reading, place, name, crop.sighting.at_s, *crop.sighting.box, crop.sighting.text,
                     crop.sighting.confidence, crop.sighting.deficit if crop.sighting.deficit < 1e9 else None,
                     crop.sighting.frame_sha256, int(crop.sighting.averaged))
                    for place, (name, crop) in enumerate(zip(names, done.crops, strict=True))
                ],
            )  # fmt: skip
        return next(self._kept("reading = ?", (reading,)))

    def of_file(self, task: Task) -> Kept | None:
        """The reading that answers the task; None where there is none.

        It is of this file, unchanged since, with the catalog's number and hash in mind, and with the AI notice looked
        for where that is wanted. One that failed counts as well: the same bytes fail again.
        """
        try:
            stat = task.file.stat()
        except OSError:
            return None
        found = self._kept(
            "file = ? AND size = ? AND changed_ns = ? AND expected IS ? AND title_id IS ? AND episode_no IS ?"
            " AND media_hash IS ?"
            " AND (NOT ? OR notice IS NOT NULL OR notice_looked_for OR outcome = 'failed')"
            " AND reader = ? AND coalesce(reason, '') NOT IN ('took_too_long', 'reader_crashed')",
            (
                task.name,
                stat.st_size,
                stat.st_mtime_ns,
                task.expected,
                task.title_id,
                task.episode_no,
                task.media_hash,
                task.notice_wanted,
                READER,
            ),
        )
        return next(found, None)

    def fresh(self, schema: pa.Schema, reader: str) -> pa.Table:
        """Title, episode, hash, number, whether the AI notice is settled, and size and time of the file as it was read.

        Of all readings that count as fresh.
        None that failed is: the file may be a whole one by now, of the same hash in the catalog (`of_file` tells).
        """
        return self._table(
            "SELECT title_id, episode_no, media_hash, expected, notice IS NOT NULL OR notice_looked_for, size,"
            " changed_ns FROM readings WHERE title_id IS NOT NULL AND reader = ? AND outcome <> 'failed'",
            (reader,),
            schema,
        )

    def cuts(self, schema: pa.Schema) -> pa.Table:
        """Title, episode and hash of all that was ever read of a catalog's episodes."""
        return self._table(
            "SELECT DISTINCT title_id, episode_no, media_hash FROM readings"
            " WHERE title_id IS NOT NULL AND episode_no IS NOT NULL",
            (),
            schema,
        )

    def replace(self, cuts: Sequence[tuple[str, int, str | None]]) -> None:
        """Say which cuts the catalog has no longer; all others are taken to be in it."""
        with self._at_work(), self._connection() as con:
            con.execute("DELETE FROM replaced")
            con.executemany("INSERT INTO replaced VALUES (?, ?, ?)", cuts)

    def of_title(self, title_id: str) -> list[Kept]:
        """What `current` says of a title."""
        return list(self.of_titles([title_id]))

    def of_titles(self, title_ids: Sequence[str]) -> Iterator[Kept]:
        """The same of several titles, in order of title and episode."""
        if self.exists():
            yield from self._current("title_id IN (SELECT value FROM json_each(?))", (json.dumps(list(title_ids)),))

    def current(self) -> Iterator[Kept]:
        """The reading that counts of each cut of an episode: the last one that did not fail, else the last one.

        A cut that the catalog has no longer counts until one that it has has been read: it is what holds the title
        till then. Of videos that are of a title and no one knows which episode, each counts.
        """
        yield from self._current("title_id IS NOT NULL", ())

    def _current(self, where: str, values: Sequence[object]) -> Iterator[Kept]:
        current = _CURRENT.format(where=where)
        yield from self._kept(f"reading IN ({current})", values, order="title_id, episode_no, reading")

    def _table(self, query: str, values: Sequence[object], schema: pa.Schema) -> pa.Table:
        batches = []
        with self._at_work():
            rows = self._connection().execute(query, values)
            while some := rows.fetchmany(_BATCH):
                columns = zip(*some, strict=True)
                arrays = [pa.array(each).cast(field.type) for each, field in zip(columns, schema, strict=True)]
                batches.append(pa.record_batch(arrays, schema))
        return pa.Table.from_batches(batches, schema)

    def _bring_up_to_date(self) -> None:
        if self.exists():
            with self._at_work():
                con = self._connection()
                if con.execute("PRAGMA user_version").fetchone() == (1,):
                    con.executescript(_FROM_1)

    def _crop(self, task: Task, done: Done, which: str, jpeg: bytes) -> str:
        video = f"{task.media_hash or done.file_sha256}|{done.size}|{done.changed_ns}|{task.name}"
        said = f"{video}|{task.expected}|{which}|{READER}"
        name = hashlib.sha256(said.encode()).hexdigest()[:40]
        path = Path(CROPS) / name[:2] / f"{name}.jpg"
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / path, jpeg)
        return path.as_posix()

    def _kept(self, where: str, values: Sequence[object], *, order: str = "reading DESC") -> Iterator[Kept]:
        query = f"SELECT reading, {', '.join(_KEPT)} FROM readings WHERE {where} ORDER BY {order}"
        with self._at_work():
            con = self._connection()
            for reading, *row in con.execute(query, values):
                paths = con.execute("SELECT path FROM evidence WHERE reading = ? ORDER BY place", (reading,)).fetchall()
                said: dict[str, Any] = dict(zip(_KEPT, row, strict=True))
                said["outcome"], said["read_at"] = Outcome(said["outcome"]), datetime.fromisoformat(said["read_at"])
                yield Kept(**said, evidence=tuple(path for (path,) in paths))

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Raises EvidenceError for what SQLite cannot do with the file, or finds in it that is no reading."""
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            raise EvidenceError(self.folder / FILE, error) from error

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            con = sqlite3.connect(self.folder / FILE, timeout=_BUSY_S)
            # Not WAL: with that whoever only reads, such as `gate explain`, must be able to write.
            con.execute("PRAGMA journal_mode = DELETE")
            con.execute("PRAGMA synchronous = FULL")
            (layout,) = con.execute("PRAGMA user_version").fetchone()
            if layout == 0:
                con.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")
            elif layout == 1:
                con.execute(f"CREATE TEMP {_REPLACED}")  # whoever only reads may be unable to change the layout
            elif layout != _LAYOUT:
                raise GateError(
                    worded(
                        f"{self.folder / FILE} 的格式是 {layout}，本程序只认识 {_LAYOUT}",
                        f"{self.folder / FILE} has layout {layout}, and this program knows {_LAYOUT}",
                    ),
                    remedy=worded(
                        "使用写入它的那个版本的 microdrama-gate，或更新的版本",
                        "use the version of microdrama-gate that wrote it, or a newer one",
                    ),
                )
            self._open = con
        return self._open
