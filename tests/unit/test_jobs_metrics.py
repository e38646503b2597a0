"""What Prometheus is told of the jobs: nothing that it would lose, and nothing that would hush an alert."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

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
    host.performer.perform(a_job(), TICK, lambda _: Outcome(1, {"block": 7}, by_rule={"x": 1}, ages={"key": 3.0}))
    leases.claim(database, a_job("other"), TICK, "one", START, operations_only, again=False)
    families = list(JobsCollector(database, [a_job(), a_job("other")], tmp_path).collect())
    labels = {family.name: set(sample.labels) for family in families for sample in family.samples}
    assert labels["gate_lease_beat_timestamp_seconds"] == {"lease", "gate_job"}
    assert [name for name, has in labels.items() if has & {"job", "instance"}] == []
