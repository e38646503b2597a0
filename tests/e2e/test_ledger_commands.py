"""`gate verify` and `gate history` over the ledger that audits leave, started as a user starts them."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from compliance.cli.main import main
from tests.catalogs import write_catalog

AS_OF = "2026-11-20"


def gate(*arguments: object, code: int = 0) -> str:
    """Run one command line and return what it printed."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        returned = main([*map(str, arguments), "--lang", "en"])
    assert returned == code, stderr.getvalue() or stdout.getvalue()
    return stdout.getvalue() or stderr.getvalue()


def audit(folder: Path, *titles: dict[str, Any], code: int) -> None:
    """Audit a catalog of these titles into the same out folder."""
    catalog = write_catalog(folder / "catalog", titles=titles)
    gate("audit", "--catalog", catalog, "--out", folder / "out", "--as-of", AS_OF, "--no-reports", code=code)


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)


def test_a_titles_history_over_three_audits(tmp_path: Path) -> None:
    out = tmp_path / "out"
    audit(tmp_path, {"title_id": "t1"}, code=0)
    audit(tmp_path, {"title_id": "t1", "permit_number": None}, code=1)
    audit(tmp_path, {"title_id": "t1"}, {"title_id": "t2", "permit_number": None}, code=1)
    changes = json.loads(gate("history", "t1", "--out", out, "--json"))
    assert [(c["before"] or {}).get("decision") for c in changes] == [None, "allow", "block"]
    assert [c["after"]["decision"] for c in changes] == ["allow", "block", "allow"]
    assert "+permit-missing" in changes[1]["why"]
    assert "-permit-missing" in changes[2]["why"]
    past = gate("history", "t1", "--as-of-run", changes[1]["run_id"], "--out", out, "--json")
    assert json.loads(past)["verdict"]["decision"] == "block"
    assert json.loads(gate("verify", "--out", out, "--json")) == {"holds": True, "entries": 9, "runs": 3, "breaks": []}
    assert "it was never judged" in gate("history", "nobody", "--out", out)
    assert "knows no run r0" in gate("history", "t1", "--as-of-run", "r0", "--out", out, code=3)


def test_verify_names_the_first_broken_link(tmp_path: Path) -> None:
    for _ in range(2):
        audit(tmp_path, {"title_id": "t1"}, code=0)
    with sqlite3.connect(tmp_path / "out" / "ledger" / "ledger.sqlite") as database:
        database.execute("UPDATE ledger_entries SET at = '2020-01-01' WHERE seq = 1")
    assert "entry 1: changed" in gate("verify", "--out", tmp_path / "out", code=3)


def test_a_run_that_was_not_recorded_is_recorded_by_the_next_audit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(
            "compliance.runs.catch_up", lambda *_, **__: patched.setattr("compliance.runs.catch_up", killed)
        )
        audit(tmp_path, {"title_id": "t1", "permit_number": None}, code=130)
    audit(tmp_path, {"title_id": "t1"}, code=0)
    changes = json.loads(gate("history", "t1", "--out", tmp_path / "out", "--json"))
    assert [c["after"]["decision"] for c in changes] == ["block", "allow"]


def test_the_configuration_says_where_the_ledger_is(tmp_path: Path) -> None:
    Path("gate.toml").write_text('[ledger]\nfolder = "records"\nurl = "sqlite:///own.sqlite"\nkeys = "safe"\n')
    audit(tmp_path, {"title_id": "t1"}, code=0)
    assert sorted(path.name for path in Path("records").iterdir()) == ["head.json", "verdicts"]
    assert Path("own.sqlite").exists()
    keys = ["ledger.key", "ledger.pub", "online-1.key", "online-2.key", "root-1.key"]
    assert sorted(path.name for path in Path("safe").iterdir()) == keys
    assert not (tmp_path / "out" / "ledger").exists()
    assert "the ledger holds" in gate("verify")


def test_without_a_ledger_there_is_nothing_to_verify(tmp_path: Path) -> None:
    assert "there is no ledger" in gate("verify", "--out", tmp_path, code=2)
    assert "no folder for the outputs is given" in gate("history", "t1", code=2)
