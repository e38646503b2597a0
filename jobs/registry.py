"""Which jobs there are: each module of this folder that has a JOB. Found by name, loaded when it is wanted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from pkgutil import iter_modules

from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.clockwork.model import Job

BACKFILLS = "backfills"
"""Folder under the out folder: the outputs of past times that were run afterwards, by job and time."""

_NO_JOBS = ("registry", "settings", "table", "desk", "listing")


def shipped_jobs() -> list[Job]:
    """Every job, by name."""
    return [import_module(f"jobs.{name.replace('-', '_')}").JOB for name in job_names()]


def job_names() -> tuple[str, ...]:
    """The names of all jobs, without loading them: each is its module's, with hyphens."""
    import jobs

    names = [found.name for found in iter_modules(jobs.__path__) if not found.ispkg and found.name not in _NO_JOBS]
    return tuple(sorted(name.replace("_", "-") for name in names))


def no_such_job(name: str, names: Collection[str]) -> str:
    """What is said of a job that there is not."""
    return worded(f"没有任务 {name}；可选 {'、'.join(names)}", f"there is no job {name}; there are {', '.join(names)}")


def job_named(name: str, jobs: Sequence[Job]) -> Job:
    """One of the jobs. Raises ConfigurationError where it is not there, or turned off."""
    for job in jobs:
        if job.name == name:
            return job
    if name in job_names():
        raise ConfigurationError(
            worded(f"任务 {name} 已在配置中关闭", f"the job {name} is turned off in the configuration"),
            remedy=worded(
                f"从 [jobs.terms.{name}] 中删去 off，或不再启动它",
                f"take off out of [jobs.terms.{name}], or start it no more",
            ),
        )
    raise ConfigurationError(
        no_such_job(name, [job.name for job in jobs]),
        remedy=worded("`gate runs --jobs` 列出任务及其计划", "`gate runs --jobs` lists the jobs and their schedules"),
    )
