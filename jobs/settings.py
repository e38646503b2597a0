"""What `gate.toml` says of jobs: other terms than the shipped ones, who hears of what, where the numbers go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from compliance.cli.config import Config, catalog_at
from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.clockwork.alerting import OPERATIONS
from jobs.clockwork.model import Job, Terms
from jobs.table import JobsTable, TermsTable, read_jobs


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of all jobs, checked."""

    said: JobsTable
    metrics: Path | None
    folder: Path = Path()
    """The configuration's, where relative paths start."""

    @property
    def incremental(self) -> bool:
        """Whether nightly audits judge only what may have changed; then a weekly audit judges everything."""
        return self.said.incremental

    @property
    def within(self) -> timedelta:
        """How soon a title goes online that the pre-publication scan judges."""
        return timedelta(hours=self.said.within_hours)

    @property
    def notice_days(self) -> int:
        """So many days before it ends, a waiver is told of."""
        return self.said.notice_days

    @property
    def keep(self) -> timedelta:
        """How long records of runs are kept."""
        return timedelta(days=self.said.keep_days)

    @property
    def keep_backfills(self) -> timedelta:
        """How long outputs of backfills are kept."""
        return timedelta(days=self.said.keep_backfills_days)

    def owners(self, job: str, platform: str | None) -> Sequence[str]:
        """Who is to hear of a platform's part in a job; of everything else whoever runs the gate."""
        del job  # so far nobody is asked by job
        named = [
            name for name, owner in self.said.owners.items() if platform is not None and platform in owner.platforms
        ]
        return named or (OPERATIONS,)

    def channels(self, owner: str) -> list[str]:
        """The URLs of an owner's channels; none where the owner has none. Raises ConfigurationError."""
        known = self.said.owners.get(owner)
        return [] if known is None else [line for line in secret(known.channels).split() if line]

    def ping(self, job: str) -> str | None:
        """The health-check URL of a job. Raises ConfigurationError where it is named but not there."""
        terms = self.said.terms.get(job)
        return None if terms is None or terms.ping is None else secret(terms.ping).strip()

    def for_job(self, job: str, config: Config) -> Config:
        """The configuration that a job works by: with its own catalog, if it has one, and without the mapping then."""
        terms = self.said.terms.get(job)
        if terms is None or terms.catalog is None:
            return config
        return replace(config, catalog=catalog_at(self.folder, terms.catalog), mapping=None)

    def on_their_terms(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs that are on, each on the terms that the configuration wants."""
        asked = {job.name: self.said.terms.get(job.name) or TermsTable() for job in jobs}
        return [replace(job, terms=_terms(job.terms, asked[job.name])) for job in jobs if not asked[job.name].off]


def settings_of(said: Mapping[str, Any], folder: Path) -> Settings:
    """Read the table `jobs` of a configuration that stands in that folder. Raises ConfigurationError."""
    read = read_jobs(said)
    return Settings(read, None if read.metrics is None else folder / read.metrics, folder)


def secret(place: str) -> str:
    """What stands in an environment variable or a file. Raises ConfigurationError where nothing does."""
    kind, _, name = place.partition(":")
    try:
        found = os.environ.get(name) if kind == "env" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            worded(
                f"密钥 {place} 无法读取：{type(error).__name__}",
                f"the secret {place} cannot be read: {type(error).__name__}",
            )
        ) from None
    if not found:
        raise ConfigurationError(
            worded(f"没有密钥 {place}", f"the secret {place} is not there"),
            remedy=worded("设置它，或从 [jobs] 中去掉", "set it, or take it out of [jobs]"),
        )
    return found


def _terms(shipped: Terms, asked: TermsTable) -> Terms:
    lengths = {
        "window": asked.window_hours and timedelta(hours=asked.window_hours),
        "grace": asked.grace_minutes and timedelta(minutes=asked.grace_minutes),
        "first_wait": asked.first_wait_minutes and timedelta(minutes=asked.first_wait_minutes),
        "budget": asked.budget_minutes and timedelta(minutes=asked.budget_minutes),
    }
    plain = {"schedule": asked.schedule, "catch_up": asked.catch_up, "attempts": asked.attempts}
    changed: dict[str, Any] = {name: value for name, value in {**lengths, **plain}.items() if value}
    return replace(shipped, **changed)
