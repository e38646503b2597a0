"""A ledger in which somebody has had a hand lets nobody off: an audit stops, single titles are decided without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from compliance.cli.main import main
from compliance.ledger.store import Ledger, ledger_in
from tests.e2e.test_ledger_commands import AS_OF, gate
from tests.e2e.test_waiving import GRANTED, UNLABELLED, audit, waive
from tests.ledgers import execute
from tests.unit.test_waivers_proven import add_a_waiver


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No configuration of the working folder or the environment, on the day that is judged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    with time_machine.travel(GRANTED):
        yield


def cut_the_revocation(ledger: Ledger) -> None:
    execute(ledger, "DELETE FROM ledger_entries WHERE kind = 'revocation'")


@pytest.mark.parametrize("hand", [cut_the_revocation, add_a_waiver])
def test_nobody_is_let_off(hand: Callable[[Ledger], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    waive("--platform", "fanqie")
    gate("waive", "revoke", "W1", "--by", "Zhao", "--reason", "mistake", "--out", "out")
    hand(ledger_in(Path("out")))
    before = outputs()
    for command in (("audit", "--as-of", AS_OF, "--no-reports"), ("prepublish",)):
        assert "nothing is waived by it" in gate(*command, "--catalog", "catalog", "--out", "out", code=3)
        assert outputs() == before
    for command in (("check",), ("explain",)):
        assert main([*command, "t1", "--state", "out", "--as-of", AS_OF, "--lang", "en"]) == 1
        assert "note: nothing is waived: somebody has had a hand" in capsys.readouterr().err


def outputs() -> dict[Path, bytes]:
    """Every file in the out folder that is not the ledger's, by its path."""
    files = (path for path in Path("out").rglob("*") if path.is_file() and "ledger" not in path.parts)
    return {path: path.read_bytes() for path in files}
