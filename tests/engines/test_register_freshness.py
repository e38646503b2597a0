"""Rows of the register that are dated in days to come tell nothing of how fresh it is: to no engine, of no title."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai; what is expected stands first

from __future__ import annotations

import json
from datetime import date, datetime, time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compliance.engines.audit import AuditRequest
from compliance.engines.single.building import Asked
from compliance.engines.single.deciding import Decider
from compliance.engines.single.reading import state_from_catalog
from compliance.engines.single.state import State
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.verdicts.summary import Summary
from tests.catalogs import write_catalog
from tests.nights import FULL, World
from tests.portable import Run, embedded, portable

RULES, POLICY = load_rules(), load_policy()
TODAY = date(2026, 11, 23)
MISTYPED = date(2100, 6, 1)
OLD = date(2026, 10, 1)


def catalog_of(folder: Path, *updated_on: date) -> Path:
    """A title whose number the system `other` has; rows of that system that were updated on these days."""
    fresh = [
        {"system": system, "permit_number": f"（沪）网微剧备字（2026）第{n}号", "updated_at": datetime(2026, 11, 20)}
        for n, system in enumerate(("key", "ordinary"), start=1)
    ]
    others = [
        {"permit_number": f"（番茄）网微剧备字（2026）第{n}号", "updated_at": datetime.combine(day, time(12))}
        for n, day in enumerate(updated_on, start=1)
    ]
    titles = [{"title_id": "t1", "permit_number": others[0]["permit_number"]}]
    labels = [{"text": others[0]["permit_number"]}]
    return write_catalog(folder, titles=titles, register=[*others, *fresh], labels=labels)


def audited(run: Run, catalog: Path, folder: Path, as_of: date, today: date = TODAY) -> Summary:
    folder.mkdir()
    started_at = datetime.combine(today, time(23, 59))
    request = AuditRequest(str(catalog), folder, as_of, POLICY, "run", started_at, details=True, state=True)
    return run(request)


def unknown_rules(folder: Path) -> set[str]:
    return {row["rule"] for row in pq.read_table(folder / "findings.parquet").to_pylist()}


CASES = {
    "one mistyped year beside old rows": ((OLD, MISTYPED), TODAY, True),
    "no other row": ((MISTYPED,), TODAY, True),
    "a row of tomorrow": ((OLD, date(2026, 11, 24)), TODAY, True),
    "a row of today": ((OLD, TODAY), TODAY, False),
    "a past day, and the extract of today": ((TODAY,), date(2026, 10, 5), False),
    "a past day, and a mistyped year": ((MISTYPED,), date(2026, 10, 5), True),
    "a day to come, and what is there by then": ((OLD, date(2026, 12, 20)), date(2026, 12, 24), False),
    "a day to come, and what is later than that": ((OLD, date(2026, 12, 25)), date(2026, 12, 24), True),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("run", [embedded, portable])
def test_a_system_is_as_fresh_as_its_newest_row_that_is_not_to_come(run: Run, case: str, tmp_path: Path) -> None:
    updated_on, as_of, stale = CASES[case]
    summary = audited(run, catalog_of(tmp_path / "catalog", *updated_on), tmp_path / "run", as_of)
    assert stale == ("other" in summary.stale_systems)
    assert stale == ("permit-unregistered" in unknown_rules(tmp_path / "run"))


@pytest.mark.parametrize("case", CASES)
def test_single_titles_are_judged_by_the_same(case: str, tmp_path: Path) -> None:
    updated_on, as_of, stale = CASES[case]
    catalog = catalog_of(tmp_path / "catalog", *updated_on)
    audited(embedded, catalog, tmp_path / "run", as_of)
    left = State(tmp_path / "run" / "state")
    with state_from_catalog(str(catalog), Asked(["t1"]), rules=RULES, as_of=as_of, today=TODAY) as read:
        for state in (left, read):
            explained = Decider(state, RULES, POLICY, as_of).explain("t1")
            assert stale is explained.facts["register_stale"]
            assert unknown_rules(tmp_path / "run") == {one.rule.id for one in explained.verdict.findings}


@pytest.mark.parametrize("run", [embedded, portable])
def test_the_summary_tells_of_them_and_reports_leave_them_out(run: Run, tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path / "catalog", TODAY, MISTYPED, date(2027, 1, 1))
    summary = audited(run, catalog, tmp_path / "run", TODAY)
    (note,) = [note for note in summary.notes if "register" in note]
    assert note == (
        "how fresh system other of the register is, was told without 2 rows updated after 2026-11-23"
        " (the latest on 2100-06-01)"
    )
    told = json.loads((tmp_path / "run" / ".population.json").read_text(encoding="utf-8"))["register"]
    assert ("other", 3, "2026-11-23") in [(line["system"], line["rows"], line["newest"]) for line in told]


def test_a_day_that_comes_ends_what_is_carried(world: World) -> None:
    for row in world.rows["register"]:
        if row["system"] == "other":
            row["updated_at"] = datetime(2026, 11, 27)
    assert "other" in world.night().stale_systems
    world.day = date(2026, 11, 27)
    summary = world.night()
    assert "other" not in summary.stale_systems
    assert summary.notes[-1].startswith(FULL)
    assert "stale systems" in summary.notes[-1]
