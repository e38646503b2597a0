"""Which jobs there are: each module of this folder that has a JOB. Found by name, loaded when it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.clockwork.model import Job

BACKFILLS = "backfills"
"""Folder under the out folder: the outputs of past times that were run afterwards, by job and time."""

_NO_JOBS = ("registry", "settings", "desk")


def shipped_jobs() -> list[Job]:
    """Every job, by name."""
    import jobs

    names = [found.name for found in iter_modules(jobs.__path__) if not found.ispkg and found.name not in _NO_JOBS]
    return sorted((import_module(f"jobs.{name}").JOB for name in names), key=lambda job: job.name)


def job_named(name: str, jobs: Sequence[Job]) -> Job:
    """One of the jobs. Raises ConfigurationError where it is not there."""
    for job in jobs:
        if job.name == name:
            return job
    raise ConfigurationError(
        worded(f"没有任务 {name}", f"there is no job {name}"),
        remedy=worded(
            f"可选：{'、'.join(job.name for job in jobs)}", f"there are: {', '.join(job.name for job in jobs)}"
        ),
    )
