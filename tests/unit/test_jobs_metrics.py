"""What Prometheus is told of the jobs: nothing that it would lose, and nothing that would hush an alert."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from pathlib import Path

import pytest

from compliance.errors import CatalogError
from jobs.clockwork import leases
from jobs.clockwork.alerting import operations_only
from jobs.clockwork.database import Database
from jobs.clockwork.model import Outcome
from jobs.signals.metrics import JobsCollector
from tests.clockworks import START, Host, a_job, at, sqlite

TICK = at("2026-11-23 02:30")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


def test_a_run_of_a_time_to_come_is_no_last_success(database: Database, tmp_path: Path) -> None:
    """It was run while the clock was ahead, and would hush every alert until then."""
    host = Host(database, TICK + timedelta(days=30, minutes=1))
    host.performer.perform(a_job(), TICK + timedelta(days=30), lambda _: Outcome(4, {"block": 7}))
    host.now = TICK + timedelta(minutes=1)
    host.performer.perform(a_job(), TICK, lambda _: Outcome(0, {"block": 8}))
    collector = JobsCollector(database, [a_job()], tmp_path, lambda: host.now)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in collector.collect()
        for sample in family.samples
    }
    assert found["gate_job_last_success_timestamp_seconds", "audit"] == TICK.timestamp()
    assert found["gate_job_last_exit_code", "audit"] == 0
    assert found["gate_job_counted", "audit", "block"] == 8
    assert found["gate_job_runs", "audit", "done"] == 2


def test_no_metric_has_a_label_that_prometheus_takes_for_its_own(database: Database, tmp_path: Path) -> None:
    """It would be scraped as `exported_job`, and no alert would ever find it."""
    host = Host(database)
    host.performer.perform(a_job(), TICK, lambda _: Outcome(1, {"block": 7}, by_rule={"x": 1}, ages={"key": 3}))
    leases.claim(database, a_job("other"), TICK, "one", START, operations_only, again=False)
    families = list(JobsCollector(database, [a_job(), a_job("other")], tmp_path).collect())
    labels = {family.name: set(sample.labels) for family in families for sample in family.samples}
    assert labels["gate_lease_beat_timestamp_seconds"] == {"lease", "gate_job"}
    assert [name for name, has in labels.items() if has & {"job", "instance"}] == []


def test_an_extract_that_nobody_has_looked_at_grows_older(database: Database, tmp_path: Path) -> None:
    """Where the register cannot be read, or nobody looks, its last good age would hush the alert for ever."""
    host = Host(database)

    def unreadable(_tell: object) -> Outcome:
        raise CatalogError("the register cannot be read")

    host.performer.perform(a_job(attempts=1), TICK, lambda _: Outcome(3, {}, ages={"key": 3, "other": None}))
    host.performer.perform(a_job(attempts=1), TICK + timedelta(days=1), unreadable)
    found = {}
    for days in (0, 1, 5):
        collector = JobsCollector(database, [a_job()], tmp_path, lambda days=days: TICK + timedelta(days=days))  # type: ignore[misc]  # a default for the loop's own value
        ages = next(family for family in collector.collect() if family.name == "gate_register_age_days")
        found[days] = {sample.labels["system"]: sample.value for sample in ages.samples}
    assert found == {days: {"key": 3 + days, "other": inf} for days in (0, 1, 5)}
