"""The decision log: what was told to be written is there, whatever happens to the process afterwards."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from compliance.ledger.decisions import Answer, DecisionLog, LogError


def answer(*title_ids: str) -> Answer:
    return Answer(
        answered_at="2026-11-23T06:00:00+00:00",
        asked_by="publisher",
        request="POST /v1/decisions",
        state_run="20261123T010203Z-1f2e3d4c",
        state_as_of="2026-11-23",
        as_of="2026-11-23",
        rules_revision="r1",
        decided=json.dumps(
            [
                {"title_id": title_id, "decision": "block", "permit": None, "findings": {"permit-missing": "block"}}
                for title_id in title_ids
            ]
        ),
    )


def recorded(log: DecisionLog, *answers: Answer) -> list[Exception | None]:
    """Record the answers and wait until all are told of."""
    told: list[Exception | None] = []
    done = threading.Semaphore(0)

    def tell(problem: Exception | None) -> None:
        told.append(problem)
        done.release()

    for one in answers:
        log.record(one, tell)
    for _ in answers:
        assert done.acquire(timeout=20)
    return told


def logged(path: Path) -> list[tuple[str, int, str]]:
    with sqlite3.connect(path) as database:
        return database.execute("SELECT asked_by, place, title_id FROM decisions ORDER BY answer_id, place").fetchall()


def test_every_decision_of_an_answer_is_there_once_it_is_told(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "ledger" / "decisions.sqlite")
    assert [None, None] == recorded(log, answer("t1", "t2"), answer("t1"))
    assert [("publisher", 0, "t1"), ("publisher", 1, "t2"), ("publisher", 0, "t1")] == logged(log.path)
    log.close()


def test_what_waits_is_written_before_the_log_closes(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "decisions.sqlite")
    for number in range(500):
        log.record(answer(f"t{number}"), lambda _: None)
    log.close()
    assert 500 == len(logged(log.path))


def test_a_closed_log_says_so_at_once(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "decisions.sqlite")
    log.close()
    log.close()
    assert ["the decision log"] == [str(problem)[:16] for problem in recorded(log, answer("t1"))]
    assert [] == logged(log.path)


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for title_id in ("t1", "t2"):
        log = DecisionLog(tmp_path / "decisions.sqlite")
        recorded(log, answer(title_id))
        log.close()
    assert ["t1", "t2"] == [title_id for _, _, title_id in logged(log.path)]


def test_an_answer_that_cannot_be_written_is_told_as_such_and_the_next_one_is_written(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "decisions.sqlite")
    wrong = answer("t1")._replace(as_of=None)  # type: ignore[arg-type]  # wrong on purpose
    (problem,) = recorded(log, wrong)
    assert isinstance(problem, LogError)
    assert "NOT NULL" in str(problem)
    assert [None] == recorded(log, answer("t2"))
    assert ["t2"] == [title_id for _, _, title_id in logged(log.path)]
    log.close()


def test_a_full_disk_is_told_as_such_though_it_ends_the_transaction(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "decisions.sqlite")
    with sqlite3.connect(log.path) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
        )
    (problem,) = recorded(log, answer("t1"))
    assert "database or disk is full" in str(problem)
    with sqlite3.connect(log.path) as database:
        database.execute("DROP TRIGGER full")
    assert [None] == recorded(log, answer("t2"))
    log.close()


def test_a_log_tries_again_only_after_a_failure_and_leaves_no_trace(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "decisions.sqlite")
    recorded(log, answer("t1"))
    log.try_again()
    assert (0, None) == (log.backlog, log.problem)
    recorded(log, answer("t2")._replace(as_of=None))  # type: ignore[arg-type]  # wrong on purpose
    assert isinstance(log.problem, LogError)
    log.try_again()
    log.close()
    assert log.problem is None
    assert ["t1"] == [title_id for _, _, title_id in logged(log.path)]


def test_a_place_that_takes_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LogError, match="cannot be opened"):
        DecisionLog(tmp_path / "file" / "decisions.sqlite")


WRITER = """
import sys
from pathlib import Path
from compliance.ledger.decisions import DecisionLog
from tests.unit.test_ledger_decisions import answer
log = DecisionLog(Path(sys.argv[1]))
def told(title_id):
    return lambda problem: (sys.stdout.write(f"{title_id}\\n"), sys.stdout.flush()) if problem is None else None
number = 0
while True:
    number += 1
    log.record(answer(f"t{number}"), told(f"t{number}"))
"""


def test_nothing_that_was_told_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    told += [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    assert len(told) >= 200
    assert set(told) <= {title_id for _, _, title_id in logged(path)}
