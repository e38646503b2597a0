"""What a job is: what it does, when it is due, and how far the house goes to get it done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from compliance import clock
from compliance.cli.language import Message
from compliance.errors import ConfigurationError, GateError
from compliance.language import worded

if TYPE_CHECKING:
    from compliance.cli.config import Config
    from jobs.settings import Settings

CatchUp = Literal["none", "latest", "all"]


@dataclass(frozen=True, slots=True)
class Terms:
    """When a job is due, and how far to go to get it done."""

    schedule: str
    """Five fields as in crontab, wall time in Asia/Shanghai; days of the week by name (mon, tue, ...)."""
    catch_up: CatchUp = "latest"
    """Scheduled times that nobody was there for: told as missed; the latest is run; or all are, oldest first."""
    window: timedelta = timedelta(hours=24)
    """No scheduled time older than this is caught up; it is told as missed."""
    grace: timedelta = timedelta(minutes=5)
    """So late a scheduled time still counts as met, whatever `catch_up` says."""
    attempts: int = 3
    first_wait: timedelta = timedelta(minutes=1)
    """Between the first failure and the second attempt; each wait after it is twice as long."""
    budget: timedelta = timedelta(hours=4)
    """From the first attempt's start: no attempt begins later than this."""

    def wait_after(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts, the last of which has failed."""
        return min(self.first_wait * (1 << (attempts - 1)), self.budget)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a job came to."""

    exit_code: int
    """As the contract has it, section 3."""
    counts: dict[str, int]
    """Numbers for metrics, such as titles by decision."""
    run_id: str | None = None
    """The audit's own run, where there is one."""
    by_rule: dict[str, int] | None = None
    """Titles that failed, by rule."""
    ages: dict[str, int | None] | None = None
    """Days since each filing system's extract was updated; None where it has no rows, or none that tell."""
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should hear of. It holds numbers, days and ids of rules, never text of a catalog."""

    says: str
    platform: str | None = None
    """Whose concern it is, where it is one platform's; None: that of whoever runs the gate."""
    once: bool = False
    """Whoever was told of it in these words, as far back as records are kept, is not told again."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is given."""

    scheduled_for: datetime
    """The time that is run, which need not be the time at which it is run; in UTC."""
    config: Config
    settings: Settings
    out: Path
    """Where this run's outputs go; a backfill's do not go where the current ones are."""
    tell: Callable[[str], None]
    """Told each stage of the work. Raises LeaseLostError where the run has been given to somebody else."""

    @property
    def catalog(self) -> str:
        """The configured catalog. Raises ConfigurationError where there is none."""
        if self.config.catalog is None:
            raise ConfigurationError(
                worded("配置没有指定片库", "the configuration names no catalog"),
                remedy=worded("在 gate.toml 中设置 catalog", "set catalog in gate.toml"),
            )
        return self.config.catalog

    @property
    def memory(self) -> str:
        """The memory limit in DuckDB's spelling."""
        return self.config.memory or "3GB"

    @property
    def incremental(self) -> bool:
        """Whether nightly audits judge only what may have changed: other engines judge everything each night."""
        return self.settings.incremental and self.config.engine == "duckdb"

    @property
    def as_of(self) -> date:
        """The day of the scheduled time in Asia/Shanghai."""
        return self.wall_time.date()

    @property
    def wall_time(self) -> datetime:
        """The scheduled time as wall time in Asia/Shanghai, without a zone. Its day is the as-of day."""
        return self.scheduled_for.astimezone(clock.SHANGHAI).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that is done again and again."""

    name: str
    does: Message
    terms: Terms
    work: Callable[[Work], Outcome]
    lease: str | None = None
    """Jobs that name one lease never run at the same time on any host; None: a lease of the job's own."""
    backfills: bool = False
    """Whether the job can be run for a past time, into a folder of its own."""

    @property
    def lease_name(self) -> str:
        """The lease under which it runs."""
        return self.lease or self.name


class LeaseLostError(GateError):
    """The run was given to somebody else, since this process was not heard of; nothing of it counts any more."""
