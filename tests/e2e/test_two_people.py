"""Where two people are asked for, one person is one, however the name is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_blocklist import STRICT, audit, latest
from tests.e2e.test_ledger_commands import gate

ALIKE = ("LI ", "Ｌｉ", "L\u200bi", "Ｌ ｉ。")


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)


def test_whoever_proposed_a_list_cannot_approve_it() -> None:
    Path("gate.toml").write_text(STRICT + '[blocklist]\nproposer = "Li"\n')
    audit("t1", "t2", "t3", "t4")
    audit("t1", code=4)
    approve = ("blocklist", "approve", 2, "--reason", "because", "--out", "out", "--by")
    for name in ALIKE:
        assert "cannot approve it" in gate(*approve, name, code=2)
    assert "approved by somebody" in gate(*approve, "\u200b", code=2)
    assert latest() == 1
    gate(*approve, "Lin")
    assert latest() == 2


def test_whoever_asks_for_a_waiver_cannot_approve_it() -> None:
    audit("t1")
    for name in ALIKE:
        told = gate(
            *("waive", "add", "--platform", "fanqie", "--rule", "permit-missing", "--until", "2099-01-01"),
            *("--reason", "r", "--ticket", "T", "--by", "Li", "--approved-by", name, "--out", "out"),
            code=2,
        )
        assert "cannot approve what Li asks for" in told
