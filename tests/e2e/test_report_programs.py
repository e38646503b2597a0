"""The reports in the programs that people open them with: LibreOffice and Chromium."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from tests.browser import Page, browser
from tests.catalogs import write_catalog
from tests.servers import program

pypdf = pytest.importorskip("pypdf")

NAMES = {"t1": "=1+1", "t2": "@SUM(1)", "t3": "<script>alert(1)</script>", "t4": "归来之后🎬", "t5": "长" * 5_000}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `gate demo` leaves, smaller, after a second night."""
    out = tmp_path_factory.mktemp("demo") / "out"
    assert main(["demo", "--out", str(out), "--titles", "2000"]) == 0
    assert main(["audit", "--catalog", str(out / "catalog"), "--out", str(out), "--exit-zero"]) == 0
    return out


def as_tables(workbook: Path, into: Path) -> dict[str, list[list[str]]]:
    """Each sheet of a workbook as LibreOffice reads it."""
    office = program("soffice")
    assert office is not None
    # Comma, quotes, UTF-8, from line 1, formulas as formulas, every sheet.
    form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"
    options = ["--headless", "--convert-to", form]
    subprocess.run(
        [office, f"-env:UserInstallation=file://{into}/profile", *options, "--outdir", str(into), str(workbook)],
        check=True,
        capture_output=True,
        timeout=180,
    )
    tables = {}
    for path in into.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as table:
            tables[path.stem.removeprefix(f"{workbook.stem}-")] = list(csv.reader(table))
    return tables


def number(shown: str) -> int:
    return int(shown.replace(",", ""))


@pytest.mark.libreoffice
def test_the_workbook_opens_in_libreoffice_with_the_summary_s_numbers(demo: Path, tmp_path: Path) -> None:
    tables = as_tables((demo / "report.xlsx").resolve(), tmp_path)
    summary = json.loads((demo / "summary.json").read_text(encoding="utf-8"))
    told = {row[0]: row[1] for row in tables["Summary"]}
    for key, said in (("judged", "Judged"), ("allow", "Allowed"), ("hold", "Held"), ("block", "Blocked")):
        assert number(told[said]) == summary["counts"][key]
    header, *rules = tables["By rule"]
    fail, unknown, evaluated = (header.index(name) for name in ("Failed", "Unknown", "Applied to"))
    assert {row[0]: [number(row[place]) for place in (fail, unknown, evaluated)] for row in rules} == {
        rule: [counts["fail"], counts["unknown"], counts["evaluated"]] for rule, counts in summary["rules"].items()
    }
    guard = {(row[0], row[1]): row[4] for row in tables["Guard"][1:]}
    assert number(guard["Active placements of blocked titles", ""]) > 0
    shares = [
        [number(cell) for cell in row[2:6]] for row in tables["By stage, regime, tier, age"] if row[0] == "Regime"
    ]
    counts = summary["counts"]
    assert [sum(column) for column in zip(*shares, strict=True)] == [
        counts["block"],
        counts["hold"],
        counts["allow"],
        counts["judged"],
    ]
    findings = sum(counts["fail"] + counts["unknown"] for counts in summary["rules"].values())
    assert len(tables["Findings"]) == findings + 1
    rows = pq.read_table(demo / "findings.parquet").to_pylist()
    proven = {row["title_id"] for row in rows if row["outcome"] == "fail" and row["action"] != "warn"}
    assert {row[0] for row in tables["Corrections"][1:]} == proven
    assert len(proven) < summary["counts"]["hold"] + summary["counts"]["block"]


@pytest.mark.libreoffice
def test_names_like_formulas_stay_text_in_libreoffice(tmp_path: Path) -> None:
    titles = [{"title_id": title_id, "name": name, "permit_number": None} for title_id, name in NAMES.items()]
    catalog = write_catalog(tmp_path / "catalog", titles=titles)
    out = tmp_path / "out"
    assert main(["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", "2026-11-20", "--exit-zero"]) == 0
    tables = as_tables((out / "report.xlsx").resolve(), tmp_path)
    assert {row[0]: row[1] for row in tables["Block list"][1:]} == NAMES


@pytest.fixture(scope="module")
def page(demo: Path) -> Iterator[Page]:
    """The demo's page in Chromium."""
    with browser() as opened:
        opened.open(demo / "report.html")
        yield opened


@pytest.mark.chromium
def test_the_page_of_the_sample_asks_for_nothing_and_complains_of_nothing(demo: Path, page: Page) -> None:
    page.answer("document.querySelector('[data-choose=zh]').click()")
    page.answer("document.querySelectorAll('#rows details').forEach((one) => { one.open = true })")
    assert page.asked == [(demo / "report.html").resolve().as_uri()]
    assert page.complaints == []


def listed(demo: Path, where: str) -> int:
    """Blocked and held titles for which a condition holds, by the run's own files."""
    query = f"""
SELECT count(*) FROM '{demo}/verdicts.parquet' JOIN '{demo}/current/.listed.parquet' AS d USING (title_id)
WHERE decision <> 'allow' AND {where}"""
    return int(duckdb.sql(query).fetchall()[0][0])


def found(page: Page) -> int:
    """How many titles the page says it shows."""
    return number(page.answer("document.getElementById('shown').value").rpartition("/ ")[2])


def choose(page: Page, **fields: str) -> int:
    """Fill in fields of the table's tools, empty the others; how many titles are left."""
    for field in ("search", "decision", "stage", "platform", "rule", "fresh"):
        event, value = "input" if field == "search" else "change", json.dumps(fields.get(field, ""))
        page.answer(
            f"(() => {{ const f = document.getElementById('{field}'); f.value = {value};"
            f" f.dispatchEvent(new Event('{event}')); }})()"
        )
    return found(page)


@pytest.mark.chromium
def test_search_and_filters_find_what_the_run_s_files_hold(demo: Path, page: Page) -> None:
    assert choose(page) == listed(demo, "TRUE") > 50
    for decision in ("block", "hold"):
        assert choose(page, decision=decision) == listed(demo, f"decision = '{decision}'") > 0
    assert choose(page, decision="block", stage="prepublish") == listed(
        demo, "decision = 'block' AND stage = 'prepublish'"
    )
    assert choose(page, platform="hongguo") == listed(demo, "d.platform = 'hongguo'") > 0
    assert choose(page, search="红果免费短剧") == listed(demo, "d.platform = 'hongguo'")
    assert choose(page, rule="label-missing") == listed(demo, "list_contains(rules, 'label-missing')") > 0
    assert choose(page, search="no such thing") == 0


@pytest.mark.chromium
def test_what_to_do_first_leads_to_just_these_titles(demo: Path, page: Page) -> None:
    links = page.answer("[...document.querySelectorAll('.todo [data-narrow]')].map((a) => a.dataset.narrow)")
    assert "block on_air -" in links
    for link in links:
        decision, stage, slot = link.split()
        page.answer(f"document.querySelector('[data-narrow=\"{link}\"]').click()")
        where = f"decision = '{decision}'"
        where += f" AND stage = '{stage}'" if stage != "-" else ""
        where += f" AND list_contains(slots, '{slot}')" if slot != "-" else ""
        told = page.answer(f"document.querySelector('[data-narrow=\"{link}\"]').previousElementSibling.textContent")
        assert found(page) == number(told) == listed(demo, where) > 0


@pytest.mark.chromium
def test_a_phone_scrolls_down_and_never_sideways(page: Page) -> None:
    page.phone()
    for language in ("zh", "en"):
        page.answer(f"document.querySelector('[data-choose={language}]').click()")
        assert page.answer("document.documentElement.scrollWidth") <= page.answer("window.innerWidth")
    page.resize(1280, 900)


@pytest.mark.chromium
def test_the_page_prints_on_paper(page: Page, tmp_path: Path) -> None:
    page.answer("document.querySelector('[data-choose=zh]').click()")
    page.printed(tmp_path / "page.pdf")
    sheets = pypdf.PdfReader(tmp_path / "page.pdf").pages
    text = "".join("".join(sheet.extract_text() for sheet in sheets).split())
    assert "微短剧合规审核报告" in text
    assert "没有许可证号或备案号" in text
    assert "search" not in text
    assert len(sheets) < 40


@pytest.mark.chromium
def test_each_printed_sheet_of_titles_begins_with_the_column_heads(page: Page, tmp_path: Path) -> None:
    page.answer("document.querySelector('[data-choose=en]').click()")
    page.printed(tmp_path / "page.pdf")
    sheets = [" ".join(sheet.extract_text().split()) for sheet in pypdf.PdfReader(tmp_path / "page.pdf").pages]
    of_titles = [sheet for sheet in sheets if sheet.count("On air") > 3]
    assert len(of_titles) > 1
    assert [sheet for sheet in of_titles if "Title id Name Platform Decision Tier Permit number" not in sheet] == []
