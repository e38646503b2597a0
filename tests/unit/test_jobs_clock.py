"""The clock itself: it goes on looking whatever is done to the time, and says what it could not start."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from compliance.errors import EXIT_CLEAR, EXIT_USAGE
from jobs.clockwork import scheduling
from jobs.clockwork.database import Database
from jobs.clockwork.model import Job
from jobs.clockwork.performing import Performer
from jobs.clockwork.scheduling import NEVER_BEGAN, Clock
from jobs.clockwork.watching import Watch
from tests.clockworks import START, Host, Signs, a_job, alerts, at, sqlite, states


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


def soon(happened: Callable[[], bool]) -> bool:
    """Whether something happens within ten seconds, by a stopwatch."""
    give_up_at = time.monotonic() + 10
    while not happened() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return happened()


def test_a_clock_put_back_by_a_month_goes_on_looking(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "LOOK_EVERY_S", 0.2)
    started: list[datetime] = []
    looks: list[float] = []

    def start(_job: Job, scheduled_for: datetime) -> int:
        started.append(scheduled_for)
        return EXIT_CLEAR

    performer = Performer(database, Signs(), watch=Watch(2.0))
    clock = Clock(performer, [a_job()], start, after_look=lambda: looks.append(time.monotonic()))
    with time_machine.travel(START + timedelta(days=30), tick=True):
        clock.run()
        assert soon(lambda: len(looks) > 2)
    try:
        with time_machine.travel(at("2026-11-23 02:29:58"), tick=True):
            before = len(looks)
            assert soon(lambda: len(looks) > before + 2)
            assert soon(lambda: started[:1] == [at("2026-11-23 02:30")])
    finally:
        clock.end()
    assert not any(thread.name.startswith("every") for thread in threading.enumerate())


def test_what_cannot_begin_is_told_once(database: Database) -> None:
    """As after a slip in `gate.toml`: the process ends before it has written anything down."""
    host = Host(database)
    codes = iter([EXIT_USAGE, EXIT_USAGE, EXIT_CLEAR])
    clock = Clock(host.performer, [a_job()], lambda _job, _time: next(codes))
    clock.attend(a_job())
    host.now = at("2026-11-23 02:31")
    for _ in range(3):
        clock.attend(a_job())
    assert states(database) == {"due": [at("2026-11-23 02:30")]}
    assert alerts(database) == [f"audit: {NEVER_BEGAN}"]


def test_a_process_that_cannot_be_made_ends_no_clock(database: Database) -> None:
    host = Host(database)
    tried: list[datetime] = []

    def start(_job: Job, scheduled_for: datetime) -> int:
        tried.append(scheduled_for)
        raise OSError("no memory")

    clock = Clock(host.performer, [a_job()], start)
    clock.attend(a_job())
    host.now = at("2026-11-23 02:31")
    for _ in range(2):
        clock.attend(a_job())
    assert tried == [at("2026-11-23 02:30")] * 2
