"""A publisher's folder in which something is lost, damaged, or not its own: no list gone, none unproven handed on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
import time_machine

from compliance import clock
from compliance.blocklist.client import pull
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.repository import SNAPSHOT_DAYS, TARGETS_DAYS, trusted_root
from compliance.blocklist.verification import verify_versions
from tests.lists import publish, publisher


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two versions, and a reader who follows."""
    publish(tmp_path, "r1", "t1", "t2")
    publish(tmp_path, "r2", "t1", "t3")
    read(tmp_path)
    return tmp_path


def read(home: Path) -> tuple[int, list[str]]:
    """What the reader has after following once more."""
    now = pull(str(home / "blocklist"), home / "reader", root=trusted_root(home / "blocklist"))
    lines = (now.folder / "block_list.jsonl").read_text(encoding="utf-8").splitlines()
    return now.version, [json.loads(line)["title_id"] for line in lines]


def version(home: Path, number: int) -> Path:
    return home / "blocklist" / "versions" / f"{number:06}"


@pytest.mark.parametrize("name", [".DS_Store", "000001.bak", "lost+found", ".nfs0000001"])
@pytest.mark.parametrize("folder", [True, False])
def test_what_somebody_keeps_beside_the_versions_stops_nothing(home: Path, name: str, folder: bool) -> None:
    beside = home / "blocklist" / "versions" / name
    if folder:
        beside.mkdir()
    else:
        beside.write_text("somebody's")
    publish(home, "r3", "t1")
    assert read(home) == (3, ["t1"])
    assert beside.exists()


@pytest.mark.parametrize("pointer", ["kept", "lost"])
def test_versions_that_the_ledger_does_not_know_are_never_removed(home: Path, pointer: str) -> None:
    """They may be all that proves those nights: it is the ledger that is the wrong one."""
    shutil.rmtree(home / "ledger")
    if pointer == "lost":
        (home / "blocklist" / "latest.json").unlink()
    before = {path: path.read_bytes() for path in version(home, 1).parent.rglob("*") if path.is_file()}
    with pytest.raises(BlockListError, match="does not know it"):
        publish(home, "r3", "t1")
    assert {path: path.read_bytes() for path in version(home, 1).parent.rglob("*") if path.is_file()} == before


def test_a_version_far_ahead_of_the_ledger_is_not_removed(home: Path) -> None:
    shutil.copytree(version(home, 2), version(home, 9))
    with pytest.raises(BlockListError, match=r"version 9 is in .* does not know it"):
        publish(home, "r3", "t1")
    assert version(home, 9).is_dir()


@pytest.mark.parametrize("name", ["block_list.parquet", "block_list.csv"])
def test_whoever_writes_into_a_run_s_file_does_not_change_the_version(home: Path, name: str) -> None:
    for run in ("r1", "r2"):
        with (home / "runs" / run / name).open("r+b") as written:
            written.write(b"somebody's own")
    assert verify_versions(publisher(home)) == []


def test_a_version_that_was_changed_is_not_signed(home: Path) -> None:
    """A pointer that lags is put right by the next start: only with what the ledger proves."""
    manifest = version(home, 2) / "version.json"
    content = manifest.read_text(encoding="utf-8")
    manifest.write_text(content.replace('"entries": 2', '"entries": 0'), encoding="utf-8")
    (home / "blocklist" / "latest.json").unlink()
    with pytest.raises(BlockListError, match="not what the ledger proves"):
        publisher(home).settle()
    manifest.write_text(content, encoding="utf-8")
    publisher(home).settle()
    assert read(home) == (2, ["t1", "t3"])


@pytest.mark.parametrize("damage", [shutil.rmtree, lambda folder: (folder / "version.json").write_text("{")])
def test_an_older_version_that_is_lost_keeps_no_newer_one_back(home: Path, damage: Callable[[Path], object]) -> None:
    """It would only have given a delta."""
    damage(version(home, 1))
    publish(home, "r3", "t1")
    assert read(home) == (3, ["t1"])
    assert any("version 1 of the block list cannot be read" in problem for problem in verify_versions(publisher(home)))


@pytest.mark.parametrize("content", [b"", b"garbage\n", None])
def test_a_list_in_force_that_is_damaged_gives_no_delta_and_keeps_nothing_back(
    home: Path, content: bytes | None
) -> None:
    path = version(home, 2) / "block_list.jsonl"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    publish(home, "r3", "t1", "t4")
    assert json.loads((version(home, 3) / "version.json").read_text())["delta"] is None
    assert read(home) == (3, ["t1", "t4"])


def test_no_list_is_compared_with_one_in_force_that_somebody_has_emptied(home: Path) -> None:
    """Beside an empty list nothing is removed, and the guard would let everything go."""
    path = version(home, 2) / "block_list.parquet"
    content = path.read_bytes()
    duckdb.execute(f"COPY (FROM '{path}' LIMIT 0) TO '{path}.empty' (FORMAT parquet)")
    Path(f"{path}.empty").replace(path)
    with pytest.raises(BlockListError, match=r"block_list\.parquet is missing or not what was published"):
        publish(home, "r3")
    path.write_bytes(content)
    publish(home, "r4", "t1")
    assert read(home) == (3, ["t1"])


@pytest.mark.parametrize("content", [b"", b"{", None])
def test_a_timestamp_that_is_lost_is_written_anew_and_readers_go_on(home: Path, content: bytes | None) -> None:
    path = home / "blocklist" / "metadata" / "timestamp.json"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    publish(home, "r3", "t1")
    assert read(home) == (3, ["t1"])


def test_a_timestamp_that_is_lost_is_written_anew_while_a_list_is_held(home: Path) -> None:
    (home / "blocklist" / "metadata" / "timestamp.json").unlink()
    publisher(home).repository.renew()
    assert read(home) == (2, ["t1", "t3"])


@pytest.mark.parametrize("name", ["1.root.json", "2.snapshot.json", "2.targets.json"])
def test_metadata_that_is_damaged_is_told_in_words(home: Path, name: str) -> None:
    path = home / "blocklist" / "metadata" / name
    content = path.read_bytes()
    path.write_bytes(b"")
    with pytest.raises(BlockListError, match=f"{name} cannot be read") as caught:
        publisher(home).repository.renew()
    assert caught.value.remedy
    path.write_bytes(content)
    publisher(home).repository.renew()
    assert read(home)[0] == 2


def test_a_list_that_is_held_for_months_is_not_taken_for_a_frozen_one(home: Path) -> None:
    """Each night renews what readers follow: not the timestamp alone, but whatever would expire."""
    start = clock.now()
    for day in range(1, max(SNAPSHOT_DAYS, TARGETS_DAYS) + 10):
        with time_machine.travel(start + timedelta(days=day)):
            publisher(home).repository.renew()
            if day % 10 == 0:
                assert read(home) == (2, ["t1", "t3"])


def test_rotations_that_were_killed_do_not_stop_publication(home: Path) -> None:
    """Each leaves a key that no root names; the newest of those that one names signs, however many came after."""
    for _ in range(3):
        publisher(home).repository.keys.add("online")
    publish(home, "r3", "t1")
    assert read(home) == (3, ["t1"])
    publisher(home).rotate(root=False)
    publish(home, "r4", "t4")
    assert read(home) == (4, ["t4"])
