"""After downtime and when clocks jump: every scheduled time is run once, or told as missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jobs.clockwork.alerting import operations_only
from jobs.clockwork.database import Database
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import runs
from jobs.clockwork.ticks import ticks_between
from tests.clockworks import START, Host, a_job, alerts, at, sqlite, states

HOURLY = "0 * * * *"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


def test_a_new_job_begins_with_its_next_time(database: Database) -> None:
    host = Host(database, at("2026-11-23 02:30"))
    assert host.plan(a_job()) == []
    host.now = at("2026-11-24 02:31")
    assert host.plan(a_job()) == [at("2026-11-24 02:30")]
    assert host.plan(a_job()) == [at("2026-11-24 02:30")]
    assert alerts(database) == []


@pytest.mark.parametrize(
    ("terms", "due", "missed"),
    [
        ({"catch_up": "none"}, [], range(1, 13)),
        ({"catch_up": "latest"}, [12], range(1, 12)),
        ({"catch_up": "all", "window": timedelta(hours=4)}, [9, 10, 11, 12], range(1, 9)),
        ({"catch_up": "latest", "window": timedelta(minutes=10)}, [], range(1, 13)),
    ],
)
def test_catching_up_is_bounded(database: Database, terms: dict[str, object], due: list[int], missed: range) -> None:
    job = a_job(schedule=HOURLY, **terms)
    host = Host(database, START)
    host.plan(job)
    host.now = START + timedelta(hours=12, minutes=30)
    assert host.plan(job) == [START + timedelta(hours=hour) for hour in due]
    assert states(database).get("missed", []) == [START + timedelta(hours=hour) for hour in missed]
    first, last = f"{missed[0]:02d}:00", f"{missed[-1]:02d}:00"
    assert alerts(database) == [
        f"audit: {len(missed)} scheduled time(s) missed, 2026-11-23 {first} … 2026-11-23 {last}"
    ]


def test_a_time_that_is_met_is_run_even_where_nothing_is_caught_up(database: Database) -> None:
    job = a_job(schedule=HOURLY, catch_up="none")
    host = Host(database, START)
    host.plan(job)
    host.now = START + timedelta(hours=1, minutes=4)
    assert host.plan(job) == [START + timedelta(hours=1)]


def test_a_time_that_still_waits_gives_way_to_the_newer_one(database: Database) -> None:
    job = a_job(schedule=HOURLY)
    host = Host(database, START)
    host.plan(job)
    for hour in (1, 2):
        host.now = START + timedelta(hours=hour, seconds=1)
        host.plan(job)
    assert states(database) == {"missed": [START + timedelta(hours=1)], "due": [START + timedelta(hours=2)]}
    assert len(alerts(database)) == 1


def test_a_clock_that_jumps_a_century_ahead_and_back_costs_nothing(database: Database) -> None:
    job = a_job(schedule="0 0 1 * *", window=timedelta(days=2))
    host = Host(database, START)
    host.plan(job)
    host.now = START + timedelta(days=36_500)
    assert host.plan(job) == []
    assert sum(run.times for run in runs(database)) == 1200 - 1
    host.now = START + timedelta(minutes=1)
    assert host.plan(job) == []
    assert states(database) == {}
    host.now = at("2026-12-01 00:00")
    assert host.plan(job) == [at("2026-12-01 00:00")]
    assert [text for text in alerts(database) if "put back" in text] != []


def test_a_clock_put_back_runs_nothing_twice(database: Database) -> None:
    job = a_job(schedule=HOURLY, catch_up="all")
    host = Host(database, START)
    done: list[datetime] = []
    host.attend(job, done.append)
    for hours in (1, 2, 3, -2, -1, 0, 1, 2, 3, 4):
        host.now = START + timedelta(hours=3 + hours if hours < 1 else hours, seconds=30)
        host.attend(job, done.append)
    assert done == [START + timedelta(hours=hour) for hour in (1, 2, 3, 4)]
    assert states(database) == {"done": done}


def test_what_was_run_while_the_clock_was_ahead_takes_no_place(database: Database) -> None:
    """A wrong clock for an hour must not cost the nights of a month."""
    host = Host(database, START)
    done: list[datetime] = []
    host.attend(a_job(), done.append)
    for now in ("2026-12-20 02:31", "2026-11-23 03:31", "2026-11-24 02:31", "2026-11-25 02:31"):
        host.now = at(now)
        host.attend(a_job(), done.append)
    assert done == [at("2026-12-20 02:30"), at("2026-11-24 02:30"), at("2026-11-25 02:30")]


def test_hosts_whose_clocks_differ_a_little_agree(database: Database) -> None:
    job = a_job(schedule=HOURLY, catch_up="all")
    early, late = Host(database, START + timedelta(seconds=90), name="early"), Host(database, START, name="late")
    done: list[datetime] = []
    for _ in range(120):
        for host in (early, late):
            host.attend(job, done.append)
            host.now += timedelta(minutes=7)
    assert done == list(ticks_between(HOURLY, early.now - timedelta(minutes=840), early.now - timedelta(minutes=7)))


def test_a_year_across_both_changes_of_the_clocks_runs_each_time_once(database: Database) -> None:
    """In a zone with summer time, looked at every 35 hours: as many runs as days, and never two of one wall time."""
    berlin, job = ZoneInfo("Europe/Berlin"), a_job(schedule="30 2 * * *", catch_up="all", window=timedelta(days=3))
    now = datetime(2026, 3, 20, tzinfo=UTC)
    plan(database, job, now, operations_only, berlin)
    begin = now
    while now < datetime(2026, 11, 1, tzinfo=UTC):
        now += timedelta(hours=35)
        plan(database, job, now, operations_only, berlin)
    done = [run.scheduled_for for run in reversed(runs(database))]
    assert done == list(ticks_between("30 2 * * *", begin, now, berlin))
    assert len({tick.astimezone(berlin).date() for tick in done}) == len(done) > 220
