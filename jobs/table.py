"""The table `jobs` of `gate.toml`: its keys, and the bounds of what they may say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from compliance.errors import ConfigurationError
from compliance.language import Message
from compliance.mistakes import mistakes_in, refusal, written_as
from compliance.toml_files import TomlFile
from jobs.clockwork.model import CatchUp
from jobs.registry import job_names, no_such_job

WRONG = Message("[jobs] 有 {count} 处错误", "[jobs] has {count} mistake(s)")
REMEDY = Message(
    "改正这些行：docs/guide.md 说明 [jobs] 的写法", "mend these lines: docs/guide.md tells how [jobs] is written"
)

DAYS_OF_A_YEAR = 366
HOURS_OF_A_YEAR = 24 * DAYS_OF_A_YEAR
MINUTES_OF_A_WEEK = 7 * 24 * 60


def _existing(name: str) -> str:
    if name not in job_names():
        raise ValueError(no_such_job(name, job_names()))
    return name


def _coming(schedule: str) -> str:
    from jobs.clockwork.ticks import prove  # the clock's library is loaded where a schedule is written

    try:
        prove(schedule)
    except ConfigurationError as error:
        raise ValueError("; ".join(filter(None, (error.message, error.remedy)))) from None
    return schedule


Text = Annotated[str, Field(min_length=1)]
JobName = Annotated[str, AfterValidator(_existing)]
Schedule = Annotated[str, AfterValidator(_coming)]
Hours = Annotated[float, Field(gt=0, le=HOURS_OF_A_YEAR)]
Minutes = Annotated[float, Field(gt=0, le=MINUTES_OF_A_WEEK)]
Secret = Annotated[
    str,
    written_as(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+",
        Message(" env:变量名 或 file:路径，密钥本身不写在这里", "env:NAME or file:PATH: a secret has no place here"),
    ),
]
"""Where a secret is: `env:NAME` or `file:PATH`. A configuration file is no place for the secret itself."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TermsTable(_Table):
    """What is wanted of one job; None: as it ships."""

    off: bool = False
    schedule: Schedule | None = None
    catch_up: CatchUp | None = None
    window_hours: Hours | None = None
    grace_minutes: Minutes | None = None
    attempts: Annotated[int | None, Field(ge=1, le=20)] = None
    """Each wait is twice as long as the one before: after twenty it would be years."""
    first_wait_minutes: Minutes | None = None
    budget_minutes: Minutes | None = None
    ping: Secret | None = None
    catalog: Text | None = None
    """In place of the configuration's, such as where Spark alone reads that; the mapping is not for it."""


class OwnerTable(_Table):
    """Who hears of some platforms, or runs the gate."""

    channels: Secret
    platforms: list[Text] = []


class JobsTable(_Table):
    """All that the configuration says of jobs."""

    metrics: Text | None = None
    incremental: bool = True
    within_hours: Hours = 24
    notice_days: Annotated[int, Field(ge=1, le=DAYS_OF_A_YEAR)] = 7
    keep_days: Annotated[int, Field(ge=31, le=100 * DAYS_OF_A_YEAR)] = 400
    keep_backfills_days: Annotated[int, Field(ge=1, le=100 * DAYS_OF_A_YEAR)] = 31
    terms: dict[JobName, TermsTable] = {}
    owners: dict[str, OwnerTable] = {}


def read_jobs(said: Mapping[str, Any], file: TomlFile | None = None) -> JobsTable:
    """Read the table. Raises ConfigurationError with all mistakes, and with their lines where the file is given."""
    try:
        return JobsTable.model_validate(said)
    except ValidationError as error:
        raise refusal(WRONG, mistakes_in(error, JobsTable, beneath=("jobs",)), file, remedy=REMEDY) from None
