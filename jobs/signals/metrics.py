"""What Prometheus may know of the jobs, read from the run ledger: a text file for node_exporter, or an endpoint."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from math import inf
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from compliance import clock
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.versions import version_in_force
from compliance.files import write_durably
from compliance.outputs import begun_at
from jobs.clockwork.alerting import unsent
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.model import Job
from jobs.clockwork.planning import SKEW
from jobs.clockwork.rows import Run, attempts, count_by_state, held_leases, runs

FILE = "microdrama_gate.prom"
JOB = "gate_job"
"""The label of a job's name. `job` and `instance` are Prometheus's own: what it scrapes loses labels so called."""
_LOOK_BACK = 20
"""Among so many of the last runs is one with an exit code: a run that was given up after its process died has none."""
_STATES = ("due", "running", "done", "failed", "missed")


class JobsCollector(Collector):
    """The jobs' metrics, read anew each time they are asked for. Also for the registry of a service."""

    def __init__(
        self, database: Database, jobs: Sequence[Job], block_list: Path, now: Callable[[], datetime] = clock.now
    ) -> None:
        """`block_list` is the folder of its versions."""
        self.database, self.jobs, self.block_list, self.now = database, jobs, block_list, now

    def collect(self) -> Iterator[Metric]:
        """All metrics; instants in seconds since 1970.

        What was run while the clock was ahead is none of the last runs: it would look like a success until that day.
        """
        until = self.now() + SKEW
        ended = {
            job.name: runs(self.database, job=job.name, states=("done", "failed"), until=until, limit=_LOOK_BACK)
            for job in self.jobs
        }
        done = {
            job.name: next(iter(runs(self.database, job=job.name, states=("done",), until=until, limit=1)), None)
            for job in self.jobs
        }
        yield from self._of_runs(ended, done)
        yield from self._of_outcomes(done)
        yield from self._of_leases()
        yield self._list()
        waiting = GaugeMetricFamily("gate_alerts_unsent", "Alerts that wait to be sent")
        waiting.add_metric([], len(unsent(self.database)))
        yield waiting

    def _of_runs(self, ended: dict[str, list[Run]], done: dict[str, Run | None]) -> Iterator[Metric]:
        success = _gauge("gate_job_last_success_timestamp_seconds", "Scheduled time of the last run that was done")
        settled = _gauge("gate_job_last_done_timestamp_seconds", "When the last run was done")
        code = _gauge("gate_job_last_exit_code", "Exit code of the last run that was done or failed")
        took = _gauge("gate_job_duration_seconds", "How long the last attempt took that was done")
        states = GaugeMetricFamily("gate_job_runs", "Runs on record, by state", labels=[JOB, "state"])
        counted = count_by_state(self.database)
        for job, last in done.items():
            if last is not None:
                success.add_metric([job], last.scheduled_for.timestamp())
                settled.add_metric([job], (last.settled_at or last.scheduled_for).timestamp())
                took.add_metric([job], self._seconds(last))
            coded = next((run.exit_code for run in ended[job] if run.exit_code is not None), None)
            if coded is not None:
                code.add_metric([job], coded)
            for state in _STATES:
                states.add_metric([job, state], counted.get((job, state), 0))
        yield from (success, settled, code, took, states)

    def _seconds(self, run: Run) -> float:
        tried = attempts(self.database, job=run.job, scheduled_for=run.scheduled_for)
        last = next((one for one in reversed(tried) if one.ended == "done" and one.ended_at is not None), None)
        return 0.0 if last is None or last.ended_at is None else (last.ended_at - last.started_at).total_seconds()

    def _of_outcomes(self, done: dict[str, Run | None]) -> Iterator[Metric]:
        counts = GaugeMetricFamily("gate_job_counted", "What the last run counted", labels=[JOB, "what"])
        rules = GaugeMetricFamily("gate_rule_failures", "Titles that fail a rule, in the last run", labels=["rule"])
        ages = GaugeMetricFamily(
            "gate_register_age_days",
            "Age of each system's extract, as it was last seen; +Inf without rows that tell",
            labels=["system"],
        )
        for job, last in done.items():
            if last is None or last.outcome is None:
                continue
            outcome = json.loads(last.outcome)
            for what, count in outcome.get("counts", {}).items():
                counts.add_metric([job, what], count)
            for rule, count in (outcome.get("by_rule") or {}).items():
                rules.add_metric([rule], count)
            for system, days in (outcome.get("ages") or {}).items():
                ages.add_metric([system], self._aged(days, last))
        yield from (counts, rules, ages)

    def _aged(self, days: float | None, seen: Run) -> float:
        """How old it is by now: what nobody has looked at since, or could not read, has not become younger."""
        since = _day(self.now()) - _day(seen.scheduled_for)
        return inf if days is None else days + max(0, since.days)

    def _of_leases(self) -> Iterator[Metric]:
        held = GaugeMetricFamily("gate_lease_beat_timestamp_seconds", "Last sign of life", labels=["lease", JOB])
        for lease in held_leases(self.database):
            if lease.beaten_at is not None:
                held.add_metric([lease.name, lease.job or ""], lease.beaten_at.timestamp())
        yield held

    def _list(self) -> Metric:
        audited = GaugeMetricFamily("gate_block_list_timestamp_seconds", "When the audit began whose list is in force")
        with contextlib.suppress(BlockListError, ValueError):  # whoever publishes or reads that list is told
            version = version_in_force(self.block_list)
            if version is not None:
                audited.add_metric([], begun_at(version.said["run_id"]).timestamp())
        return audited


def write_metrics(collector: JobsCollector, folder: Path) -> None:
    """Write the text file that node_exporter's textfile collector reads; a reader sees the old one or the new.

    Whatever the umask is: the collector is another user, and the file holds no secret.
    """
    registry = CollectorRegistry()
    registry.register(collector)
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / FILE, generate_latest(registry))
    (folder / FILE).chmod(0o644)


class Scraped(Collector):
    """The jobs' metrics at an endpoint: none while the database is away. Their absence is what alerts look for."""

    def __init__(self, collector: JobsCollector, away: Callable[[JobsDatabaseError], None]) -> None:
        self._collector, self._away = collector, away

    def collect(self) -> Iterator[Metric]:
        """All, or none."""
        try:
            yield from list(self._collector.collect())
        except JobsDatabaseError as error:
            self._away(error)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()


def _gauge(name: str, says: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, labels=[JOB])
