"""Whoever revokes a waiver hears by which others the same titles stay waived."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from tests.catalogs import write_catalog
from tests.e2e.test_ledger_commands import AS_OF, gate
from tests.e2e.test_waiving import GRANTED, waive

PRODUCER = "某某影视有限公司"
REVOKE = ("--by", "Zhao", "--reason", "made", "--out", "out")


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No configuration of the working folder or the environment, on the day that is judged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    with time_machine.travel(GRANTED):
        yield


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., None]:
    def audit(*options: str) -> None:
        catalog = write_catalog(
            tmp_path / "catalog",
            titles=[{"title_id": "t1"}, {"title_id": "t2", "producer": "另一家"}],
            labels=(),
        )
        gate("audit", "--catalog", catalog, "--out", "out", "--as-of", AS_OF, *options, code=1)

    return audit


def test_nothing_else_waives(audited: Callable[..., None]) -> None:
    audited()
    waive("--title", "t1")
    waive("--title", "t2")
    waive("--producer", "另一家")
    told = gate("waive", "revoke", "W1", *REVOKE)
    assert "judged without it at once" in told
    assert "note" not in told


def test_the_same_producer_by_another_spelling_and_the_platform(audited: Callable[..., None]) -> None:
    audited()
    for subject in (("--platform", "fanqie"), ("--producer", PRODUCER), ("--producer", f"{PRODUCER} ！")):
        waive(*subject)
    waive("--producer", "另一家")
    told = gate("waive", "revoke", "W3", *REVOKE)
    assert "at once" not in told
    assert "W1 waives the same rule for the platform 'fanqie'" in told
    assert "W2 still waives the same rule for the same producer" in told
    assert "W4" not in told
    assert json.loads(gate("waive", "revoke", "W2", "--json", *REVOKE))["still_waived_by"] == ["W1"]


def test_what_the_last_audit_does_not_tell_of_is_named(audited: Callable[..., None]) -> None:
    audited("--no-reports")
    waive("--title", "t1")
    waive("--title", "t2")
    waive("--producer", "另一家")
    told = gate("waive", "revoke", "W1", *REVOKE)
    assert "W3 waives the same rule for the producer" in told
    assert "W2" not in told
