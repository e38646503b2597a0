"""The clock: wakes at every scheduled time and now and then between, and starts what the run ledger says is due.

APScheduler keeps no memory and settles nothing: what it forgets, sleeps through or is late for is found by the next
look at the run ledger. Looks come by a stopwatch: where the clock is put back by a month, APScheduler would sleep for
that month. Any number of hosts may run a clock on one database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from compliance import clock
from compliance.errors import EXIT_USAGE
from jobs.clockwork.alerting import raise_alert
from jobs.clockwork.database import JobsDatabaseError
from jobs.clockwork.model import Job
from jobs.clockwork.performing import Performer
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import run_of, runs

LOOK_EVERY_S = 20.0
MISFIRE_GRACE_S = 60
"""APScheduler drops a waking that is later than this; the next look comes sooner."""
NEVER_BEGAN = "no attempt begins, exit code 2: the configuration is wrong"

log = structlog.get_logger()

Start = Callable[[Job, datetime], int | None]
"""Gets one run done, and returns when it is settled or left to somebody else: the exit code, None where it has none."""


@dataclass(slots=True)
class Clock:
    """One host's clock."""

    performer: Performer
    jobs: Sequence[Job]
    start: Start
    after_look: Callable[[], None] = lambda: None
    _scheduler: BackgroundScheduler = field(init=False)
    _over: threading.Event = field(init=False, default_factory=threading.Event)
    _looking: list[threading.Thread] = field(init=False, default_factory=list)
    _never_began: set[tuple[str, datetime]] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(self.jobs) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_S},
            timezone=clock.SHANGHAI,
        )
        for job in self.jobs:
            on_time = CronTrigger.from_crontab(job.terms.schedule, timezone=clock.SHANGHAI)
            self._scheduler.add_job(self.attend, on_time, args=[job], id=job.name)

    def run(self) -> None:
        """Look at once, then run in threads of its own until `end` is called."""
        self.look_round()
        self._scheduler.start()
        for every_s, look in ((LOOK_EVERY_S, self._wake), (self.performer.watch.look_every_s, self.look_round)):
            thread = threading.Thread(target=self._again_and_again, args=[every_s, look], name=f"every {every_s:g} s")
            thread.start()
            self._looking.append(thread)

    def end(self) -> None:
        """Start nothing more, and wait for what goes on."""
        self._over.set()
        for thread in self._looking:
            thread.join()
        self._scheduler.shutdown(wait=True)

    def attend(self, job: Job) -> None:
        """Settle a job's scheduled times up to now, and get done what is due, the oldest first."""
        performer = self.performer
        try:
            plan(performer.database, job, performer.timing.now(), performer.owners)
            now = performer.timing.now()
            due = [
                run.scheduled_for
                for run in reversed(runs(performer.database, job=job.name, states=("due",)))
                if run.not_before is None or not now < run.not_before <= now + job.terms.budget
            ]
            for scheduled_for in due:
                if self.start(job, scheduled_for) == EXIT_USAGE:
                    self._tell_unless_begun(job, scheduled_for)
        except JobsDatabaseError as error:
            performer.signals.database_away(error)
        except Exception as error:  # noqa: BLE001 - such as no memory for a process: said, and tried at the next look
            log.warning("not attended", job=job.name, error=type(error).__name__)

    def look_round(self) -> None:
        """Free the leases of the dead, and tell what is to be told."""
        try:
            self.performer.bury_the_dead()
            self.after_look()
        except JobsDatabaseError as error:
            self.performer.signals.database_away(error)

    def _again_and_again(self, every_s: float, look: Callable[[], None]) -> None:
        while not self._over.wait(every_s):
            try:
                look()
            except Exception as error:  # noqa: BLE001 - a clock that looks no more would start nothing, and say nothing
                log.warning("look failed", error=type(error).__name__)

    def _wake(self) -> None:
        """Have each job attended to now, in APScheduler's threads: one at a time of each job."""
        for job in self.jobs:
            self._scheduler.modify_job(job.name, next_run_time=self.performer.timing.now())

    def _tell_unless_begun(self, job: Job, scheduled_for: datetime) -> None:
        """A process that cannot read its configuration leaves no trace in the run ledger; it is told, once."""
        performer, this = self.performer, (job.name, scheduled_for)
        with performer.database.transaction() as connection:
            run = run_of(connection, job.name, scheduled_for)
            if run is None or run.state != "due" or run.attempts or this in self._never_began:
                return
            raise_alert(connection, performer.owners, job.name, NEVER_BEGAN, performer.timing.now())
            self._never_began.add(this)
