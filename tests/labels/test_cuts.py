"""Which readings of an episode count: of each cut that the catalog has, with the hash that the catalog has of it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from compliance.labels.deciding import Outcome
from compliance.labels.episode import Episode
from compliance.labels.exporting import LABELS, export
from compliance.labels.failures import Failure, UnreadableVideo
from compliance.labels.models import Models
from compliance.labels.pending import locator, pending
from compliance.labels.store import FILE, Evidence
from compliance.labels.tasks import READER, Done, Task
from compliance.labels.working import read_task
from tests.catalogs import NUMBER, write_catalog

OTHER = NUMBER.replace("847205", "847206")
RIGHT = Done(Outcome.VERIFIED, NUMBER, NUMBER, confidence=0.99)
WRONG = Done(Outcome.CONTRADICTED, OTHER, OTHER, confidence=0.99)
ABSENT = Done(Outcome.ABSENT, reason="not_seen")
UNREAD = Done(Outcome.FAILED, reason="corrupt")


def read(store: Evidence, done: Done, media_hash: str | None, *, episode: int | None = 1, file: str = "1.mp4") -> None:
    store.keep(Task(Path(file), NUMBER, "t1", episode, media_hash), done)


def catalog_with(place: Path, *hashes: str | None) -> Path:
    """A catalog whose title t1 has these cuts: of its first episode, as far as there are hashes, then of others."""
    episodes = [
        {"title_id": "t1", "episode_no": 1 if media_hash else number, "media_hash": media_hash}
        for number, media_hash in enumerate(hashes, start=1)
    ]
    shutil.rmtree(place / "catalog", ignore_errors=True)
    return write_catalog(place / "catalog", titles=[{"title_id": "t1"}], episodes=episodes, labels=None)


def findings(place: Path, store: Evidence, catalog: Path, *, looked: bool = True) -> dict[str, str]:
    """What the audit finds of labels by what is exported, once the catalog has been asked what is pending."""
    if looked:
        pending(str(catalog), store, locator("/nowhere/{title_id}.mp4", place), as_of=date(2026, 11, 20))
    export(store)
    shutil.copytree(store.folder / LABELS.parent, catalog / "labels")
    out = place / "out"
    arguments = ["--catalog", str(catalog), "--out", str(out), "--as-of", "2026-11-20", "--no-reports"]
    assert main(["audit", *arguments]) in (0, 1)
    rows = pq.read_table(out / "findings.parquet").to_pylist()
    return {row["rule"]: row["action"] for row in rows if row["rule"].startswith("label-")}


LAYOUT_1 = """
CREATE TABLE readings (
    reading INTEGER PRIMARY KEY,
    file TEXT NOT NULL, size INTEGER, changed_ns INTEGER,
    title_id TEXT, episode_no INTEGER, expected TEXT, media_hash TEXT, reader TEXT NOT NULL,
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
CREATE INDEX by_title ON readings (title_id, episode_no);
PRAGMA user_version = 1;
"""
"""How stores were laid out before cuts without a catalog's hash were told from those with one."""


@pytest.fixture
def store(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "evidence")


def hashes(store: Evidence) -> list[str | None]:
    export(store)
    return [row["media_hash"] for row in pq.read_table(store.folder / LABELS).to_pylist()]


@pytest.mark.parametrize(("done", "found"), [(WRONG, {"label-differs": "hold"}), (RIGHT, {})])
def test_an_episode_without_a_hash_is_never_stale(
    tmp_path: Path, store: Evidence, done: Done, found: dict[str, str]
) -> None:
    """Another episode of the title has one; the file's own would be no episode's."""
    read(store, replace(done, file_sha256="5" * 64), None, episode=2)

    assert hashes(store) == [None]
    assert findings(tmp_path, store, catalog_with(tmp_path, "h1", None)) == found


def test_the_files_own_hash_is_kept_beside_the_catalogs(
    tmp_path: Path, store: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise UnreadableVideo(Failure.CORRUPT, "no matter")

    video = tmp_path / "1.mp4"
    video.write_bytes(b"a cut")
    monkeypatch.setattr(Episode, "read", broken)
    for task in (Task(video, NUMBER, "t1", 1), Task(video, NUMBER, "t1", 2, "etag")):
        store.keep(task, read_task(Models(), task))

    with sqlite3.connect(store.folder / FILE) as con:
        rows = con.execute("SELECT media_hash, file_sha256 FROM readings ORDER BY episode_no").fetchall()
    assert rows == [(None, hashlib.sha256(b"a cut").hexdigest()), ("etag", None)]


def test_both_cuts_of_an_episode_count(tmp_path: Path, store: Evidence) -> None:
    read(store, WRONG, "cut-a")
    read(store, RIGHT, "cut-b")

    assert hashes(store) == ["cut-a", "cut-b"]
    assert findings(tmp_path, store, catalog_with(tmp_path, "cut-a", "cut-b")) == {"label-differs": "hold"}


@pytest.mark.parametrize("before", ["cut-a", None])
def test_a_cut_counts_until_the_one_that_replaced_it_is_read(
    tmp_path: Path, store: Evidence, before: str | None
) -> None:
    read(store, RIGHT, before)
    catalog = catalog_with(tmp_path, "cut-b")

    held = {"label-stale": "hold"} if before else {}
    assert findings(tmp_path, store, catalog) == held
    read(store, UNREAD, "cut-b")
    assert findings(tmp_path, store, catalog_with(tmp_path, "cut-b")) == held
    read(store, ABSENT, "cut-b")
    assert findings(tmp_path, store, catalog_with(tmp_path, "cut-b")) == {"label-missing": "block"}


def test_a_cut_that_comes_back_counts_again(tmp_path: Path, store: Evidence) -> None:
    for media_hash, done in (("cut-a", RIGHT), ("cut-b", WRONG)):
        read(store, done, media_hash)
        found = findings(tmp_path, store, catalog_with(tmp_path, media_hash))
    assert found == {"label-differs": "hold"}

    assert findings(tmp_path, store, catalog_with(tmp_path, "cut-a")) == {}
    assert hashes(store) == ["cut-a"]


def test_videos_of_a_title_without_an_episode_all_count(store: Evidence) -> None:
    read(store, WRONG, None, episode=None, file="a.mp4")
    read(store, UNREAD, None, episode=None, file="b.mp4")
    read(store, RIGHT, None, episode=None, file="b.mp4")
    read(store, RIGHT, None, episode=None, file="b.mp4")

    assert [kept.outcome for kept in store.of_title("t1")] == [Outcome.CONTRADICTED, Outcome.VERIFIED]


def test_a_store_of_the_layout_before_goes_on(tmp_path: Path, store: Evidence) -> None:
    """It is read as it is by whoever only reads, and loses nothing when it is next written to."""
    video, own = tmp_path / "1.mp4", "5" * 64
    video.write_bytes(b"a cut")
    stat = video.stat()
    store.folder.mkdir()
    rows = [(None, None, own), ("t1", 1, "cut-a"), ("t1", 2, own), ("t2", 2**31, "cut-b")]
    with sqlite3.connect(store.folder / FILE) as con:
        con.executescript(LAYOUT_1)
        con.executemany(
            "INSERT INTO readings (file, size, changed_ns, title_id, episode_no, expected, media_hash, reader, outcome,"
            " permit, text, notice_looked_for, frames, cpu_s, read_at)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'verified', '{NUMBER}', '{NUMBER}', 0, 2, 0.1, '2026-11-01')",
            [(str(video), stat.st_size, stat.st_mtime_ns, *row[:2], NUMBER, row[2], READER) for row in rows],
        )
    before = (store.folder / FILE).read_bytes()

    assert [kept.media_hash for kept in store.of_title("t1")] == ["cut-a", own]
    assert (store.folder / FILE).read_bytes() == before
    with Evidence(store.folder).writing() as later:
        assert [kept.media_hash for kept in later.current()] == ["cut-a", own, "cut-b"]
        assert [kept.episode_no for kept in later.of_title("t2")] == [None]
        read(later, WRONG, None, episode=3)
        assert later.of_file(Task(video, NUMBER)) is not None
        assert later.of_file(Task(video, NUMBER, "t1", 1, "cut-a")) is not None
        assert later.of_file(Task(video, NUMBER, "t1", 2)) is None  # whose hash that was, nobody can tell
    assert hashes(Evidence(store.folder)) == ["cut-a", own, None, "cut-b"]
