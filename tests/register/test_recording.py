"""Own numbers in the ledger: each one once, in the order of the serials, whoever gave it and died when."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.cli.main import main
from compliance.ledger.store import Ledger
from compliance.ledger.verification import verify_ledger
from compliance.register import recording
from compliance.register.recording import record_numbers
from compliance.register.serials import assign_numbers
from tests.catalogs import write_catalog
from tests.register.extracts import NOW, number, sqlite
from tests.register.test_serials import due


def recorded(ledger: Ledger) -> list[list[object]]:
    return [numbers for entry in ledger.entries("numbers") for numbers in entry.said["numbers"]]


def test_what_was_given_is_recorded_once(tmp_path: Path) -> None:
    store, ledger = sqlite(tmp_path), Ledger(tmp_path / "ledger")
    assign_numbers(store, due("a", "b"), year=2026, now=NOW)
    assign_numbers(store, due("q", issuer="七猫"), year=2026, now=NOW)
    assert (record_numbers(ledger, store), record_numbers(ledger, store)) == (3, 0)
    assign_numbers(store, due("c"), year=2026, now=NOW)
    # Another process gave this one and ended before it was recorded.
    assign_numbers(store, due("d"), year=2026, now=NOW)
    assert record_numbers(ledger, store) == 2
    assert {(row[1], row[3]) for row in recorded(ledger)} == {
        ("a", number(1)), ("b", number(2)), ("c", number(3)), ("d", number(4)), ("q", number(1, "七猫")),
    }  # fmt: skip
    assert verify_ledger(ledger) == []


def test_many_numbers_stand_in_several_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_AT_ONCE", 3)
    store, ledger = sqlite(tmp_path), Ledger(tmp_path / "ledger")
    assign_numbers(store, due(*map(str, range(8))), year=2026, now=NOW)
    assert record_numbers(ledger, store) == 8
    assert [(entry.said["first"], entry.said["last"]) for entry in ledger.entries("numbers")] == [
        (1, 3),
        (4, 6),
        (7, 8),
    ]
    assert [row[0] for row in recorded(ledger)] == list(range(1, 9))


def test_the_command_records_what_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.toml").write_text('catalog = "catalog"\nout = "out"\n', encoding="utf-8")
    write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1", "permit_number": None, "status": "scheduled"}])
    assert main(["register", "assign", "t1", "--lang", "en"]) == 0
    assert "1 number(s) recorded in the ledger" in capsys.readouterr().out
    assert [row[1] for row in recorded(Ledger(tmp_path / "out" / "ledger"))] == ["t1"]
    assert main(["register", "assign", "t1", "--lang", "en"]) == 0
    assert "recorded" not in capsys.readouterr().out
    assert main(["verify", "--out", "out"]) == 0
