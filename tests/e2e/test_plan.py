"""An audit of a sample finds what was planted, and nothing else."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance.engines.audit import AuditRequest, run_audit
from compliance.policy import load_policy
from compliance.sample import write_sample
from compliance.verdicts.summary import Summary

COLUMNS = ["title_id", "rule", "outcome", "action"]


def audit(catalog: Path, folder: Path, as_of: date) -> Summary:
    folder.mkdir()
    request = AuditRequest(
        catalog=str(catalog),
        folder=folder,
        as_of=as_of,
        policy=load_policy(),
        run_id="plan",
        started_at=datetime(as_of.year, as_of.month, as_of.day, 3),  # noqa: DTZ001 - wall time
    )
    return run_audit(request, progress=lambda _: None)


def ordered(findings: pa.Table) -> list[dict[str, str]]:
    return findings.select(COLUMNS).sort_by([(name, "ascending") for name in COLUMNS]).to_pylist()


@pytest.mark.parametrize(
    ("as_of", "titles", "seed"),
    [
        (date(2026, 11, 20), 20_000, 7),
        (date(2026, 11, 20), 2_500, 20_261_120),
        (date(2027, 12, 31), 2_500, 7),
        (date(2026, 9, 1), 2_500, 7),
        (date(2026, 8, 31), 2_500, 7),
        (date(2025, 1, 1), 2_500, 7),
    ],
)
def test_findings_are_the_planned_ones(as_of: date, titles: int, seed: int, tmp_path: Path) -> None:
    plan = write_sample(tmp_path / "catalog", titles, as_of=as_of, seed=seed)

    summary = audit(tmp_path / "catalog", tmp_path / "run", as_of)

    found = pq.read_table(tmp_path / "run" / "findings.parquet")
    assert ordered(found) == ordered(plan.findings)
    assert summary.counts["judged"] == plan.judged
    assert summary.counts["quarantined"] == 0
    assert summary.inputs == plan.rows


def test_decisions_and_counts_follow_from_the_plan(tmp_path: Path) -> None:
    as_of = date(2026, 11, 20)
    plan = write_sample(tmp_path / "catalog", 2_500, as_of=as_of)
    actions: dict[str, set[str]] = {}
    failed: dict[str, set[str]] = {}
    for row in plan.findings.to_pylist():
        actions.setdefault(row["title_id"], set()).add(row["action"])
        if row["outcome"] == "fail":
            failed.setdefault(row["title_id"], set()).add(row["rule"])

    audit(tmp_path / "catalog", tmp_path / "run", as_of)

    verdicts = pq.read_table(tmp_path / "run" / "verdicts.parquet").to_pylist()
    summary = json.loads((tmp_path / "run" / "summary.json").read_text(encoding="utf-8"))
    worst = {
        title: next((action for action in ("block", "hold") if action in found), "allow")
        for title, found in actions.items()
    }
    assert {row["title_id"]: row["decision"] for row in verdicts if row["title_id"] in worst} == worst
    assert {row["decision"] for row in verdicts if row["title_id"] not in worst} == {"allow"}
    assert {row["title_id"]: set(row["rules"]) for row in verdicts if row["rules"]} == failed
    assert {rule: counts["fail"] for rule, counts in summary["rules"].items()} == {
        rule: sum(rule in rules for rules in failed.values()) for rule in summary["rules"]
    }
