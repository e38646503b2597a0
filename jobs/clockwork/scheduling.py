"""The clock: wakes at every scheduled time and now and then between, and starts what the run ledger says is due.

APScheduler keeps no memory and settles nothing: what it forgets, sleeps through or is late for is found by the next
look at the run ledger. Any number of hosts may run a clock on one database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from compliance import clock
from jobs.clockwork.database import JobsDatabaseError
from jobs.clockwork.model import Job
from jobs.clockwork.performing import Performer
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import runs

LOOK_EVERY_S = 20
MISFIRE_GRACE_S = 60
"""APScheduler drops a waking that is later than this; the next look comes sooner."""

Start = Callable[[Job, datetime], None]
"""Gets one run done, and returns when it is settled or left to somebody else."""


@dataclass(slots=True)
class Clock:
    """One host's clock."""

    performer: Performer
    jobs: Sequence[Job]
    start: Start
    after_look: Callable[[], None] = lambda: None
    _scheduler: BackgroundScheduler = field(init=False)

    def __post_init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(len(self.jobs) + 1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_GRACE_S},
            timezone=clock.SHANGHAI,
        )
        for job in self.jobs:
            on_time = CronTrigger.from_crontab(job.terms.schedule, timezone=clock.SHANGHAI)
            between = IntervalTrigger(seconds=LOOK_EVERY_S, timezone=clock.SHANGHAI)
            self._scheduler.add_job(self.attend, OrTrigger([on_time, between]), args=[job], id=job.name)
        look = IntervalTrigger(seconds=int(self.performer.watch.look_every_s) or 1, timezone=clock.SHANGHAI)
        self._scheduler.add_job(self.look_round, look, id="look round")

    def run(self) -> None:
        """Look at once, then run in threads of its own until `end` is called."""
        self.look_round()
        self._scheduler.start()

    def end(self) -> None:
        """Start nothing more, and wait for what goes on."""
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
        except JobsDatabaseError as error:
            performer.signals.database_away(error)
            return
        for scheduled_for in due:
            self.start(job, scheduled_for)

    def look_round(self) -> None:
        """Free the leases of the dead, and tell what is to be told."""
        try:
            self.performer.bury_the_dead()
            self.after_look()
        except JobsDatabaseError as error:
            self.performer.signals.database_away(error)
