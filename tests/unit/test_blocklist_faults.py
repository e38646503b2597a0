"""Publication under faults that really happen: kills, full disks, folders and databases that refuse, two at once."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.blocklist.client import pull
from compliance.blocklist.repository import trusted_root
from compliance.blocklist.verification import verify_versions
from compliance.errors import GateError
from compliance.ledger.verification import verify_ledger
from tests.lists import LAW, publish, publisher, write_listing

IN_FULL = os.environ.get("GATE_CI") == "1"
"""CI kills at every operation and at random ones; elsewhere a part of that is tried: it takes a while."""
KILLS = 240 if IN_FULL else 20
TURNS = 100 if IN_FULL else 6

PUBLISHER = """
import sys
from pathlib import Path
from tests.lists import publish
for turn in range(int(sys.argv[3])):
    print(publish(Path(sys.argv[1]), f"{sys.argv[2]}{turn}", sys.argv[2], f"t{turn}"), flush=True)
"""


def read(home: Path) -> tuple[int, list[str]]:
    """What a new reader gets, which proves every byte of it."""
    reader = home / f"reader-{len(list(home.iterdir()))}"
    now = pull(str(home / "blocklist"), reader, root=trusted_root(home / "blocklist"))
    lines = (now.folder / "block_list.jsonl").read_text().splitlines()
    return now.version, [json.loads(line)["title_id"] for line in lines]


def broken(home: Path) -> list[Any]:
    """Whatever in versions and ledger is not what was written."""
    return [*verify_versions(publisher(home)), *verify_ledger(publisher(home).ledger)]


def test_a_kill_at_any_operation_leaves_readers_a_whole_list_and_loses_nothing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.killing", str(tmp_path), str(KILLS)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    assert seen["problems"] == []
    assert seen["killed"] >= KILLS * 9 // 10  # a publication that has less to tidy up ends before some of the points
    assert seen["last"] == {"version": seen["in_force"]}
    for log in tmp_path.glob("reader*.log"):
        pulls = [json.loads(line) for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        assert [one["problem"] for one in pulls if "problem" in one] == []
        versions = [one["version"] for one in pulls]
        assert versions == sorted(versions)
        assert len(set(versions)) > 1


def test_two_publishers_at_once_lose_no_version(tmp_path: Path) -> None:
    """Each of two processes publishes half a hundred times into the same folder and ledger."""
    command = [sys.executable, "-c", PUBLISHER, str(tmp_path)]
    both = [
        subprocess.Popen([*command, name, str(TURNS // 2)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    told = []
    for process in both:
        stdout, stderr = process.communicate()
        assert process.returncode == 0, stderr
        told.append([int(line) for line in stdout.split()])
    assert [versions == sorted(versions) for versions in told] == [True, True]
    assert sorted(told[0] + told[1]) == list(range(1, TURNS + 1))
    published = [entry.said["version"] for entry in publisher(tmp_path).ledger.entries("publication")]
    assert published == list(range(1, TURNS + 1))
    assert broken(tmp_path) == []
    assert read(tmp_path)[0] == TURNS


def failing(home: Path, run: Path) -> str:
    with pytest.raises(GateError) as caught:
        publisher(home).propose(run, LAW)
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("room", [0, 150, 700, 1_500, 3_000, 5_000, 20_000])
def test_a_full_disk_leaves_the_list_before(tmp_path: Path, room: int) -> None:
    """The kernel refuses what goes beyond `room` bytes of a file: each step of a publication meets it somewhere."""
    publish(tmp_path, "r0", "t0")
    run = write_listing(tmp_path / "runs", "r1", ["t1"])
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        says = failing(tmp_path, run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert "File too large" in says or "disk" in says
    assert read(tmp_path) == (1, ["t0"])
    publish(tmp_path, "r2", "t1", "t2")
    assert read(tmp_path)[1] == ["t1", "t2"]
    assert broken(tmp_path) == []


def test_a_database_that_dies_between_any_two_statements_leaves_a_whole_list(tmp_path: Path) -> None:
    publish(tmp_path, "r0", "t0")
    last, count = 0, 0

    def dying(*_: object) -> None:
        nonlocal count
        count += 1
        if count > last:
            raise sqlite3.OperationalError("the database has died")

    said = ["the database has died"]
    while said:
        run, before, count = write_listing(tmp_path / "runs", f"r{last + 1}", [f"t{last}"]), read(tmp_path), 0
        sa.event.listen(sa.Engine, "before_cursor_execute", dying)
        try:
            publisher(tmp_path).propose(run, LAW)
            said = []
        except GateError as error:
            said = [str(error), error.remedy]
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", dying)
        assert all(said)
        publisher(tmp_path).settle()
        assert read(tmp_path)[1] in ((before[1], [f"t{last}"]) if said else ([f"t{last}"],))
        last += 1
    assert last > 10
    assert broken(tmp_path) == []


@pytest.mark.parametrize("folder", ["blocklist/versions", "blocklist/metadata", "ledger"])
def test_a_folder_that_takes_no_files_leaves_the_list_before(tmp_path: Path, folder: str) -> None:
    publish(tmp_path, "r0", "t0")
    run = write_listing(tmp_path / "runs", "r1", ["t1"])
    (tmp_path / folder).chmod(0o500)
    if os.access(tmp_path / folder, os.W_OK):
        pytest.skip("not run: this user may write everywhere")
    says = failing(tmp_path, run)
    (tmp_path / folder).chmod(0o700)
    assert "cannot be" in says
    assert read(tmp_path) == (1, ["t0"])
    assert publisher(tmp_path).propose(run, LAW).version >= 2
    assert read(tmp_path)[1] == ["t1"]
    assert broken(tmp_path) == []


def test_a_pointer_that_lags_is_put_right_by_the_next_start(tmp_path: Path) -> None:
    publish(tmp_path, "r1", "t1")
    kept = {
        path: path.read_bytes() for path in (tmp_path / "blocklist").glob("**/*.json") if "versions" not in str(path)
    }
    publish(tmp_path, "r2", "t2")
    for path in (tmp_path / "blocklist/metadata").iterdir():
        if path not in kept:
            path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)
    assert read(tmp_path) == (1, ["t1"])
    publisher(tmp_path).settle()
    assert read(tmp_path) == (2, ["t2"])
    assert broken(tmp_path) == []
