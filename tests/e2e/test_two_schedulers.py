"""Two hosts on one database, a hundred scheduled times, and kills at random: each is run once, or told as missed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from jobs.clockwork.alerting import operations_only
from jobs.clockwork.database import Database
from jobs.clockwork.model import Job, Outcome
from jobs.clockwork.performing import Performer
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import attempts, held_leases, runs
from jobs.clockwork.scheduling import Clock
from jobs.clockwork.ticks import ticks_between
from jobs.clockwork.timing import Timing
from jobs.clockwork.watching import Watch
from tests.clockworks import START, Signs, a_job, alerts
from tests.conftest import Maker

TICKS = 100
FASTER = 1000.0
"""Seconds that pass for the hosts in one second here: a scheduled time every 60 ms."""

EVERY = a_job("every", "* * * * *", catch_up="all", attempts=1000, budget=timedelta(days=30))
NEWEST = a_job("newest", "* * * * *", catch_up="latest", attempts=1000, budget=timedelta(days=30))
END = START + timedelta(minutes=TICKS)


def timing(begin: float) -> Timing:
    """The same fast clock for every host; it stands still at the end, so that what is left can be settled."""

    def passed() -> float:
        return (time.monotonic() - begin) * FASTER

    def now() -> datetime:
        return min(START + timedelta(seconds=passed()), END)

    return Timing(now, passed, lambda seconds: time.sleep(seconds / FASTER))


def host(url: str, jobs: Sequence[Job], begin: float, name: str, seed: int) -> None:
    """A host's life until it is killed: look, run what is due, look again."""
    chance = random.Random(seed)
    performer = Performer(
        Database(url), Signs(), timing=timing(begin), watch=Watch(400.0), holder=f"{name}/{os.getpid()}", beat_s=0.05
    )

    def start(job: Job, scheduled_for: datetime) -> None:
        def effort(tell: Callable[[str], None]) -> Outcome:
            time.sleep(chance.random() * 0.1)  # busy nearly all the time, so that kills meet runs under way
            tell("publishing")
            return Outcome(0, {"host": os.getpid()})

        performer.perform(job, scheduled_for, effort)

    clock = Clock(performer, jobs, start)
    while True:
        clock.look_round()
        for job in clock.jobs:
            clock.attend(job)
        time.sleep(0.01)


@pytest.mark.parametrize(("kind", "jobs"), [("sqlite", [EVERY, NEWEST]), ("postgresql", [EVERY])])
def test_each_time_is_run_once_or_told_as_missed(
    kind: str, jobs: Sequence[Job], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    make: Maker = request.getfixturevalue("postgresql") if kind == "postgresql" else (lambda: "")
    url = make() or f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    database = Database(url)
    for job in jobs:
        plan(database, job, START, operations_only)
    killed = _live_through_it(url, database, jobs)
    expected = list(ticks_between("* * * * *", START, END))
    assert len(expected) == TICKS
    for job in jobs:
        rows = sorted(runs(database, job=job.name), key=lambda run: run.scheduled_for)
        assert [run.scheduled_for for run in rows] == expected
        ended = Counter((one.scheduled_for, one.ended) for one in attempts(database, job=job.name))
        for run in rows:
            assert run.state in ("done", "missed", "failed")
            assert ended[run.scheduled_for, "done"] == (1 if run.state == "done" else 0)
            assert ended[run.scheduled_for, None] == 0
    assert {run.state for run in runs(database, job="every")} == {"done"}
    assert held_leases(database) == []
    told = alerts(database)
    died = [one for one in attempts(database) if one.ended == "died"]
    assert sum("a run died" in text for text in told) == len(died)
    assert killed
    assert died
    not_done = [run for run in runs(database, job="newest") if run.state != "done"]
    assert bool(not_done) == any(text.startswith("newest") and "died" not in text for text in told)
    database.close()


def _live_through_it(url: str, database: Database, jobs: Sequence[Job]) -> int:
    """Run two hosts, killing and starting them anew, until every time has come and nothing is left to do."""
    chance, begin, killed = random.Random(5), time.monotonic(), 0
    fork = multiprocessing.get_context("fork")

    def begin_host(name: str) -> BaseProcess:
        process = fork.Process(target=host, args=(url, jobs, begin, name, chance.randrange(1 << 30)), daemon=True)
        process.start()
        return process

    hosts = {name: begin_host(name) for name in ("one", "two")}
    try:
        while time.monotonic() < begin + TICKS * 60 / FASTER:
            time.sleep(chance.uniform(0.1, 0.5))
            name = chance.choice(["one", "two"])
            _kill(hosts[name])
            killed += 1
            hosts[name] = begin_host(name)
        give_up_at = time.monotonic() + 60
        while runs(database, states=("due", "running")) or len(runs(database)) < len(jobs) * TICKS:
            assert time.monotonic() < give_up_at, "something is left that nobody settles"
            time.sleep(0.1)
    finally:
        for process in hosts.values():
            _kill(process)
    return killed


def _kill(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
