"""One place where a command finds everything about jobs: settings, run ledger, signals, and the way to start one."""

from __future__ import annotations

import _thread
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from compliance import clock
from compliance.cli.config import Config
from compliance.cli.ledgers import ledger_for
from compliance.cli.publishing import blocklist_folder
from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.clockwork.database import Database, url_beside
from jobs.clockwork.model import Job, Outcome, Work
from jobs.clockwork.performing import Performer
from jobs.clockwork.rows import Holding, Run
from jobs.clockwork.ticks import newest_tick
from jobs.clockwork.timing import Timing
from jobs.registry import BACKFILLS, shipped_jobs
from jobs.settings import Settings, settings_of

if TYPE_CHECKING:
    from jobs.signals.station import Station

BACKFILLED = ".backfill"
"""Behind a job's name in the run ledger: runs of past times."""
INSTALL = "install microdrama-gate[signals]"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands of the jobs share."""

    config: Config
    settings: Settings
    out: Path
    jobs: list[Job]
    database: Database
    station: Station
    performer: Performer

    def perform(self, job: Job, scheduled_for: datetime, *, again: bool) -> Run | Holding:
        """Get one run done, and tell. As `Performer.perform`."""
        try:
            return self.performer.perform(job, scheduled_for, self._effort(job, scheduled_for, self.out), again=again)
        finally:
            self.station.tell()

    def catch_up(self, job: Job, *, again: bool) -> list[Run | Holding]:
        """Get the newest scheduled time that has come done, and before it those that are to be caught up."""
        waiting = self.performer.waiting(job)
        now = clock.now()
        newest = newest_tick(job.terms.schedule, now) or now
        older = [moment for moment in waiting if moment < newest] if job.terms.catch_up == "all" else []
        caught_up = [self.perform(job, moment, again=False) for moment in older]
        return [*caught_up, self.perform(job, newest, again=again)]

    def backfill(self, job: Job, scheduled_for: datetime, *, again: bool) -> Run | Holding:
        """Run a past time into a folder of its own: what is current stays current."""
        name = job.name + BACKFILLED
        past = replace(job, name=name, lease=name, terms=replace(job.terms, catch_up="all"))
        place = self.out / BACKFILLS / job.name / f"{scheduled_for:%Y%m%dT%H%M%SZ}"
        try:
            return self.performer.perform(past, scheduled_for, self._effort(job, scheduled_for, place), again=again)
        finally:
            self.station.tell()

    def _effort(self, job: Job, scheduled_for: datetime, place: Path) -> Callable[[Callable[[str], None]], Outcome]:
        config = self.settings.for_job(job.name, self.config)
        return lambda tell: job.work(Work(scheduled_for, config, self.settings, place, tell))


def desk_for(config: Config) -> Desk:
    """Set everything up; nothing is opened yet. Raises ConfigurationError."""
    if find_spec("apprise") is None:
        raise ConfigurationError(
            worded("没有安装任务信号所需的库", "the libraries of the jobs' signals are not installed"), remedy=INSTALL
        )
    from jobs.signals.metrics import JobsCollector
    from jobs.signals.station import Station

    if config.out is None:
        raise ConfigurationError(
            worded("配置没有指定输出文件夹", "the configuration names no folder for the outputs"),
            remedy=worded("在 gate.toml 中设置 out", "set out in gate.toml"),
        )
    settings = settings_of(config.jobs, config.path.parent if config.path else Path())
    jobs = settings.on_their_terms(shipped_jobs())
    database = Database(url_beside(ledger_for(config, config.out)))
    timing = Timing()
    station = Station(database, settings, JobsCollector(database, jobs, blocklist_folder(config, config.out)), timing)
    performer = Performer(database, station, settings.owners, timing, on_lost=_thread.interrupt_main)
    return Desk(config, settings, config.out, jobs, database, station, performer)
