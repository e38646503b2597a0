"""The reports in the programs that people open them with: LibreOffice and Chromium."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from pathlib import Path

import pytest

from compliance.cli.main import main
from tests.catalogs import write_catalog
from tests.servers import program

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
    findings = sum(counts["fail"] + counts["unknown"] for counts in summary["rules"].values())
    assert len(tables["Findings"]) == findings + 1
    assert len(tables["Corrections"]) == summary["counts"]["hold"] + summary["counts"]["block"] + 1


@pytest.mark.libreoffice
def test_names_like_formulas_stay_text_in_libreoffice(tmp_path: Path) -> None:
    titles = [{"title_id": title_id, "name": name, "permit_number": None} for title_id, name in NAMES.items()]
    catalog = write_catalog(tmp_path / "catalog", titles=titles)
    out = tmp_path / "out"
    assert main(["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", "2026-11-20", "--exit-zero"]) == 0
    tables = as_tables((out / "report.xlsx").resolve(), tmp_path)
    assert {row[0]: row[1] for row in tables["Block list"][1:]} == NAMES


@pytest.mark.chromium
def test_the_page_of_the_sample_asks_for_nothing_and_complains_of_nothing(demo: Path, tmp_path: Path) -> None:
    browser = program("chromium")
    assert browser is not None
    script = "<script>console.log('rows ' + document.querySelectorAll('#rows tr').length)</script></body>"
    page = tmp_path / "page.html"
    page.write_text((demo / "report.html").read_text(encoding="utf-8").replace("</body>", script), encoding="utf-8")
    log = tmp_path / "net.json"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--disable-component-update"]
    options += ["--disable-background-networking", "--no-first-run", f"--log-net-log={log}", "--dump-dom"]
    ran = subprocess.run([browser, *options, page.as_uri()], capture_output=True, text=True, timeout=120)
    said = [line.split('"')[1] for line in ran.stderr.splitlines() if "CONSOLE" in line]
    assert said == ["rows 50"]
    asked = set(re.findall(r'"url":"(https?://[^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    assert not {url for url in asked if "google" not in url and "gvt1" not in url}
