"""Run again what is settled: nothing that is on record gets lost by asking, and no failure passes for a success."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.errors import CatalogError, ConfigurationError, GateError
from jobs.clockwork import leases
from jobs.clockwork.alerting import operations_only
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.leases import Lease
from jobs.clockwork.model import Outcome
from jobs.clockwork.rows import Run, runs
from tests.clockworks import Host, a_job, alerts, at, sqlite, the_run

TICK = at("2026-11-23 02:30")
Tell = Callable[[str], None]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


def clear(_tell: Tell) -> Outcome:
    return Outcome(0, {"judged": 3})


def broken(_tell: Tell) -> Outcome:
    raise CatalogError("the catalog of 归来之后 cannot be read")


def test_a_time_whose_place_a_newer_one_has_taken_stays_what_it_was(database: Database) -> None:
    host = Host(database, TICK + timedelta(days=2))
    before = host.performer.perform(a_job(), TICK, clear)
    host.performer.perform(a_job(), TICK + timedelta(days=1), clear)
    with pytest.raises(ConfigurationError, match="taken its place"):
        host.performer.perform(a_job(), TICK, broken, again=True)
    assert runs(database)[-1] == before
    assert alerts(database) == []


def test_what_waits_to_be_run_again_is_still_what_it_was(database: Database) -> None:
    """The lease is another job's all the time: in the end it has not been run again."""
    audit, scan = a_job("audit", lease="publication", budget=timedelta(minutes=1)), a_job("scan", lease="publication")
    host, other = Host(database), Host(database, name="other")
    before = host.performer.perform(audit, TICK, clear)
    lease = leases.claim(database, scan, TICK, "other", other.now, operations_only, again=False)
    assert isinstance(lease, Lease)
    host.meanwhile = lambda: leases.beat(database, lease, other.now)
    with pytest.raises(GateError, match="has kept the lease"):
        host.performer.perform(audit, TICK, clear, again=True)
    (after,) = runs(database, job="audit")
    assert after == before


def test_a_success_of_before_is_not_told_of_a_run_that_is_given_up(database: Database) -> None:
    host = Host(database)
    host.performer.perform(a_job(attempts=1), TICK, clear)
    killed = leases.claim(database, a_job(attempts=1), TICK, "killed", host.now, operations_only, again=True)
    assert isinstance(killed, Lease)
    assert the_run(database).exit_code is None
    run = host.performer.perform(a_job(attempts=1), TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, run.exit_code) == ("failed", None)


def test_an_alert_quotes_nothing_that_an_error_said(database: Database) -> None:
    """What an error says may quote a catalog; an alert goes to chat rooms."""
    host = Host(database)
    job = a_job(attempts=3, budget=timedelta(minutes=30))

    def failed_and_killed() -> None:
        raise KeyboardInterrupt

    host.meanwhile = failed_and_killed
    with pytest.raises(KeyboardInterrupt):
        host.performer.perform(job, TICK, broken)
    host.meanwhile, host.now = lambda: None, host.now + timedelta(hours=1)
    run = host.performer.perform(job, TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, "归来之后" in str(run.says)) == ("failed", True)
    assert len(alerts(database)) == 1
    assert "归来之后" not in alerts(database)[0]


@pytest.mark.parametrize("gone", ["folder", "file"])
def test_a_clock_finds_its_records_again_after_they_were_taken_away(tmp_path: Path, gone: str) -> None:
    """Its process outlives an out folder that somebody moves away; it must not need a start of its own for that."""
    folder = tmp_path / "out"
    folder.mkdir()
    host = Host(sqlite(folder))
    assert host.plan(a_job()) == []
    shutil.rmtree(folder) if gone == "folder" else (folder / "jobs.sqlite").unlink()
    with pytest.raises(JobsDatabaseError):
        host.plan(a_job())
    assert host.plan(a_job()) == []
    host.now = TICK
    assert host.plan(a_job()) == [TICK]
