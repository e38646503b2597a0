"""One run beside the one before: what is new, since when the rest has stood, what is cured and what is gone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance.policy import load_policy
from compliance.reports import write_changes
from compliance.reports.files import CURED, STANDING
from compliance.reports.lines import RunPoint
from compliance.reports.model import Report
from compliance.reports.page import write_page
from compliance.reports.reading import read_report
from compliance.rules.loading import load_rules
from compliance.verdicts.waivers import Waiver, Waivers
from tests.catalogs import write_catalog
from tests.unit.test_population import audited

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)
STAYS, CURED_TITLE, GONE, NEW = (
    {"title_id": name, "permit_number": None} for name in ("stays", "cured", "gone", "new")
)


def night(
    home: Path, as_of: date, titles: list[dict[str, Any]], previous: Path | None, *, changes: bool = True
) -> Path:
    folder = home / as_of.isoformat()
    folder.mkdir()
    catalog = write_catalog(home / f"catalog-{as_of}", titles=titles)
    audited(catalog, folder, as_of=as_of)
    if changes:
        write_changes(folder, previous)
    return folder


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    home = tmp_path_factory.mktemp("runs")
    monday = night(home, MONDAY, [STAYS, CURED_TITLE, GONE], None)
    tuesday = night(home, TUESDAY, [STAYS, {"title_id": "cured"}, {"title_id": "fine"}, NEW], monday)
    wednesday = night(home, WEDNESDAY, [STAYS, {"title_id": "cured"}, {"title_id": "fine"}, NEW], tuesday)
    return [monday, tuesday, wednesday]


def report_of(folder: Path, **more: Any) -> Report:
    return read_report(folder, load_rules(), load_policy(), **more)


def standing(folder: Path) -> dict[str, tuple[date, bool]]:
    query = f"SELECT title_id, since, fresh FROM '{folder / STANDING}' WHERE rule = 'permit-missing'"
    return {title_id: (since, fresh) for title_id, since, fresh in duckdb.sql(query).fetchall()}


def test_the_first_run_has_nothing_to_compare_with(nights: list[Path]) -> None:
    assert report_of(nights[0]).changes is None
    assert {since for since, _ in standing(nights[0]).values()} == {MONDAY}


def test_a_finding_keeps_the_day_of_the_run_that_found_it_first(nights: list[Path]) -> None:
    assert standing(nights[1]) == {"stays": (MONDAY, False), "new": (TUESDAY, True)}
    assert standing(nights[2]) == {"stays": (MONDAY, False), "new": (TUESDAY, False)}


def test_cured_is_told_from_gone(nights: list[Path]) -> None:
    query = f"SELECT title_id, how, since FROM '{nights[1] / CURED}' WHERE rule = 'permit-missing' ORDER BY 1"
    assert duckdb.sql(query).fetchall() == [("cured", "cured", MONDAY), ("gone", "gone", MONDAY)]
    assert not duckdb.sql(f"FROM '{nights[2] / CURED}'").fetchall()


def test_nothing_is_cured_where_its_rule_was_not_asked_again(tmp_path: Path) -> None:
    """A rule turned off, a row that went bad, a title marked as something else: none of them cures anything."""
    blank = {"permit_number": None}
    named = ["rule off", "bad row", "drama now", "mended", "was drama"]
    drama = {"kind": "drama", "longest_episode_s": 60, "episode_count": 3}
    before = [{"title_id": name, **blank} for name in named[:4]] + [{"title_id": "was drama", **drama}]
    after = [
        {"title_id": "rule off", **blank},
        {"title_id": "bad row", "investment_yuan": -1, **blank},
        {"title_id": "drama now", "kind": "drama", "longest_episode_s": 60, "episode_count": 1, **blank},
        {"title_id": "mended"},
        {"title_id": "was drama", **drama, "episode_count": 1},
    ]
    labels = [{"title_id": name} for name in named]
    monday, tuesday = tmp_path / "monday", tmp_path / "tuesday"
    own = tmp_path / "policy.toml"
    own.write_text('[rules.off]\nlabel-differs = "a trial"\n', encoding="utf-8")
    for folder, titles, policy in ((monday, before, load_policy()), (tuesday, after, load_policy(own))):
        folder.mkdir()
        catalog = write_catalog(tmp_path / f"catalog-{folder.name}", titles=titles, labels=labels)
        audited(catalog, folder, as_of=MONDAY if folder is monday else TUESDAY, policy=policy)
    write_changes(monday, None)
    write_changes(tuesday, monday)

    found = duckdb.sql(f"SELECT title_id, rule, how FROM '{tuesday / CURED}'").fetchall()
    how = {(title_id, rule): said for title_id, rule, said in found}
    assert how == {
        ("rule off", "label-differs"): "gone",
        ("bad row", "permit-missing"): "gone",
        ("bad row", "label-differs"): "gone",
        ("drama now", "permit-missing"): "gone",
        ("drama now", "label-differs"): "gone",
        ("mended", "permit-missing"): "cured",
        ("mended", "label-differs"): "gone",
        ("was drama", "unmarked-micro-drama"): "cured",
    }
    report = report_of(tuesday)
    assert report.changes is not None
    assert sum(line.cured for line in report.rules) == report.changes.cured == 2
    assert report.changes.gone == 6


def test_new_and_standing_are_all_findings(nights: list[Path]) -> None:
    for folder in nights[1:]:
        report = report_of(folder)
        assert report.changes is not None
        assert report.changes.fresh + report.changes.standing == report.findings
    assert sum(line.fresh for line in report_of(nights[1]).rules) == report_of(nights[1]).changes.fresh > 0


def test_ages_count_every_blocking_finding_once(nights: list[Path]) -> None:
    report = report_of(nights[2])
    assert [(age.days_from, age.block) for age in report.ages] == [
        (0, 0),
        (1, blocks(nights[2])),
        (7, 0),
        (30, 0),
        (90, 0),
    ]


def blocks(folder: Path) -> int:
    return duckdb.sql(f"SELECT count(*) FROM '{folder}/findings.parquet' WHERE action = 'block'").fetchall()[0][0]


def test_after_a_run_without_reports_findings_stand_since_that_run(tmp_path: Path) -> None:
    monday = night(tmp_path, MONDAY, [STAYS], None, changes=False)
    assert standing(night(tmp_path, TUESDAY, [STAYS, NEW], monday)) == {
        "stays": (MONDAY, False),
        "new": (TUESDAY, True),
    }


def test_the_trend_ends_with_the_run_itself(nights: list[Path]) -> None:
    past = RunPoint("earlier", date(2026, 11, 15), 9, 0, 1)
    report = report_of(nights[0], past=[past])
    assert report.trend[0] == past
    assert (report.trend[-1].as_of, report.trend[-1].block) == (MONDAY, report.counts["block"])


def test_waivers_are_told_by_what_became_of_them(nights: list[Path]) -> None:
    def waiver(number: int, last_on: date, revoked_on: date | None = None, *, rule: str = "label-missing") -> Waiver:
        return Waiver(
            f"W{number}",
            "platform",
            "p",
            rule,
            last_on,
            "因",
            "T",
            "甲",
            "乙",
            MONDAY,
            revoked_on=revoked_on,
        )

    late, never = date(2027, 1, 1), "permit-inactive"
    waivers = Waivers(
        [
            waiver(1, late),
            waiver(2, MONDAY),
            waiver(3, late, TUESDAY),
            waiver(4, late, rule=never),
            waiver(5, MONDAY, rule=never),
        ]
    )
    lines = report_of(nights[2], waivers=waivers).waivers
    assert [(line.waiver_id, line.state, line.days_left) for line in lines] == [
        ("W4", "not_honoured", 0),
        ("W1", "unused", 45),
        ("W2", "expired", 0),
        ("W5", "expired", 0),
        ("W3", "revoked", 45),
    ]
    write_page(report_of(nights[2], waivers=waivers), nights[2] / "report.html", "zh")
    page = (nights[2] / "report.html").read_text(encoding="utf-8")
    assert [page.count(says) for says in ("不予承认（政策 never）", "not honoured (policy, never)")] == [1, 1]


def test_days_to_come_are_after_the_as_of_day_and_in_order(nights: list[Path]) -> None:
    days = report_of(nights[2]).coming
    assert [day.on for day in days] == sorted(day.on for day in days)
    assert all(day.on > WEDNESDAY for day in days)
