"""The page and the workbook: right numbers, harmless text, nothing from outside."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from compliance.engines.audit import AuditRequest, run_audit
from compliance.policy import load_policy
from compliance.reports import book, reading, render_reports, workbook, write_changes
from compliance.reports.model import Report
from compliance.reports.reading import read_report
from compliance.reports.texts import clean
from compliance.rules.loading import load_rules
from tests.browser import browser
from tests.catalogs import write_catalog

RULES = load_rules()
POLICY = load_policy()
NASTY = {
    "t1": "<script>alert(1)</script>",
    "t2": "=cmd|' /C calc'!A0",
    "t3": "\"quotes' & <b>",
    "t4": "短剧🎬\u202egnp.exe",
    "t5": "长" * 5_000,
    "t6": "a\x00b\x07c\x1bd",
    "t7": "@SUM(1)",
    "t8": "</span></bdi><img src=x onerror=alert(1)>",
}
TITLES = [{"title_id": title_id, "name": name, "permit_number": None} for title_id, name in NASTY.items()]
HELD = {"title_id": "h1", "name": "待审", "status": "draft", "investment_yuan": -1}
PLACEMENT = {"title_id": "t1", "slot": "banner"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with nasty titles, all blocked, one that is quarantined, and both reports."""
    catalog = write_catalog(tmp_path_factory.mktemp("catalog"), titles=[*TITLES, HELD], placements=[PLACEMENT])
    folder = tmp_path_factory.mktemp("run")
    request = AuditRequest(
        catalog=str(catalog),
        folder=folder,
        as_of=date(2026, 11, 20),
        policy=POLICY,
        run_id="run1",
        started_at=datetime(2026, 11, 20, 3, 0),  # noqa: DTZ001 - wall time in Asia/Shanghai
        details=True,
    )
    run_audit(request, progress=lambda _stage: None)
    write_changes(folder, None)
    render_reports(folder, RULES, POLICY, "zh")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return read_report(folder, RULES, POLICY)


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


class Seen(HTMLParser):
    """Tags, attributes and text of a page as a browser would take them apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_numbers_of_the_model_are_those_of_the_summary(folder: Path, report: Report) -> None:
    summary = json.loads((folder / "summary.json").read_text())
    assert report.counts == summary["counts"]
    assert report.listed == summary["counts"]["block"] + summary["counts"]["hold"] == len(NASTY) + 1
    assert {line.rule.id: (line.evaluated, line.fail, line.unknown) for line in report.rules} == {
        rule: (counts["evaluated"], counts["fail"], counts["unknown"]) for rule, counts in summary["rules"].items()
    }
    for shares in (report.regimes, report.tiers, tuple(report.stages.values())):
        assert sum(share.judged for share in shares) == summary["counts"]["judged"]
    assert sum(reason.titles for reason in report.reasons) == len(NASTY)
    assert [(slot.name, slot.active, slot.blocked) for slot in report.slots] == [("banner", 1, 1)]
    assert [(leak.name, leak.count) for leak in report.leaks if leak.name == "permit-missing"] == [
        ("permit-missing", 1)
    ]
    assert sum(share.judged for share in report.platforms) == summary["counts"]["judged"]


def test_titles_carry_their_names_and_findings(report: Report) -> None:
    lines = {title.title_id: title for title in report.titles}
    assert {title_id: lines[title_id].name for title_id in NASTY} == NASTY
    assert lines["h1"].decision == "hold"
    assert lines["t1"].findings[0].action == "block"
    assert "permit-missing" in {finding.rule for finding in lines["t1"].findings}


def test_blocked_titles_on_air_come_first_and_what_is_left_out_is_counted(folder: Path) -> None:
    short = read_report(folder, RULES, POLICY, titles=3)
    assert [title.title_id for title in short.titles] == ["t1", "t2", "t3"]
    assert short.left_out == len(NASTY) + 1 - 3


def test_what_the_page_leaves_out_is_said_on_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = reading.read_report.__kwdefaults__
    monkeypatch.setattr(reading.read_report, "__kwdefaults__", {**defaults, "titles": 3})
    for name in folder.iterdir():
        if name.suffix in (".parquet", ".json"):
            (tmp_path / name.name).symlink_to(name)
    render_reports(tmp_path, RULES, POLICY, "en")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "This page lists the 3 most urgent; 6 more are left out" in page
    assert len(data_of(page)["titles"]) == 3


def data_of(page: str) -> dict[str, Any]:
    """The titles as the page's script reads them."""
    return dict(json.loads(page.partition('id="data">')[2].partition("</script>")[0]))


def test_names_are_text_on_the_page(page: str) -> None:
    seen = Seen(page)
    assert seen.tags.count("script") == 2
    assert "img" not in seen.tags
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    names = {title[0]: title[1] for title in data_of(page)["titles"]}
    assert names["t1"] == "<script>alert(1)</script>"
    assert names["t6"] == "abcd"
    assert len(names["t5"]) == 120
    assert "<script>alert" not in page


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    seen = Seen(page)
    linked = [value for name, value in seen.attributes if name in ("src", "href") and not (value or "").startswith("#")]
    assert (linked, re.findall(r"url\(|@import|https?://", page)) == ([], [])


def test_both_languages_stand_on_the_page(page: str) -> None:
    assert 'data-language="zh"' in page
    assert page.count('lang="zh"') == page.count('lang="en"') > 50


def cells(path: Path) -> dict[str, list[list[str]]]:
    """The text of each sheet's cells as stored in the file, row by row; no cell is a formula or a link."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter()
            if sheet.tag.endswith("}sheet")
        ]
        sheets = {}
        for number, name in enumerate(names, start=1):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            assert not root.findall(".//m:f", space)
            assert not root.findall(".//m:hyperlink", space)
            sheets[name] = [["".join(cell.itertext()) for cell in row] for row in root.findall(".//m:row", space)]
    return sheets


def test_the_workbook_holds_every_finding_as_plain_text(folder: Path, report: Report) -> None:
    sheets = cells(folder / "report.xlsx")
    assert list(sheets)[:5] == ["概览", "按规则", "按阶段、制度、类别、时间", "按平台", "推荐与引流"]
    assert list(sheets)[5:] == ["按制作机构", "拦截名单", "发现", "已整改", "整改回执", "今后的日期"]
    assert len(sheets["发现"]) == report.findings + 1
    listed = {row[0]: row[1] for row in sheets["拦截名单"][1:]}
    assert {title_id: listed[title_id] for title_id in NASTY} == {**NASTY, "t6": "abcd"}


def test_findings_go_on_in_further_sheets(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    monkeypatch.setattr(book, "SHEET_ROWS", 5)
    workbook.write_workbook(report, folder, tmp_path / "report.xlsx", "en")
    sheets = cells(tmp_path / "report.xlsx")
    parts = [rows[1:] for name, rows in sheets.items() if name.startswith("Findings")]
    assert [len(part) for part in parts[:-1]] == [5] * (len(parts) - 1)
    assert sum(map(len, parts)) == report.findings > 5
    keys = [(row[0], row[4]) for part in parts for row in part]
    assert len(set(keys)) == report.findings


def test_text_is_made_fit_to_be_shown() -> None:
    assert clean("a\x00\x1b\ufffeb\nc", None) == "ab\nc"
    assert clean("长" * 10, 4) == "长长长…"


@pytest.mark.chromium
def test_search_filter_sort_and_language_answer_in_a_browser(folder: Path) -> None:
    with browser() as page:
        page.open(folder / "report.html")

        def left(field: str = "search", value: str = "") -> int:
            event = "input" if field == "search" else "change"
            page.answer(
                f"(() => {{ const field = document.getElementById('{field}'); field.value = {json.dumps(value)};"
                f" field.dispatchEvent(new Event('{event}')); }})()"
            )
            return int(page.answer("document.querySelectorAll('#rows tr').length"))

        assert (left(), left("search", "<SCRIPT>"), left("search", "")) == (9, 1, 9)
        assert (left("decision", "hold"), left("decision", ""), left("rule", "permit-missing")) == (1, 9, 8)
        for _ in range(2):
            page.answer("document.querySelector('th[data-by=id] button').click()")
        assert page.answer("document.querySelector('#rows td').textContent") == "t8"
        page.answer("document.querySelector('#rows details').open = true")
        page.answer("document.querySelector('[data-choose=en]').click()")
        assert page.answer("document.documentElement.lang") == "en"
        assert page.answer("getComputedStyle(document.querySelector('h1 [lang=zh]')).display") == "none"
        assert page.answer("document.querySelectorAll('script[src], img, link, iframe').length") == 0
        assert (len(page.asked), page.complaints) == (1, [])
