"""The reports of a run of a million titles, and a workbook of more than a million findings.

    python -m tests.million_report [--titles 1000000]

Opens the page of the run in Chromium: nothing on the console, no request but for the page itself, and search and
filters answer with the numbers of the titles it holds. Then writes the reports of the same catalog without labels
and reviews, in which nearly every title has findings, counts the rows of the workbook's sheets, and tells the peak
memory.
Ends with 1 where anything is not so. Not part of the default tests: it takes minutes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import duckdb

from compliance.reports.book import SHEET_ROWS
from tests.bench.audits import FOUND, GATE
from tests.bench.catalogs import AS_OF, HOME, sample, short
from tests.bench.measuring import Work, measure
from tests.browser import Page, browser

SEARCHES = ("hongguo", "红果免费短剧", "第二季 有限公司", "no such thing")
FILTERS = {"decision": ("block", "hold"), "stage": ("prepublish",), "rule": ("label-missing",), "platform": ("douyin",)}
_PATIENCE_MS = 200
"""A filter that takes longer is felt."""


def main() -> int:
    """Audit, open, count; the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--titles", type=int, default=1_000_000)
    chosen = options.parse_args()
    catalog = sample(chosen.titles).catalog
    problems = [*of_page(catalog, chosen.titles), *of_workbook(catalog, chosen.titles)]
    tell("\n".join(problems) or "page and workbook are as they should be")
    return 1 if problems else 0


def tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program that prints


def reported(catalog: Path, out: Path, what: str) -> None:
    """Audit, then write all reports as a process of their own, and tell what that took."""
    arguments = ["--catalog", str(catalog), "--out", str(out), "--as-of", str(AS_OF), "--lang", "zh"]
    audit = measure(Work("gate audit", [GATE, "audit", *arguments, "--no-publish"], exits=FOUND))
    cost = measure(Work("gate report", [GATE, "report", str(out), "--pdf", "--lang", "zh"]))
    tell(
        f"{what}: audit with reports {audit.wall:.1f} s, {audit.peak / 1e9:.2f} GB at the worst; HTML, Excel and PDF"
        f" again {cost.wall:.1f} s, {cost.peak / 1e9:.2f} GB at the worst"
    )
    for name in ("report.html", "report.xlsx", "report.pdf"):
        tell(f"  {name}: {(out / name).stat().st_size / 1e6:.1f} MB")


def of_page(catalog: Path, titles: int) -> Iterator[str]:
    """What is wrong with the page of the run."""
    out = HOME / "out-million"
    reported(catalog, out, f"{short(titles)} titles")
    with browser() as page:
        page.open(out / "report.html")
        opened = page.answer("Math.round(performance.getEntriesByType('navigation')[0].loadEventEnd)")
        tell(f"  Chromium opens the page in {opened} ms")
        yield from wrong_answers(page, out)
        page.answer("document.querySelectorAll('#rows details').forEach((one) => { one.open = true })")
        page.phone()
        page.answer("document.querySelector('[data-choose=en]').click()")
        yield from (f"the page complains: {complaint}" for complaint in page.complaints)
        yield from (f"the page asks for {url}" for url in page.asked[1:])


def wrong_answers(page: Page, out: Path) -> Iterator[str]:
    """Searches and filters that answer late, or otherwise than the titles that the page holds."""
    held = json.loads(page.answer("document.getElementById('data').textContent"))["titles"]
    names = json.loads(page.answer("document.getElementById('data').textContent"))["platforms"]
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))["counts"]
    told = int(re.sub(r"\D", "", page.answer("document.querySelector('#titles h2').textContent")))
    if told != summary["block"] + summary["hold"]:
        yield f"the page tells of {told} titles, the summary of {summary['block'] + summary['hold']}"
    for field, values in {"search": SEARCHES, **FILTERS}.items():
        for value in values:
            event = "input" if field == "search" else "change"
            took, found = page.answer(
                f"(() => {{ const field = document.getElementById('{field}'), begun = performance.now();"
                f" field.value = {json.dumps(value)}; field.dispatchEvent(new Event('{event}'));"
                " document.body.offsetHeight; const took = performance.now() - begun;"
                " const found = document.getElementById('shown').value;"
                f" field.value = ''; field.dispatchEvent(new Event('{event}')); return [took, found] }})()"
            )
            expected = sum(fits(title, field, value, names) for title in held)
            tell(f"  {field} {value}: {found}, {took:.0f} ms")
            if int(found.rpartition("/ ")[2].replace(",", "")) != expected:
                yield f"{field} {value}: {found}, and the page holds {expected}"
            if took > _PATIENCE_MS:
                yield f"{field} {value}: {took:.0f} ms"


def fits(title: list[Any], field: str, value: str, names: dict[str, list[str]]) -> bool:
    """Whether a title of the page's data is meant, told without the page's own script."""
    title_id, name, platform, producer, decision, stage, regime, _, permit, online, slots, findings = title
    rules = [finding[0] for finding in findings]
    if field == "search":
        texts = [title_id, name, platform, producer, permit, regime, online, *slots, *rules]
        text = "\n".join(map(str, [*texts, *names.get(str(platform), [])])).lower()
        return all(part in text for part in value.split())
    return (
        value in rules
        if field == "rule"
        else value == {"decision": decision, "stage": stage, "platform": platform}[field]
    )


def of_workbook(catalog: Path, titles: int) -> Iterator[str]:
    """What is wrong with a workbook of more findings than a sheet has rows."""
    bare, out = HOME / f"catalog-{titles}-bare", HOME / "out-bare"
    if not bare.exists():
        copytree(catalog, bare)
        with duckdb.connect() as con:
            con.execute(f"COPY (FROM '{catalog}/labels.parquet' LIMIT 0) TO '{bare}/labels.parquet'")
            query = f"SELECT * REPLACE (NULL::TIMESTAMP AS reviewed_at) FROM '{catalog}/titles.parquet'"
            con.execute(f"COPY ({query}) TO '{bare}/titles.parquet'")
    reported(bare, out, f"{short(titles)} titles without labels and reviews")
    (findings,) = duckdb.sql(f"SELECT count(*) FROM '{out}/findings.parquet'").fetchall()[0]
    rows = {name: count for name, count in sheet_rows(out / "report.xlsx") if name.startswith("发现")}
    tell(f"  {findings:,} findings in sheets of {', '.join(f'{count:,}' for count in rows.values())} rows")
    if sum(rows.values()) != findings:
        yield f"{findings:,} findings, and {sum(rows.values()):,} rows of them"
    if max(rows.values()) > SHEET_ROWS or findings <= SHEET_ROWS * (len(rows) - 1):
        yield f"the sheets are not filled one after the other: {rows}"


def sheet_rows(workbook: Path) -> Iterator[tuple[str, int]]:
    """The rows below the header of each sheet, counted in a stream."""
    with zipfile.ZipFile(workbook) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        for number, name in enumerate(names, start=1):
            rows, rest = 0, b""
            with archive.open(f"xl/worksheets/sheet{number}.xml") as sheet:
                while block := sheet.read(1 << 20):
                    rows += (rest + block).count(b"<row ")
                    rest = block[-4:]
            yield name, rows - 1


if __name__ == "__main__":
    sys.exit(main())
