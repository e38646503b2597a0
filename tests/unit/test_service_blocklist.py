"""The block list of the service: the version in force, and never one that the guard holds."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

from litestar.testing import TestClient

from compliance import runs
from compliance.blocklist.publication import Publisher
from compliance.blocklist.versions import Version
from compliance.ledger.store import Ledger
from compliance.policy import load_policy
from compliance.service.app import create_app
from tests.catalogs import write_catalog
from tests.services import AS_OF, make_place


def test_a_list_that_the_guard_holds_is_not_handed_out(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    guard = load_policy().guard.model_copy(update={"least_count": 1})
    write_catalog(place.folder / "catalog", titles=[{"title_id": "t1"}])
    publisher = Publisher(place.out / "blocklist", Ledger(place.out / "ledger"), guard, proposer="Li")
    wanted = runs.Audit(
        str(place.folder / "catalog"), place.out, AS_OF, load_policy(), reports=False, memory="1GB", publisher=publisher
    )
    assert 0 == runs.audit(wanted, progress=lambda _: None).counts["block"]
    assert runs.publish(publisher, place.out, load_policy()).held
    with TestClient(create_app(place.settings())) as client:
        client.headers.update(place.headers())
        shown = client.get("/v1/blocklist/current").json()
        assert (1, 3) == (shown["version"], shown["count"])


def emptied(listed: Path) -> None:
    """Take the entries off the list, in a file that still is Parquet."""
    pq.write_table(pq.read_table(listed).slice(0, 0), listed)


def written_over(listed: Path) -> None:
    """The same number of bytes at the same time."""
    before = listed.stat()
    listed.write_bytes(listed.read_bytes().replace(b"foreign", b"forgone"))
    os.utime(listed, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("damage", [emptied, written_over, Path.unlink])
def test_a_list_that_is_not_what_was_published_is_not_handed_out(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    place = make_place(tmp_path)
    listed = place.out / "blocklist" / "versions" / "000001" / "block_list.parquet"
    published = listed.read_bytes()
    with TestClient(create_app(place.settings())) as client:
        client.headers.update(place.headers())
        for _ in range(2):
            assert 3 == client.get("/v1/blocklist/current").json()["count"]
            damage(listed)
            answer = client.get("/v1/blocklist/current")
            assert (503, "unavailable") == (answer.status_code, answer.json()["reason"])
            assert f"{listed} is missing or not what was published" in answer.json()["detail"]
            listed.write_bytes(published)


def test_a_list_is_proven_once_and_not_for_each_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make_place(tmp_path)
    proven = []
    monkeypatch.setattr(Version, "prove_file", lambda version, name: proven.append((version.number, name)))
    with TestClient(create_app(place.settings())) as client:
        client.headers.update(place.headers())
        for after in ("", "foreign", "planned"):
            client.get("/v1/blocklist/current", params={"after": after})
    assert [(1, "block_list.parquet")] == proven


def test_without_a_version_in_force_there_is_no_list(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    with TestClient(create_app(place.settings(blocklist=tmp_path / "elsewhere"))) as client:
        client.headers.update(place.headers())
        assert 503 == client.get("/v1/blocklist/current").status_code
