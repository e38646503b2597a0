"""Give every scheduled time its row: due where it is to be run, missed where it comes too late for that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

import sqlalchemy as sa

from compliance import clock
from compliance.language import worded
from jobs.clockwork.alerting import Owners, raise_alert
from jobs.clockwork.database import Database
from jobs.clockwork.model import Job
from jobs.clockwork.rows import run_of
from jobs.clockwork.tables import RUNS, WATCHES
from jobs.clockwork.ticks import ticks_between

SKEW = timedelta(minutes=5)
"""By so much the clocks of two hosts may differ. A clock that stands further back than that was put back."""
TOLD_ONE_BY_ONE = 200
"""Of more missed times than this, the older ones share a row."""


def plan(database: Database, job: Job, now: datetime, owners: Owners, zone: tzinfo = clock.SHANGHAI) -> None:
    """Settle every scheduled time of a job up to now. Called by any number of hosts; each time gets one row.

    A job that is seen for the first time begins with its next scheduled time.
    """
    with database.transaction() as connection:
        settled = connection.scalar(sa.select(WATCHES.c.settled_until).where(WATCHES.c.job == job.name))
        if settled is None:
            connection.execute(WATCHES.insert().values(job=job.name, settled_until=now))
            return
        if settled > now + SKEW:
            settled = _take_back(connection, job, now, owners)
        times = _Times(job, now)
        for tick in ticks_between(job.terms.schedule, settled, now, zone):
            times.add(tick)
        if times.last is None:
            return
        due = times.to_run()
        _supersede(connection, job, due, now, owners)
        missed = [tick for tick in times.recent if tick not in due]
        for tick in due:
            _insert(connection, job, tick, "due")
        _miss(connection, job, missed, times, now, owners)
        _settle(connection, job, times.last)


class _Times:
    """Scheduled times since the last look: the recent ones one by one, the rest as a count."""

    def __init__(self, job: Job, now: datetime) -> None:
        self.terms, self.now = job.terms, now
        self.recent: list[datetime] = []
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.older = 0

    def add(self, tick: datetime) -> None:
        self.first, self.last = self.first or tick, tick
        self.recent.append(tick)
        if len(self.recent) > TOLD_ONE_BY_ONE and self.recent[0] < self.now - self.terms.window:
            self.recent.pop(0)
            self.older += 1

    def to_run(self) -> list[datetime]:
        """Those that are run, by the job's terms."""
        within = [tick for tick in self.recent if tick >= self.now - self.terms.window]
        if self.terms.catch_up == "all":
            return within
        if self.terms.catch_up == "none":
            within = [tick for tick in within if tick >= self.now - self.terms.grace]
        return within[-1:]


def _insert(connection: sa.Connection, job: Job, tick: datetime, state: str, **values: object) -> bool:
    """Whether there was no row yet: one that was run by hand, or before the clock was put back, stays what it is."""
    if run_of(connection, job.name, tick) is not None:
        return False
    connection.execute(RUNS.insert().values(job=job.name, scheduled_for=tick, state=state, **values))
    return True


def _miss(
    connection: sa.Connection, job: Job, missed: list[datetime], times: _Times, now: datetime, owners: Owners
) -> None:
    says = worded("到时没有进程运行它", "nobody was there to run it in time")
    new = [tick for tick in missed if _insert(connection, job, tick, "missed", settled_at=now, says=says)]
    count = len(new) + times.older
    if times.older and times.first is not None:
        _insert(connection, job, times.first, "missed", settled_at=now, says=says, times=times.older)
    if count:
        first, last = (times.first if times.older else new[0]), (new[-1] if new else times.first)
        raise_alert(connection, owners, job.name, _missed(count, _span(first, last)), now)


def _supersede(connection: sa.Connection, job: Job, due: list[datetime], now: datetime, owners: Owners) -> None:
    """Unless all are to be caught up, a time that still waits gives way to the newer one."""
    if job.terms.catch_up == "all" or not due:
        return
    waiting = RUNS.c.job == job.name, RUNS.c.state == "due", RUNS.c.scheduled_for < due[-1]
    rows = connection.execute(sa.select(RUNS.c.scheduled_for).where(*waiting).order_by(RUNS.c.scheduled_for)).all()
    if rows:
        following = f"{due[-1]:%Y-%m-%dT%H:%M:%SZ}"
        says = worded(f"下一次（{following}）到时仍未运行", f"not run before the next one was due ({following})")
        connection.execute(RUNS.update().where(*waiting).values(state="missed", settled_at=now, says=says))
        span = _span(rows[0].scheduled_for, rows[-1].scheduled_for)
        raise_alert(
            connection, owners, job.name, worded("{}：{}", "{}: {}").format(_missed(len(rows), span), says), now
        )


def _take_back(connection: sa.Connection, job: Job, now: datetime, owners: Owners) -> datetime:
    """The clock was put back: what was settled for times to come, and never begun, is still to come."""
    ahead = RUNS.c.job == job.name, RUNS.c.scheduled_for > now, RUNS.c.attempts == 0
    gone = connection.execute(RUNS.delete().where(*ahead, RUNS.c.state.in_(("missed", "due")))).rowcount
    _settle(connection, job, now)
    says = worded(
        f"时钟被拨回；{gone:,} 个时刻重新待运行", f"the clock was put back; {gone:,} time(s) are to come again"
    )
    raise_alert(connection, owners, job.name, says, now)
    return now


def _settle(connection: sa.Connection, job: Job, until: datetime) -> None:
    connection.execute(WATCHES.update().where(WATCHES.c.job == job.name).values(settled_until=until))


def _missed(count: int, span: str) -> str:
    return worded(f"错过 {count:,} 个计划时刻，{span}", f"{count:,} scheduled time(s) missed, {span}")


def _span(*times: datetime | None) -> str:
    told: Iterable[str] = dict.fromkeys(f"{time.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" for time in times if time)
    return " … ".join(told)
