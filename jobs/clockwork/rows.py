"""The rows of the run ledger as they are told to readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from jobs.clockwork.database import Database
from jobs.clockwork.tables import ATTEMPTS, LEASES, RUNS

State = Literal["due", "running", "done", "failed", "missed"]


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of one scheduled time of one job."""

    job: str
    scheduled_for: datetime
    state: State
    attempts: int
    started_at: datetime | None
    not_before: datetime | None
    settled_at: datetime | None
    exit_code: int | None
    says: str | None
    outcome: str | None
    """Numbers, as JSON."""
    times: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a run."""

    lease: str
    fence: int
    job: str
    scheduled_for: datetime
    holder: str
    started_at: datetime
    ended_at: datetime | None
    ended: str | None
    exit_code: int | None
    says: str | None


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease as it is seen: who holds it for which run, and its last sign of life."""

    name: str
    fence: int
    beat: int
    beaten_at: datetime | None
    job: str | None
    scheduled_for: datetime | None
    holder: str | None


def runs(
    database: Database,
    *,
    job: str | None = None,
    states: Sequence[State] = (),
    after: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> list[Run]:
    """Runs, the newest scheduled time first."""
    asked = RUNS.select().order_by(RUNS.c.scheduled_for.desc(), RUNS.c.job)
    if job is not None:
        asked = asked.where(RUNS.c.job == job)
    if states:
        asked = asked.where(RUNS.c.state.in_(states))
    if after is not None:
        asked = asked.where(RUNS.c.scheduled_for > after)
    if until is not None:
        asked = asked.where(RUNS.c.scheduled_for <= until)
    if limit is not None:
        asked = asked.limit(limit)
    with database.transaction() as connection:
        return [Run(*row) for row in connection.execute(asked)]


def count_by_state(database: Database) -> dict[tuple[str, str], int]:
    """How many scheduled times of each job are in each state."""
    asked = sa.select(RUNS.c.job, RUNS.c.state, sa.func.sum(RUNS.c.times)).group_by(RUNS.c.job, RUNS.c.state)
    with database.transaction() as connection:
        return {(job, state): int(times) for job, state, times in connection.execute(asked)}


def attempts(database: Database, *, job: str | None = None, scheduled_for: datetime | None = None) -> list[Attempt]:
    """Attempts, the oldest first."""
    asked = ATTEMPTS.select().order_by(ATTEMPTS.c.started_at, ATTEMPTS.c.lease, ATTEMPTS.c.fence)
    if job is not None:
        asked = asked.where(ATTEMPTS.c.job == job)
    if scheduled_for is not None:
        asked = asked.where(ATTEMPTS.c.scheduled_for == scheduled_for)
    with database.transaction() as connection:
        return [Attempt(*row) for row in connection.execute(asked)]


def held_leases(database: Database) -> list[Holding]:
    """The leases that somebody holds."""
    with database.transaction() as connection:
        return [Holding(*row) for row in connection.execute(LEASES.select().where(LEASES.c.job.is_not(None)))]


def run_of(connection: sa.Connection, job: str, scheduled_for: datetime) -> Run | None:
    """One run, as a transaction sees it; None where the scheduled time has no row."""
    row = connection.execute(RUNS.select().where(RUNS.c.job == job, RUNS.c.scheduled_for == scheduled_for)).first()
    return None if row is None else Run(*row)


def known_run(connection: sa.Connection, job: str, scheduled_for: datetime) -> Run:
    """One run that has a row."""
    return Run(*connection.execute(RUNS.select().where(RUNS.c.job == job, RUNS.c.scheduled_for == scheduled_for)).one())
