"""The block list of the service: the version in force, and never one that the guard holds."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

from litestar.testing import TestClient

from compliance import runs
from compliance.blocklist.publication import Publisher
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


def test_without_a_version_in_force_there_is_no_list(tmp_path: Path) -> None:
    place = make_place(tmp_path)
    with TestClient(create_app(place.settings(blocklist=tmp_path / "elsewhere"))) as client:
        client.headers.update(place.headers())
        assert 503 == client.get("/v1/blocklist/current").status_code
