"""The block list by TUF: python-tuf's own client follows it, and every lie is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from tuf.ngclient import Updater

from compliance import clock
from compliance.blocklist.client import pull, pulled
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.repository import TIMESTAMP_DAYS, trusted_root
from compliance.cli.main import main
from tests.lists import publish, publisher


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A place with one version in force."""
    assert publish(tmp_path, "r1", "t1", "t2") == 1
    return tmp_path


@pytest.fixture
def url(home: Path) -> Iterator[str]:
    """The repository as it is served over HTTP."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is said of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(home / "blocklist")))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def fetch(home: Path, source: str | None = None) -> tuple[int, list[str], bool]:
    """Pull as a reader that got the root by hand; gives version, titles, and whether a delta did it."""
    now = pull(source or str(home / "blocklist"), home / "reader", root=trusted_root(home / "blocklist"))
    lines = (now.folder / "block_list.jsonl").read_text(encoding="utf-8").splitlines()
    return now.version, [json.loads(line)["title_id"] for line in lines], now.by_delta


def refused(home: Path) -> str:
    with pytest.raises(BlockListError) as caught:
        fetch(home)
    return str(caught.value)


def metadata(home: Path) -> Path:
    return home / "blocklist" / "metadata"


def test_pythons_own_client_follows_ten_versions_over_http(home: Path, url: str) -> None:
    (home / "client").mkdir()
    bootstrap: bytes | None = trusted_root(home / "blocklist")
    for number in range(2, 12):
        publish(home, f"r{number}", *(f"t{title}" for title in range(number)))
        updater = Updater(str(home / "client"), f"{url}/metadata/", str(home), f"{url}/targets/", bootstrap=bootstrap)
        bootstrap = None
        updater.refresh()
        told = updater.get_targetinfo("block_list.jsonl")
        assert told is not None
        path = updater.download_target(told, str(home / "pulled.jsonl"))
        assert len(Path(path).read_text().splitlines()) == number
        assert fetch(home, url) == (number, sorted(f"t{title}" for title in range(number)), number > 2)


def test_a_reader_that_missed_versions_gets_there_by_their_deltas(home: Path) -> None:
    assert fetch(home) == (1, ["t1", "t2"], False)
    for number, titles in ((2, ("t1",)), (3, ("t1", "t3")), (4, ("t3", "t4"))):
        publish(home, f"r{number}", *titles)
    assert fetch(home) == (4, ["t3", "t4"], True)


def test_where_the_delta_does_not_give_the_list_it_is_taken_whole(home: Path) -> None:
    fetch(home)
    (home / "reader/current/block_list.jsonl").write_text('{"title_id":"t0","decision":"block"}\n')
    publish(home, "r2", "t1", "t3")
    assert fetch(home) == (2, ["t1", "t3"], False)


def test_other_forms_come_as_published(home: Path) -> None:
    now = pull(
        str(home / "blocklist"), home / "reader", root=trusted_root(home / "blocklist"), forms=("parquet", "csv")
    )
    for name in ("block_list.parquet", "block_list.csv"):
        assert (now.folder / name).read_bytes() == (home / "blocklist/versions/000001" / name).read_bytes()


def test_replayed_old_metadata_is_refused(home: Path) -> None:
    shutil.copytree(metadata(home), home / "old")
    publish(home, "r2", "t1")
    assert fetch(home)[0] == 2
    shutil.rmtree(metadata(home))
    shutil.copytree(home / "old", metadata(home))
    says = refused(home)
    assert "BadVersionNumberError" in says
    assert "version 2 of" in says
    assert fetch_again(home) == 2


def test_a_replayed_snapshot_under_a_fresh_timestamp_is_refused(home: Path) -> None:
    old = (metadata(home) / "1.snapshot.json").read_bytes()
    publish(home, "r2", "t1")
    (metadata(home) / "2.snapshot.json").write_bytes(old)
    assert "BadVersionNumberError" in refused(home)


def test_a_frozen_repository_is_refused_and_the_old_list_still_blocks(home: Path) -> None:
    fetch(home)
    with time_machine.travel(clock.now() + timedelta(days=TIMESTAMP_DAYS, hours=1)):
        says = refused(home)
        assert "is frozen or long unattended" in says
        assert "its blocks still block, release nothing by it" in says
        now = pulled(home / "reader")
        assert now is not None
        assert now.age is not None
        assert now.age > timedelta(days=TIMESTAMP_DAYS)
    assert fetch_again(home) == 1


@pytest.mark.parametrize(
    ("behind", "code", "says"),
    [
        (timedelta(minutes=1), 0, "0:00:00 ago"),
        (timedelta(hours=1), 3, "which is still to come"),
        (timedelta(days=400), 3, "release nothing by it"),
    ],
)
def test_a_list_of_a_time_to_come_has_no_age_and_still_blocks(
    behind: timedelta, code: int, says: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(home)
    ask = ["blocklist", "pull", str(home / "blocklist"), "--to", str(home / "reader"), "--lang", "en"]
    with time_machine.travel(clock.now() - behind):
        assert main(ask) == code
        assert says in " ".join(capsys.readouterr().out.split())
        assert main([*ask, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["age_s"] == (0 if code == 0 else None)
    assert fetch_again(home) == 1


def test_a_renewed_timestamp_keeps_an_unchanged_list_alive(home: Path) -> None:
    later = clock.now() + timedelta(days=TIMESTAMP_DAYS - 1)
    with time_machine.travel(later):
        publisher(home).repository.renew()
    with time_machine.travel(later + timedelta(days=TIMESTAMP_DAYS - 1)):
        assert fetch(home)[0] == 1


@pytest.mark.parametrize("name", ["block_list.jsonl", "version.json"])
def test_a_swapped_target_is_refused(home: Path, name: str) -> None:
    (path,) = (home / "blocklist/targets").glob(f"*.{name}")
    path.unlink()
    path.write_bytes(b"{}\n")
    assert "LengthOrHashMismatchError" in refused(home)
    assert pulled(home / "reader") is None


def test_files_of_two_versions_are_not_mixed(home: Path) -> None:
    publish(home, "r2", "t1")
    old = (metadata(home) / "1.targets.json").read_bytes()
    (metadata(home) / "2.targets.json").write_bytes(old)
    assert "BadVersionNumberError" in refused(home)


def test_a_wrong_key_is_refused(home: Path) -> None:
    fetch(home)
    publish(home / "other", "r1", "t9")
    publish(home / "other", "r2", "t9", "t8")
    shutil.rmtree(home / "blocklist")
    shutil.copytree(home / "other/blocklist", home / "blocklist")
    with pytest.raises(BlockListError, match="UnsignedMetadataError"):
        pull(str(home / "blocklist"), home / "reader")
    assert fetch_again(home) == 1


def test_nothing_is_trusted_without_a_root(home: Path) -> None:
    with pytest.raises(BlockListError, match="nothing is trusted yet"):
        pull(str(home / "blocklist"), home / "reader")


def test_a_repository_that_is_not_there_is_told(home: Path) -> None:
    root = trusted_root(home / "blocklist")
    with pytest.raises(BlockListError, match="cannot be read; no list was pulled before"):
        pull(str(home / "nowhere"), home / "reader", root=root)


@pytest.mark.parametrize("root", [False, True])
def test_readers_follow_a_new_key(home: Path, root: bool) -> None:
    fetch(home)
    for number in range(2, 5):
        publisher(home).rotate(root=root)
        assert publish(home, f"r{number}", "t1", f"t{number}") == number
        assert fetch(home)[0] == number
    assert len(list((home / "ledger/keys").glob("*.key"))) == 1 + 3 + 3  # the ledger's, and four of one name


def test_two_keys_are_live_and_a_retired_one_is_not(home: Path) -> None:
    """While a key is brought in, what the one before signed is still good."""
    newest, before = publisher(home).repository.keys.online()
    publisher(home).rotate(root=False)
    after = [signer.public_key.keyid for signer in publisher(home).repository.keys.online()]
    assert after[1] == newest.public_key.keyid
    assert before.public_key.keyid not in after


def test_the_roots_key_may_lie_elsewhere_until_it_is_needed(home: Path) -> None:
    (home / "ledger/keys/root-1.key").rename(home / "root-1.key")
    publish(home, "r2", "t1")
    assert fetch(home)[0] == 2
    with pytest.raises(BlockListError, match=r"root-\*.key is missing"):
        publisher(home).rotate(root=False)
    publish(home, "r3", "t1", "t3")
    assert fetch(home)[0] == 3


@pytest.mark.parametrize("name", ["root", "online"])
def test_a_key_that_no_root_names_yet_does_not_sign(home: Path, name: str) -> None:
    """A process killed in a rotation leaves such a key."""
    publisher(home).repository.keys.add(name)
    publish(home, "r2", "t1")
    assert fetch(home)[0] == 2
    for root in (False, True):
        publisher(home).rotate(root=root)
        assert fetch(home)[0] == 2
    publish(home, "r3", "t1", "t3")
    assert fetch(home)[0] == 3


def test_without_its_keys_nothing_is_published(home: Path) -> None:
    for path in (home / "ledger/keys").glob("online-*.key"):
        path.unlink()
    with pytest.raises(BlockListError, match=r"online-\*.key is missing"):
        publish(home, "r2", "t1")
    assert fetch(home)[0] == 1


def test_keys_are_their_owners_alone(home: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in (home / "ledger/keys").glob("*.key")} == {0}
    assert list((home / "blocklist").rglob("*.key")) == []


def fetch_again(home: Path) -> int:
    """What the reader still has."""
    now = pulled(home / "reader")
    assert now is not None
    return now.version
