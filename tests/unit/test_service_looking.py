"""The service's eyes: whatever goes wrong at a look, the next one comes, and until it goes well `/ready` says so."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

import structlog
from litestar.testing import TestClient

from compliance.ledger.store import ledger_in
from compliance.ledger.waivers import grant, revoke
from compliance.policy import load_policy
from compliance.service import core
from compliance.service.app import create_app
from compliance.service.desk import Desk
from compliance.verdicts.waivers import Waiver
from tests.ledgers import execute
from tests.services import AS_OF, Place, audit, make_place

Client = TestClient[Any]
MANIFEST = Path("state", "manifest.json")
WAIVER = Waiver(
    waiver_id="",
    scope="platform",
    subject="fanqie",
    rule="label-missing",
    last_on=AS_OF + timedelta(days=10),
    reason="labels are being made",
    ticket="OPS-7",
    requested_by="Li",
    approved_by="Wang",
    granted_on=AS_OF,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("looking"))


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    """A place of the test's own."""
    shutil.copytree(made.folder, tmp_path / "place", symlinks=True)
    return replace(made, folder=tmp_path / "place")


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    with TestClient(create_app(place.settings(look_seconds=0.02))) as opened:
        opened.headers.update(place.headers())
        yield opened


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ready(client: Client) -> int:
    return client.get("/ready").status_code


def unlabelled(client: Client) -> str:
    return str(client.get("/v1/decisions/unlabelled").json()["decision"])


def point(out: Path, run: Path) -> None:
    """Make a run the current one, as an audit does."""
    (out / "next").symlink_to(Path(".runs", run.name))
    (out / "next").replace(out / "current")


def copied_run(out: Path) -> Path:
    run = (out / "current").resolve()
    return Path(shutil.copytree(run, run.with_name("20261123T235959Z-deadbeef")))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', None])
def test_a_state_that_cannot_be_read_blinds_the_service_to_nothing_else(
    place: Place, client: Client, content: str | None
) -> None:
    ledger, before = ledger_in(place.out), (place.out / "current").resolve()
    grant(ledger, WAIVER, load_policy().waivers, ["label-missing"])
    eventually(lambda: unlabelled(client) == "allow")
    damaged = copied_run(place.out) / MANIFEST
    if content is None:
        damaged.unlink()
        damaged.mkdir()
    else:
        damaged.write_text(content)
    point(place.out, damaged.parent.parent)
    eventually(lambda: ready(client) == 503)
    revoke(ledger, "W1", by="Wang", reason="no longer", on=AS_OF)
    eventually(lambda: unlabelled(client) == "block")
    point(place.out, before)
    eventually(lambda: ready(client) == 200)


def test_a_state_that_arrives_after_its_run_is_taken_up(place: Place, client: Client) -> None:
    run = copied_run(place.out)
    late = (run / MANIFEST).read_bytes()
    (run / MANIFEST).unlink()
    point(place.out, run)
    eventually(lambda: ready(client) == 503)
    said = json.loads(late) | {"run_id": run.name}
    (run / MANIFEST).write_text(json.dumps(said))
    eventually(lambda: ready(client) == 200)
    assert run.name == client.get("/v1/decisions/t1").json()["state_run"]


def test_a_look_that_fails_in_a_way_nobody_foresaw_is_not_the_last(
    place: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 200 == ready(client)
    with monkeypatch.context() as broken, structlog.testing.capture_logs() as logged:
        broken.setattr(Desk, "_new_state", lambda *_: 1 / 0)
        eventually(lambda: ready(client) == 503)
        assert "allow" == client.get("/v1/decisions/t1").json()["decision"]
        time.sleep(0.2)
    eventually(lambda: ready(client) == 200)
    assert ["the look failed: ZeroDivisionError('division by zero')"] == [
        entry["problem"] for entry in logged if entry["event"] == "cannot see what is new"
    ]
    run_id = audit(place.folder)
    eventually(lambda: client.get("/v1/decisions/t1").json()["state_run"] == run_id)


def test_waivers_that_cannot_be_read_are_not_applied_and_told_once(place: Place, client: Client) -> None:
    grant(ledger_in(place.out), WAIVER, load_policy().waivers, ["label-missing"])
    eventually(lambda: unlabelled(client) == "allow")
    with structlog.testing.capture_logs() as logged:
        (place.out / "ledger" / "ledger.sqlite").write_bytes(b"no database at all" * 1000)
        eventually(lambda: unlabelled(client) == "block" and ready(client) == 503)
        time.sleep(0.2)
    assert 1 == [entry["event"] for entry in logged].count("cannot see what is new")


def test_a_revocation_that_was_cut_off_lets_nobody_go(place: Place, client: Client) -> None:
    ledger = ledger_in(place.out)
    grant(ledger, WAIVER, load_policy().waivers, ["label-missing"])
    eventually(lambda: unlabelled(client) == "allow")
    revoke(ledger, "W1", by="Wang", reason="no longer", on=AS_OF)
    eventually(lambda: unlabelled(client) == "block")
    execute(ledger, "DELETE FROM ledger_entries WHERE kind = 'revocation'")
    eventually(lambda: ready(client) == 503)
    assert "block" == unlabelled(client)


def test_the_public_key_is_where_the_settings_say(place: Place, tmp_path: Path) -> None:
    grant(ledger_in(place.out), WAIVER, load_policy().waivers, ["label-missing"])
    (place.out / "ledger" / "keys").rename(tmp_path / "keys")
    for keys, said in ((None, (503, "block")), (tmp_path / "keys", (200, "allow"))):
        with TestClient(create_app(place.settings(ledger_keys=keys))) as client:
            client.headers.update(place.headers())
            assert said == (ready(client), unlabelled(client))


def test_a_look_that_never_ends_is_told(place: Place, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "_PATIENCE_S", 0.3)
    asleep = [True]

    def sleeping(_desk: Desk) -> None:
        while asleep[0]:
            time.sleep(0.01)

    with monkeypatch.context() as broken:
        broken.setattr(Desk, "look", sleeping)
        eventually(lambda: ready(client) == 503)
    asleep[0] = False
    eventually(lambda: ready(client) == 200)


def test_a_policy_that_does_not_fit_ends_the_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Desk, "_sit", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        create_app(place.settings())
