"""A world for the jobs' tests: hosts that share a database, and a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from compliance.cli.language import Message
from jobs.clockwork.alerting import operations_only, unsent
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.leases import Lease
from jobs.clockwork.model import Job, Outcome, Terms, Work
from jobs.clockwork.performing import Performer
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import Run, runs
from jobs.clockwork.timing import Timing
from jobs.clockwork.watching import Watch

START = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""Midnight in Asia/Shanghai."""


def no_work(_work: Work) -> Outcome:
    return Outcome(0, {})


def a_job(name: str = "audit", schedule: str = "30 2 * * *", lease: str | None = None, **terms: object) -> Job:
    return Job(name, Message("审核", "an audit"), Terms(schedule, **terms), no_work, lease)  # type: ignore[arg-type]  # whatever terms a test has


def at(text: str) -> datetime:
    """An instant from wall time in Shanghai, such as 2026-11-23 02:30."""
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)


@dataclass
class Signs:
    """Writes down what is signalled."""

    seen: list[str] = field(default_factory=list)

    def started(self, lease: Lease) -> None:
        self.seen.append(f"started {lease.attempt}")

    def stage(self, lease: Lease, stage: str) -> None:
        self.seen.append(stage)

    def ended(self, lease: Lease, ended: str, exit_code: int | None, error: BaseException | None) -> None:
        self.seen.append(ended)

    def database_away(self, error: JobsDatabaseError) -> None:
        self.seen.append("database away")


@dataclass
class Host:
    """One machine with a clock of its own. Sleeping moves its time, and calls whoever waits for it."""

    database: Database
    now: datetime = START
    steady: float = 0.0
    meanwhile: Callable[[], None] = lambda: None
    signs: Signs = field(default_factory=Signs)
    name: str = "one"

    def __post_init__(self) -> None:
        timing = Timing(lambda: self.now, lambda: self.steady, self.sleep)
        # No beating thread: time stands still while a job works, unless the job itself lets it pass.
        self.performer = Performer(
            self.database, self.signs, timing=timing, watch=Watch(60.0), holder=self.name, beat_s=3600.0
        )

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.steady += seconds
        self.meanwhile()

    def plan(self, job: Job) -> list[datetime]:
        """Settle the job's times, and say which are due, the oldest first."""
        plan(self.database, job, self.now, operations_only)
        return [run.scheduled_for for run in reversed(runs(self.database, job=job.name, states=("due",)))]

    def attend(self, job: Job, effort: Callable[[datetime], None]) -> None:
        """Get done whatever is due, as a scheduler would."""

        def work(scheduled_for: datetime) -> Callable[[Callable[[str], None]], Outcome]:
            def go(tell: Callable[[str], None]) -> Outcome:
                effort(scheduled_for)
                tell("publishing")
                return Outcome(0, {})

            return go

        for scheduled_for in self.plan(job):
            self.performer.perform(job, scheduled_for, work(scheduled_for))


def sqlite(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'jobs.sqlite'}")


def states(database: Database, job: str | None = None) -> dict[str, list[datetime]]:
    """Scheduled times by state, ascending."""
    found: dict[str, list[datetime]] = {}
    for run in reversed(runs(database, job=job)):
        found.setdefault(run.state, []).append(run.scheduled_for)
    return found


def the_run(database: Database) -> Run:
    (run,) = runs(database)
    return run


def alerts(database: Database) -> list[str]:
    return [f"{alert.job}: {alert.says}" for alert in unsent(database)]


def rename(database: Database, before: str, after: str) -> None:
    """Take the tables away, or bring them back: to the jobs, the database is away in between."""
    with sa.create_engine(database.url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))
