"""The ledger: what is written is there, every past night can be asked, and no change of it goes unseen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.ledger import runs
from compliance.ledger.chain import Break
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import HEAD
from compliance.ledger.history import history, verdict_as_of
from compliance.ledger.runs import record_run, recorded_runs
from compliance.ledger.store import DATABASE, Ledger
from compliance.ledger.tables import METADATA, REVISION
from compliance.ledger.verification import verify_ledger
from compliance.register.store import Store, beside_ledger
from compliance.resources import sql_folder
from jobs.clockwork.database import Database, url_beside
from tests.conftest import Maker
from tests.ledgers import execute, ledger_of, write_run

NIGHTS = (
    ("r1", {"t1": ["permit-missing"], "t2": [], "t3": []}),
    ("r2", {"t1": ["permit-missing"], "t2": ["label-missing"], "t3": []}),
    ("r3", {"t1": [], "t2": ["label-missing"], "t4": []}),
    ("r4", {"t1": [], "t2": ["label-missing"], "t4": []}),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger of four nights."""
    return ledger_of(tmp_path, NIGHTS)


def decisions(ledger: Ledger, run_id: str) -> dict[str, str | None]:
    shown = {}
    for title_id in ("t1", "t2", "t3", "t4"):
        verdict = verdict_as_of(ledger, title_id, run_id)
        shown[title_id] = None if verdict is None else verdict["decision"]
    return shown


def first_break(ledger: Ledger) -> Break:
    return verify_ledger(ledger)[0]


def test_every_past_night_can_be_asked(ledger: Ledger) -> None:
    assert decisions(ledger, "r1") == {"t1": "block", "t2": "allow", "t3": "allow", "t4": None}
    assert decisions(ledger, "r2") == {"t1": "block", "t2": "block", "t3": "allow", "t4": None}
    assert decisions(ledger, "r3") == {"t1": "allow", "t2": "block", "t3": None, "t4": "allow"}
    assert decisions(ledger, "r4") == decisions(ledger, "r3")


def test_a_folder_with_a_name_like_a_part_of_a_url_holds_its_ledger_register_and_jobs(tmp_path: Path) -> None:
    folder = tmp_path / "out %41%s?a=1#b" / "ledger"
    ledger = Ledger(folder)
    record_run(ledger, write_run(tmp_path / "runs", "r1", {"t1": []}))
    with Database(url_beside(ledger)).transaction(), Store(beside_ledger(folder)).writing():
        pass
    assert {DATABASE, "jobs.sqlite", "register.sqlite"} <= {path.name for path in folder.iterdir()}
    assert {folder.parent.name, "runs"} == {path.name for path in tmp_path.iterdir()}


def test_only_changes_are_written(ledger: Ledger) -> None:
    assert [run.said.get("changes", {}).get("rows") for run in recorded_runs(ledger)] == [None, 1, 3, 0]


def test_a_titles_history_says_when_and_why(ledger: Ledger) -> None:
    assert [(change.run.run_id, change.why) for change in history(ledger, "t1")] == [
        ("r1", ("first judged", "+permit-missing")),
        ("r3", ("-permit-missing",)),
    ]
    assert [change.run.run_id for change in history(ledger, "t3")] == ["r1", "r3"]
    assert history(ledger, "t3")[-1].after is None
    assert history(ledger, "nobody") == []


def test_a_waiver_and_its_end_are_changes(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    for run_id, waived in (("r1", {}), ("r2", {"t1": ["label-stale"]}), ("r3", {})):
        record_run(ledger, write_run(tmp_path, run_id, {"t1": ["label-stale"]}, waived=waived))
    assert [(change.after or {})["decision"] for change in history(ledger, "t1")] == ["block", "allow", "block"]
    assert [change.why for change in history(ledger, "t1")][1:] == [
        ("waived label-stale",),
        ("waiver of label-stale over",),
    ]


def test_a_night_of_many_changes_gives_a_new_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "BASELINE_FROM", 2)
    ledger = Ledger(tmp_path / "ledger")
    for run_id, verdicts in NIGHTS:
        record_run(ledger, write_run(tmp_path / "runs", run_id, verdicts))
    assert [run.run_id for run in recorded_runs(ledger) if run.said.get("baseline")] == ["r1", "r3"]
    assert decisions(ledger, "r2") == {"t1": "block", "t2": "block", "t3": "allow", "t4": None}
    assert decisions(ledger, "r4") == {"t1": "allow", "t2": "block", "t3": None, "t4": "allow"}
    assert [change.run.run_id for change in history(ledger, "t2")] == ["r1", "r2"]
    assert verify_ledger(ledger) == []


def test_a_run_is_recorded_once_however_often_it_is_told(ledger: Ledger, tmp_path: Path) -> None:
    record_run(ledger, tmp_path / "runs" / "r2")
    assert [run.run_id for run in recorded_runs(ledger)] == ["r1", "r2", "r3", "r4"]


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def write_half() -> None:
        with ledger.writing() as writer:
            writer.append("waiver", {"waiver_id": "w1"})
            raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        write_half()
    assert ledger.entries("waiver") == []
    assert verify_ledger(ledger) == []


def test_a_head_that_cannot_be_left_beside_undoes_its_entry(ledger: Ledger) -> None:
    """Whoever is told that a waiver was not granted asks for it again."""
    before = ledger.entries()
    (ledger.folder / f".{HEAD}.{os.getpid()}.next").mkdir()
    with pytest.raises(LedgerError, match="cannot be written"), ledger.writing() as writer:
        writer.append("waiver", {"waiver_id": "w1"})
    assert ledger.entries() == before
    assert verify_ledger(ledger) == []


def test_what_was_written_holds(ledger: Ledger) -> None:
    assert verify_ledger(ledger) == []


def test_a_changed_entry_is_found(ledger: Ledger) -> None:
    execute(ledger, "UPDATE ledger_entries SET body = replace(body, 'p1', 'p2') WHERE seq = 2")
    assert first_break(ledger).seq == 2
    assert first_break(ledger).says.startswith("changed")


def test_a_changed_entry_with_a_hash_to_match_breaks_the_next_one(ledger: Ledger) -> None:
    from compliance.ledger.chain import entry_hash

    entry = ledger.entries()[1]
    body = entry.body.replace("p1", "p2")
    hashed = entry_hash(entry.seq, entry.at, entry.kind, body, entry.previous)
    execute(ledger, f"UPDATE ledger_entries SET body = '{body}', hash = '{hashed}' WHERE seq = 2")
    assert first_break(ledger) == Break(3, "does not carry the hash of the entry before it")


def test_a_removed_entry_is_found(ledger: Ledger) -> None:
    execute(ledger, "DELETE FROM ledger_entries WHERE seq = 2")
    assert first_break(ledger) == Break(2, "missing: entry 2 was removed")


def test_a_cut_tail_is_found(ledger: Ledger) -> None:
    execute(ledger, "DELETE FROM ledger_entries WHERE seq > 2")
    assert first_break(ledger).says.startswith("truncated")


def test_a_cut_tail_is_found_even_where_the_head_in_the_database_is_set_back(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.reading() as connection:
        (head,) = connection.exec_driver_sql("SELECT seq, hash, signature FROM ledger_head").all()
    with ledger.writing() as writer:
        writer.append("waiver", {"waiver_id": "w1"})
    execute(
        ledger,
        "DELETE FROM ledger_entries WHERE seq = 5",
        f"UPDATE ledger_head SET seq = {head[0]}, hash = '{head[1]}', signature = '{head[2]}'",
    )
    assert first_break(ledger) == Break(
        5, f"truncated: {ledger.folder / HEAD} proves that there was an entry 5, and it is gone"
    )


def test_a_head_that_somebody_else_signed_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "other")
    record_run(other, tmp_path / "runs" / "r1")
    (ledger.folder / HEAD).write_bytes((other.folder / HEAD).read_bytes())
    assert "does not bear the ledger's signature" in first_break(ledger).says


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verdict_intervals SET verdict = replace(verdict, 'block', 'allow') WHERE title_id = 't2'",
        "DELETE FROM verdict_intervals WHERE title_id = 't2'",
        "UPDATE verdict_intervals SET until_seq = 4 WHERE title_id = 't2'",
        "INSERT INTO verdict_intervals VALUES ('t9', 9, NULL, NULL)",
    ],
)
def test_a_verdict_that_was_tampered_with_is_found(ledger: Ledger, statement: str) -> None:
    execute(ledger, statement)
    assert verify_ledger(ledger) != []


def test_a_baseline_that_was_tampered_with_is_found(ledger: Ledger) -> None:
    path = ledger.folder / "verdicts" / "r1.parquet"
    content = path.read_bytes()
    path.unlink()
    assert "missing" in first_break(ledger).says
    path.write_bytes(content + b"\0")
    assert "is not what run r1 wrote" in first_break(ledger).says


def test_a_ledger_without_its_key_is_not_written_to(ledger: Ledger) -> None:
    (ledger.keys / "ledger.key").unlink()
    with pytest.raises(LedgerError, match="signing key"), ledger.writing() as writer:
        writer.append("waiver", {})
    assert verify_ledger(ledger) == []


def test_the_key_is_its_owners_alone(ledger: Ledger) -> None:
    assert (ledger.keys / "ledger.key").stat().st_mode & 0o077 == 0
    assert ledger.keys.stat().st_mode & 0o077 == 0


def test_the_head_beside_the_database_may_lag(ledger: Ledger) -> None:
    """A process killed between the database's commit and the file leaves it one behind."""
    before = (ledger.folder / HEAD).read_bytes()
    with ledger.writing() as writer:
        writer.append("waiver", {"waiver_id": "w1"})
    (ledger.folder / HEAD).write_bytes(before)
    assert verify_ledger(ledger) == []


def test_a_database_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_text("nothing of the kind" * 100)
    with pytest.raises(LedgerError, match="cannot be read"):
        Ledger(tmp_path).entries()


def test_the_migrations_make_the_tables_that_a_new_ledger_has(tmp_path: Path) -> None:
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(sql_folder() / "ledger"))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
    with sa.create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_ledger_lives_in_postgresql_too(postgresql: Maker, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", url=postgresql())
    for run_id, verdicts in NIGHTS:
        record_run(ledger, write_run(tmp_path / "runs", run_id, verdicts))
    assert decisions(ledger, "r2") == {"t1": "block", "t2": "block", "t3": "allow", "t4": None}
    assert verify_ledger(ledger) == []
    execute(ledger, "DELETE FROM ledger_entries WHERE seq = 4")
    assert verify_ledger(ledger) != []


def test_the_head_is_readable_json(ledger: Ledger) -> None:
    assert set(json.loads((ledger.folder / HEAD).read_text())) == {"seq", "hash", "at", "signature"}
