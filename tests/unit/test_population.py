"""The files that reports read beside a run's outputs: the same titles, counted another way."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance.engines.audit import AuditRequest, run_audit
from compliance.engines.duck.population import LISTED, POPULATION, PRODUCERS
from compliance.policy import Policy, load_policy
from tests.nasty import AS_OF, Nasty


def audited(
    catalog: Path, folder: Path, *, details: bool = True, as_of: date = AS_OF, policy: Policy | None = None
) -> Path:
    request = AuditRequest(
        catalog=str(catalog),
        folder=folder,
        as_of=as_of,
        policy=policy or load_policy(),
        run_id="run1",
        started_at=datetime(2026, 11, 23, 3, 0),  # noqa: DTZ001 - wall time in Asia/Shanghai
        details=details,
    )
    run_audit(request, progress=lambda _stage: None)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = Nasty(7, 400).write(tmp_path_factory.mktemp("catalog"))
    return audited(catalog, tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def population(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / POPULATION).read_text(encoding="utf-8")))


def rows(query: str, **paths: Path) -> list[tuple[Any, ...]]:
    return duckdb.sql(query.format(**paths)).fetchall()


def test_shares_count_every_judged_title_once(run: Path, population: dict[str, Any]) -> None:
    counted = Counter()
    for share in population["shares"]:
        counted[share["stage"], share["regime"], share["tier"], share["decision"]] += share["titles"]
    query = "SELECT stage, regime, tier, decision, count(*) FROM '{run}/verdicts.parquet' GROUP BY ALL"
    assert counted == {tuple(key): number for *key, number in rows(query, run=run)}


def test_listed_are_the_titles_with_a_finding_and_the_held_ones(run: Path) -> None:
    listed = rows(f"SELECT title_id FROM '{{run}}/{LISTED}' ORDER BY 1", run=run)
    query = """
SELECT title_id FROM '{run}/findings.parquet' UNION SELECT title_id FROM '{run}/verdicts.parquet'
WHERE decision <> 'allow' ORDER BY 1"""
    assert listed == rows(query, run=run)
    assert listed


def test_placements_tell_how_many_promote_a_blocked_title(run: Path, population: dict[str, Any]) -> None:
    blocked = {slot["slot"]: slot["blocked"] for slot in population["placements"] if slot["blocked"]}
    assert blocked == dict(rows("SELECT slot, count(*) FROM '{run}/blocked_placements.parquet' GROUP BY 1", run=run))
    assert all(slot["active"] >= slot["blocked"] + slot["held"] for slot in population["placements"])


def test_no_canary_is_counted(run: Path, population: dict[str, Any]) -> None:
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    assert sum(part["rows"] for part in population["register"]) == summary["inputs"]["register"]
    assert sum(part["rows"] for part in population["labels"]) == summary["inputs"]["labels"]
    judged = rows(f"SELECT producer, judged FROM '{{run}}/{PRODUCERS}'", run=run)
    assert judged
    assert sum(number for _, number in judged) <= summary["counts"]["judged"]


def test_without_reports_nothing_of_this_is_written(run: Path, tmp_path: Path) -> None:
    catalog = Nasty(7, 20).write(tmp_path / "catalog")
    (tmp_path / "run").mkdir()
    audited(catalog, tmp_path / "run", details=False)
    assert not {LISTED, PRODUCERS, POPULATION} & {path.name for path in (tmp_path / "run").iterdir()}
