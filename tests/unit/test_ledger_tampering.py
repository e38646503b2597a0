"""A ledger in which somebody has had a hand: it is told in words, and no later night makes it good."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.ledger.chain import entry_hash
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import HEAD
from compliance.ledger.history import verdict_as_of
from compliance.ledger.runs import record_run
from compliance.ledger.store import Ledger
from compliance.ledger.verification import verify_ledger
from tests.ledgers import execute, ledger_of, write_run

NIGHTS = (
    ("r1", {"t1": ["permit-missing"], "t2": []}),
    ("r2", {"t1": [], "t2": []}),
    ("r3", {"t1": ["permit-missing"], "t2": ["label-missing"]}),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger of three nights."""
    return ledger_of(tmp_path, NIGHTS)


def forge(ledger: Ledger, seq: int, body: str) -> None:
    """Put another body into an entry, with the hash that it gives."""
    entry = ledger.entries()[seq - 1]
    hashed = entry_hash(entry.seq, entry.at, entry.kind, body, entry.previous)
    execute(ledger, f"UPDATE ledger_entries SET body = '{body}', hash = '{hashed}' WHERE seq = {seq}")


def cut_tail(ledger: Ledger) -> None:
    execute(
        ledger,
        "DELETE FROM ledger_entries WHERE seq = 3",
        "DELETE FROM verdict_intervals WHERE from_seq = 3",
        "UPDATE verdict_intervals SET until_seq = NULL WHERE until_seq = 3",
    )


def cut_tail_and_set_the_head_back(ledger: Ledger) -> None:
    """Put an older backup of the database in the place of the newer one; the head beside it is what it was."""
    shutil.copy(ledger.folder.parent / "older.sqlite", ledger.folder / "ledger.sqlite")


def add_unsigned(ledger: Ledger) -> None:
    last = ledger.entries()[-1]
    hashed = entry_hash(4, last.at, "waiver", "{}", last.hash)
    execute(ledger, f"INSERT INTO ledger_entries VALUES (4, '{last.at}', 'waiver', '{{}}', '{last.hash}', '{hashed}')")


def change_the_last(ledger: Ledger) -> None:
    forge(ledger, 3, ledger.entries()[2].body.replace("p1", "p2"))


def remove_all(ledger: Ledger) -> None:
    execute(ledger, *(f"DELETE FROM {table}" for table in ("ledger_entries", "ledger_head", "verdict_intervals")))


@pytest.mark.parametrize("hand", [cut_tail, cut_tail_and_set_the_head_back, add_unsigned, change_the_last, remove_all])
def test_nothing_is_added_to_an_end_that_was_not_signed(
    hand: Callable[[Ledger], None], ledger: Ledger, tmp_path: Path
) -> None:
    """Else the next night would sign it, and nobody could tell any more."""
    if hand is cut_tail_and_set_the_head_back:
        shutil.copy(ledger.folder / "ledger.sqlite", tmp_path / "older.sqlite")
        record_run(ledger, write_run(tmp_path / "runs", "r4", {"t1": [], "t2": []}))
    hand(ledger)
    with pytest.raises(LedgerError, match="does not end where it was signed"):
        record_run(ledger, write_run(tmp_path / "runs", "r9", {"t1": [], "t2": []}))
    assert verify_ledger(ledger) != []


def test_another_key_does_not_sign_on(ledger: Ledger, tmp_path: Path) -> None:
    record_run(Ledger(tmp_path / "other"), tmp_path / "runs" / "r1")
    for name in ("ledger.key", "ledger.pub"):
        shutil.copy(tmp_path / "other" / "keys" / name, ledger.keys / name)
    with pytest.raises(LedgerError, match="was not signed with this key"):
        record_run(ledger, write_run(tmp_path / "runs", "r4", {"t1": [], "t2": []}))


def test_a_head_beside_that_lags_stops_nothing(ledger: Ledger, tmp_path: Path) -> None:
    before = (ledger.folder / HEAD).read_bytes()
    record_run(ledger, write_run(tmp_path / "runs", "r4", {"t1": [], "t2": []}))
    (ledger.folder / HEAD).write_bytes(before)
    record_run(ledger, write_run(tmp_path / "runs", "r5", {"t1": [], "t2": ["label-missing"]}))
    assert verify_ledger(ledger) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET body = '[' || substr(body, 2) WHERE seq = 2",
        "UPDATE ledger_entries SET body = '[]' WHERE seq = 2",
        "UPDATE ledger_entries SET body = '{}' WHERE seq = 1",
        "UPDATE ledger_entries SET body = x'00ff' WHERE seq = 2",
        "UPDATE ledger_entries SET seq = 'x' WHERE seq = 2",
        "UPDATE ledger_head SET signature = x'00ff'",
        "UPDATE verdict_intervals SET verdict = x'00ff' WHERE from_seq = 2",
        "UPDATE verdict_intervals SET title_id = x'00ff' WHERE from_seq = 3 AND title_id = 't1'",
    ],
)
def test_whatever_stands_in_a_column_is_told_as_a_break(ledger: Ledger, statement: str) -> None:
    """One wrong byte may make a text of JSON none at all: that must not end the proof."""
    execute(ledger, statement)
    assert verify_ledger(ledger) != []


@pytest.mark.parametrize("body", ["{}", "[]", '{"run_id":"r2","files":7}', "no JSON"])
def test_an_entry_made_to_match_its_hash_is_told_too(ledger: Ledger, body: str) -> None:
    forge(ledger, 2, body)
    says = [one.says for one in verify_ledger(ledger)]
    assert says[0] == "does not carry the hash of the entry before it"
    assert "does not say what a run says" in says


def test_a_changed_entry_is_told_once_and_not_for_each_title(ledger: Ledger) -> None:
    execute(ledger, "UPDATE ledger_entries SET body = replace(body, 'p1', 'p2') WHERE seq = 3")
    assert [one.seq for one in verify_ledger(ledger)] == [3]


def test_the_verdicts_that_the_next_run_is_compared_with_are_proven(ledger: Ledger, tmp_path: Path) -> None:
    """Who makes last night's verdicts those of tonight would hide tonight's change from the history."""
    kept = ledger.folder / "verdicts" / "r3.parquet"
    tonight = write_run(tmp_path / "runs", "r4", {"t1": [], "t2": ["label-missing"]})
    kept.unlink()
    assert "r3.parquet is missing" in verify_ledger(ledger)[0].says
    shutil.copy(tonight / "verdicts.parquet", kept)
    assert "is not what run r3 wrote" in verify_ledger(ledger)[0].says
    record_run(ledger, tonight)
    assert [(verdict_as_of(ledger, "t1", run) or {})["decision"] for run in ("r3", "r4")] == ["block", "allow"]
    assert verify_ledger(ledger) == []
