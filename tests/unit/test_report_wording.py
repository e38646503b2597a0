"""What a manager reads in page, workbook and PDF: nobody accused of what nobody can tell, and shares that are true."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from compliance.blocklist.guard import Reading
from compliance.blocklist.publication import GUARD
from compliance.policy import load_policy
from compliance.reports import render_reports, write_changes
from compliance.reports.files import FORECAST
from compliance.reports.lines import ProducerLine
from compliance.reports.reading import read_report
from compliance.reports.texts import TEXTS
from compliance.rules.loading import load_rules
from tests.browser import browser
from tests.catalogs import write_catalog
from tests.unit.test_population import audited
from tests.unit.test_reports import cells

RULES, POLICY = load_rules(), load_policy()
REGISTERED = {rule.id: rule for rule in RULES}["permit-unregistered"]
STALE_ON = date(2026, 12, 20)
"""A day on which the register of the default catalog has gone stale."""


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose one finding of permit-unregistered is unknown, with its reports."""
    home = tmp_path_factory.mktemp("stale")
    catalog = write_catalog(home / "catalog", titles=[{"title_id": "t1", "name": "x" * 200}])
    folder = home / "run"
    folder.mkdir()
    audited(catalog, folder, as_of=STALE_ON)
    write_changes(folder, None)
    render_reports(folder, RULES, POLICY, "en")
    return folder


def test_a_rule_that_failed_at_no_title_says_what_is_unknown(stale: Path) -> None:
    assert REGISTERED.unknown_title is not None
    assert REGISTERED.unknown_remedy is not None
    page = (stale / "report.html").read_text(encoding="utf-8").partition('id="rules"')[2].partition("</table>")[0]
    (row,) = [row for row in cells(stale / "report.xlsx")["By rule"] if row[0] == REGISTERED.id]
    for said in (re.sub("<[^>]+>", " ", page), " ".join(row)):
        assert REGISTERED.unknown_title.en in said
        assert REGISTERED.unknown_remedy.en in said
        assert REGISTERED.title.en not in said
        assert REGISTERED.remedy.en not in said


def test_a_rule_that_failed_here_and_is_unknown_there_says_both_remedies(tmp_path: Path) -> None:
    assert REGISTERED.unknown_remedy is not None
    folder = tmp_path / "run"
    folder.mkdir()
    titles = [{"title_id": "t1"}, {"title_id": "t2", "permit_number": "（总局）网微剧审字（2026）第7号"}]
    catalog = write_catalog(
        tmp_path / "catalog",
        titles=[titles[0] | {"permit_number": "（番茄）网微剧备字（2026）第5号"}, titles[1]],
        labels=[{"title_id": title["title_id"]} for title in titles],
    )
    audited(catalog, folder, as_of=date(2026, 11, 20))
    (line,) = [line for line in read_report(folder, RULES, POLICY).rules if line.rule is REGISTERED]
    assert (line.fail, line.unknown, line.says) == (1, 1, REGISTERED.title)
    assert REGISTERED.remedy.zh in line.cure.zh
    assert REGISTERED.unknown_remedy.zh in line.cure.zh


def test_the_pdf_accuses_nobody_and_no_word_runs_across_its_cells(stale: Path, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("typst")
    render_reports(stale, RULES, POLICY, "en", into=tmp_path, pdf=True)
    pages = pypdf.PdfReader(tmp_path / "report.pdf").pages
    text = "\n".join(page.extract_text() for page in pages).replace("\u200b", "")
    flat = " ".join(text.split())
    assert "nobody can tell whether the number is registered" in flat
    assert "the number is not in the register" not in flat
    runs = [len(run) for run in re.findall("x{5,}", text)]
    assert runs
    assert max(runs) < 40


def test_a_forecast_tells_a_rule_that_becomes_unknown_as_unknown(stale: Path, tmp_path: Path) -> None:
    verdict = {"decision": "block", "regime": "nrta-2024-35", "tier": 3, "rules": [REGISTERED.id], "unknown": []}
    after = verdict | {"decision": "hold", "rules": [], "unknown": [REGISTERED.id]}
    title = {"title_id": "t1", "name": "n", "platform": "fanqie", "first_screen": False}
    step = {"from": "2026-12-20", "to": "2026-12-21", "law": [], "changed": 1, "decisions": {}, "regimes": {}}
    steps = [step | {"titles": [title | {"before": verdict, "after": after}]}]
    (stale / FORECAST).write_text(json.dumps({"zh": steps, "en": steps}), encoding="utf-8")
    try:
        render_reports(stale, RULES, POLICY, "en", into=tmp_path)
    finally:
        (stale / FORECAST).unlink()
    section = (tmp_path / "report.html").read_text(encoding="utf-8").partition('id="forecast"')[2]
    section = section.partition("</section>")[0]
    assert REGISTERED.unknown_title is not None
    assert REGISTERED.unknown_title.en in section
    assert f'<s><a href="#rule-{REGISTERED.id}">' in section
    assert "another regime or tier" not in section
    (row,) = [row for row in cells(tmp_path / "report.xlsx")[TEXTS["forecast"].en] if "t1" in row]
    assert f"{REGISTERED.id}?, -{REGISTERED.id}" in row


@pytest.fixture
def of_another_day(stale: Path) -> Iterator[Path]:
    """The same run, with what the guard sees at a look at another day."""
    readings = [
        Reading("other_day", 1.0, 0.0, 8, held=True),
        Reading("unknown", 0.25, 0.5, 3, held=False),
        Reading("added", 0.6, 0.5, 3, held=False, least=100),
    ]
    guard = {"in_force": 1, "held": True, "readings": [reading.as_json() for reading in readings]}
    (stale / GUARD).write_text(json.dumps(guard), encoding="utf-8")
    yield stale
    (stale / GUARD).unlink()


def test_days_that_the_guard_counts_are_no_share_and_have_no_bound(of_another_day: Path, tmp_path: Path) -> None:
    render_reports(of_another_day, RULES, POLICY, "en", into=tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8").partition('id="guard"')[2].partition("</tbody>")[0]
    page = re.sub('<span lang="zh".*?</span>', "", page)
    rows = [re.findall("<td[^>]*>(.*?)</td>", row) for row in page.partition("<tbody>")[2].split("</tr>")]
    assert [re.sub("<[^>]+>", "", cell) for cell in rows[0][1:4]] == ["8 day(s)", "–", "–"]
    assert rows[1][1:] == ["60.0%", "50.0%", "3", '<span lang="en">beyond, too few to hold (3 &lt; 100)</span>']
    assert rows[2][1:4] == ["25.0%", "50.0%", "3"]
    assert cells(tmp_path / "report.xlsx")["Guard"][1:] == [
        ["Judged as of another day", "8 day(s)", "beyond: held until approved"],
        ["Entries added", "0.6", "0.5", "3", "beyond, too few to hold (3 < 100)"],
        ["Unknown", "0.25", "0.5", "3", "within"],
    ]


def test_the_pdf_has_the_days_that_the_guard_counts(of_another_day: Path, tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("typst")
    render_reports(of_another_day, RULES, POLICY, "en", into=tmp_path, pdf=True)
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "report.pdf").pages)
    assert "Judged as of another day 8 day(s) – – beyond" in " ".join(text.split())
    assert "60.0% 50.0% 3 beyond, too few to hold (3 < 100)" in " ".join(text.split())


def test_titles_of_a_producer_held_for_a_bad_row_count_as_judged(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    titles = [
        {"title_id": "bad", "producer": "甲", "investment_yuan": -1},
        {"title_id": "good", "producer": "甲"},
        {"title_id": "alone", "producer": "乙", "investment_yuan": -1},
        {"title_id": "episode", "producer": "丙"},
        {"title_id": "blocked", "producer": None, "permit_number": None},
        {"title_id": "allowed", "producer": None},
    ]
    labels = [{"title_id": title["title_id"]} for title in titles]
    episodes = [{"title_id": title["title_id"]} for title in titles] + [{"title_id": "episode", "duration_s": -1}]
    catalog = write_catalog(tmp_path / "catalog", titles=titles, labels=labels, episodes=episodes)
    audited(catalog, folder, as_of=date(2026, 11, 20))
    write_changes(folder, None)
    lines = {line.name: line for line in read_report(folder, RULES, POLICY).producers}
    assert lines["甲"] == ProducerLine("甲", judged=2, hold=1, block=0, fresh=0)
    assert lines["乙"] == ProducerLine("乙", judged=1, hold=1, block=0, fresh=0)
    assert lines["丙"] == ProducerLine("丙", judged=1, hold=1, block=0, fresh=0)
    assert lines[""].judged is None
    render_reports(folder, RULES, POLICY, "en")
    shown = {row[0]: row[1:5] for row in cells(folder / "report.xlsx")["By producer"]}
    assert shown["甲"] == ["0", "1", "2", "0.5"]
    assert shown["(no producer given)"] == ["1", "0", "1"], "blocked, held and new, and neither judged nor share"


def test_a_run_of_an_earlier_version_knows_nothing_of_later_rules(stale: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(stale, run)
    said = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    del said["rules"]["permit-malformed"]
    (run / "summary.json").write_text(json.dumps(said), encoding="utf-8")
    render_reports(run, RULES, POLICY, "en")
    ids = [row[0] for row in cells(run / "report.xlsx")["By rule"][1:]]
    assert len(ids) == len(RULES) - 1
    assert "permit-malformed" not in ids


@pytest.mark.chromium
def test_words_that_a_browser_knows_are_names_like_others(tmp_path: Path) -> None:
    titles = [
        {"title_id": name, "platform": "constructor", "name": name, "longest_episode_s": 1200}
        for name in ("constructor", "__proto__", "toString")
    ]
    platforms = [{"platform": "constructor", "name": "", "short_names": "番茄"}]
    labels = [{"title_id": title["title_id"]} for title in titles]
    catalog = write_catalog(tmp_path / "catalog", titles=titles, platforms=platforms, labels=labels)
    folder = tmp_path / "run"
    folder.mkdir()
    audited(catalog, folder, as_of=date(2026, 11, 20))
    write_changes(folder, None)
    render_reports(folder, RULES, POLICY, "en")
    with browser() as page:
        page.open(folder / "report.html")
        assert page.answer("document.querySelectorAll('#rows tr').length") == len(titles)
        page.answer("for (const box of document.querySelectorAll('#rows details')) box.open = true")
        page.answer("new Promise((done) => setTimeout(done, 200))")
        shown = str(page.answer("document.getElementById('rows').textContent"))
        assert "[native code]" not in shown
        assert page.complaints == []


def test_a_column_is_called_what_stands_in_it(stale: Path, tmp_path: Path) -> None:
    render_reports(stale, RULES, POLICY, "zh", into=tmp_path)
    heads = {name: rows[0] for name, rows in cells(tmp_path / "report.xlsx").items()}
    assert [heads[sheet][:2] for sheet in ("按规则", "按平台", "按阶段、制度、类别、时间")] == [
        ["规则", "名称"],
        ["平台", "名称"],
        ["划分", "名称"],
    ]
    assert heads["拦截名单"][1::5] == ["剧名", "规则"]


@pytest.mark.chromium
def test_neither_a_long_id_nor_a_long_name_pushes_the_findings_out_of_sight(tmp_path: Path) -> None:
    title_id = "8f14e45f-ceea-467f-a0b5-1c2d3e4f5a6b"
    catalog = write_catalog(
        tmp_path / "catalog", titles=[{"title_id": title_id, "name": "x" * 200, "permit_number": None}]
    )
    folder = tmp_path / "run"
    folder.mkdir()
    audited(catalog, folder, as_of=date(2026, 11, 20))
    write_changes(folder, None)
    render_reports(folder, RULES, POLICY, "en")
    with browser() as page:
        page.open(folder / "report.html")
        table = "document.querySelector('table.titles')"
        assert page.answer(f"{table}.scrollWidth <= {table}.parentElement.clientWidth")
        assert page.answer("document.querySelector('#rows td:last-child').offsetWidth") > 200
