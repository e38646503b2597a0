"""Own numbers in the ledger: each one once, in the order of the serials, whoever gave it and died when."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from compliance.cli.main import main
from compliance.ledger.store import Ledger
from compliance.ledger.verification import verify_ledger
from compliance.register import recording
from compliance.register.recording import record_numbers, unlike_numbers
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


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("DELETE FROM assigned_numbers WHERE title_id = 'b'", "given to title b, is no longer in the register"),
        ("UPDATE assigned_numbers SET title_id = 'x' WHERE title_id = 'a'", "given to title a: the register has 'x'"),
        ("UPDATE assigned_numbers SET serial = 9 WHERE title_id = 'c'", "given to title c, is no longer in"),
        ("UPDATE assigned_numbers SET assigned_at = '2020-01-01 00:00:00' WHERE title_id = 'c'", "'2020-01-01 00:00"),
    ],
)
def test_a_number_that_is_not_what_was_recorded_is_told(tampering: str, says: str, tmp_path: Path) -> None:
    store, ledger = sqlite(tmp_path), Ledger(tmp_path / "ledger")
    assign_numbers(store, due("a", "b", "c"), year=2026, now=NOW)
    record_numbers(ledger, store)
    assert list(unlike_numbers(ledger, store)) == []
    with store.writing() as connection:
        connection.execute(sa.text(tampering))
    (told,) = unlike_numbers(ledger, store)
    assert says in told.says


def test_a_number_slipped_in_among_the_recorded_ones_is_told(tmp_path: Path) -> None:
    store, ledger = sqlite(tmp_path), Ledger(tmp_path / "ledger")
    assign_numbers(store, due("a", "b"), year=2026, now=NOW)
    with store.writing() as connection:
        connection.execute(sa.text("UPDATE assigned_numbers SET serial = 7 WHERE title_id = 'b'"))
    record_numbers(ledger, store)
    assign_numbers(store, due("c"), year=2026, now=NOW)
    (told,) = unlike_numbers(ledger, store)  # the serial 3, when 7 is recorded
    assert "of title c came into the register after later ones" in told.says


def test_verify_misses_a_register_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    store, ledger = sqlite(tmp_path), Ledger(tmp_path / "out" / "ledger")
    assign_numbers(store, due("a"), year=2026, now=NOW)
    record_numbers(ledger, store)
    assert main(["verify", "--out", "out", "--lang", "en"]) == 3
    assert "whose numbers are recorded, is not there" in capsys.readouterr().out
    assert main(["verify", "--out", "out", "--database", str(store.url)]) == 0


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


@time_machine.travel("2026-11-23 12:00", tick=True)  # the year of the numbers
def test_a_register_that_lacks_recorded_numbers_gives_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.toml").write_text('catalog = "catalog"\nout = "out"\n', encoding="utf-8")
    titles = [{"title_id": name, "permit_number": None, "status": "scheduled"} for name in ("t1", "t2")]
    write_catalog(tmp_path / "catalog", titles=titles)
    assert main(["register", "assign", "t1"]) == 0
    capsys.readouterr()
    assert main(["register", "assign", "t2", "--database", "sqlite:///mistyped.sqlite", "--lang", "en"]) == 3
    told = capsys.readouterr().err
    assert "whose numbers are recorded, is not there" in told
    assert "no number was given" in told
    assert not (tmp_path / "mistyped.sqlite").exists()
    assert main(["register", "assign", "t2"]) == 0
    assert [row[3] for row in recorded(Ledger(tmp_path / "out" / "ledger"))] == [number(1), number(2)]
