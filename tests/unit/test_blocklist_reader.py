"""What a reader keeps: a list that is not whole any more is never taken for one on which nothing stands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from compliance.blocklist.client import Pulled, pull, pulled
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.repository import trusted_root
from tests.lists import publish, publisher

TITLES = ["t1", "t2"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A version in force, and a reader who has pulled it in all forms."""
    publish(tmp_path, "r1", *TITLES)
    fetch(tmp_path, "parquet", "csv")
    return tmp_path


def fetch(home: Path, *forms: str) -> Pulled:
    return pull(str(home / "blocklist"), home / "reader", root=trusted_root(home / "blocklist"), forms=forms)


def listed(folder: Path) -> list[str]:
    lines = (folder / "block_list.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["title_id"] for line in lines]


def cut(name: str) -> Callable[[Path], None]:
    """As a full disk or a clumsy script leaves a file."""
    return lambda current: (current / name).write_bytes((current / name).read_bytes()[:40]) and None


def emptied(name: str) -> Callable[[Path], None]:
    return lambda current: (current / name).write_bytes(b"") and None


def removed(name: str) -> Callable[[Path], None]:
    return lambda current: (current / name).unlink()


def says_nothing(current: Path) -> None:
    (current / "version.json").write_text("{}")


def without_its_folder(current: Path) -> None:
    shutil.rmtree(current.resolve())


DAMAGE = [
    emptied("block_list.jsonl"),
    cut("block_list.jsonl"),
    removed("block_list.jsonl"),
    emptied("version.json"),
    cut("version.json"),
    removed("version.json"),
    says_nothing,
    without_its_folder,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_list_is_told_and_pulled_anew(home: Path, damage: Callable[[Path], None]) -> None:
    """The version in force is the one that was pulled: that its number is known does not make the file whole."""
    damage(home / "reader" / "current")
    with pytest.raises(BlockListError, match="nobody can tell what is listed, release nothing by it"):
        pulled(home / "reader")
    assert listed(fetch(home).folder) == TITLES
    now = pulled(home / "reader")
    assert now is not None
    assert (now.version, listed(home / "reader" / "current")) == (1, TITLES)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_list_is_no_list_that_stays(home: Path, damage: Callable[[Path], None]) -> None:
    damage(home / "reader" / "current")
    shutil.rmtree(home / "blocklist" / "targets")
    with pytest.raises(BlockListError, match="is not whole any more") as caught:
        pull(str(home / "blocklist"), home / "reader")
    assert "stays" not in str(caught.value)


@pytest.mark.parametrize("name", ["block_list.parquet", "block_list.csv"])
def test_another_form_that_is_damaged_is_pulled_anew(home: Path, name: str) -> None:
    emptied(name)(home / "reader" / "current")
    now = fetch(home, "parquet", "csv")
    assert (now.folder / name).read_bytes() == (home / "blocklist" / "versions" / "000001" / name).read_bytes()


def test_another_list_under_a_known_number_is_taken(home: Path) -> None:
    """A publisher who lost a night and began again from a backup gives the number anew."""
    for name in ("ledger", "blocklist"):
        shutil.copytree(home / name, home / "backup" / name)
    publish(home, "r2", "t1", "t3")
    assert listed(fetch(home).folder) == ["t1", "t3"]
    for name in ("ledger", "blocklist"):
        shutil.rmtree(home / name)
        shutil.copytree(home / "backup" / name, home / name)
    assert publish(home, "r2b", "t1", "t4") == 2
    publisher(home).rotate(root=False)
    now = fetch(home)
    assert (now.version, listed(now.folder)) == (2, ["t1", "t4"])


def test_what_a_killed_pull_left_is_cleared_up(home: Path) -> None:
    for name in (".staging-1", ".staging"):
        (home / "reader" / name).mkdir()
        (home / "reader" / name / "block_list.jsonl").write_text("half of i")
    publish(home, "r2", "t1")
    assert listed(fetch(home).folder) == ["t1"]
    assert {path.name for path in (home / "reader").iterdir()} == {".lock", "current", "lists", "metadata"}


def test_there_is_a_list_at_every_moment(home: Path) -> None:
    """Pulling other forms of a version takes the place of a list that somebody reads just now."""
    over, seen = Event(), []

    def read() -> None:
        while not over.is_set():
            try:
                seen.append(listed(home / "reader" / "current"))
            except OSError as error:
                seen.append([str(error)])

    reader = Thread(target=read)
    reader.start()
    try:
        for turn in range(20):
            damaged = home / "reader" / "current" / ("block_list.csv" if turn % 2 else "block_list.parquet")
            damaged.unlink()
            fetch(home, "parquet", "csv")
    finally:
        over.set()
        reader.join()
    assert len(seen) > 20
    assert [one for one in seen if one != TITLES] == []


PULLER = """
import sys
from pathlib import Path
from compliance.blocklist.client import pull
home = Path(sys.argv[1])
for _ in range(5):
    print(pull(str(home / "blocklist"), home / "reader", forms=tuple(sys.argv[2:])).version)
"""


def test_two_who_pull_into_one_folder_take_turns(home: Path) -> None:
    publish(home, "r2", "t1")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PULLER, str(home), form], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for form in ("parquet", "csv")
    ]
    for process in both:
        stdout, stderr = process.communicate()
        assert (process.returncode, stdout.split()) == (0, [b"2"] * 5), stderr.decode()
    assert listed(home / "reader" / "current") == ["t1"]


def test_a_folder_that_takes_no_list_is_not_the_publishers_fault(home: Path) -> None:
    (home / "file").write_text("no folder")
    with pytest.raises(BlockListError, match="file/list cannot be written; no list was pulled before"):
        pull(str(home / "blocklist"), home / "file" / "list", root=trusted_root(home / "blocklist"))
