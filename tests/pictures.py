"""Take the pictures of docs/reports.md anew: a week of audits of the sample, opened in Chromium.

    python -m tests.pictures [--into docs] [--folder DIR]

Six nights of a changing catalog of 20,000 titles, with waivers, a published list, and the forecast of a day on which
the law changes. Needs Chromium, pdftoppm (poppler-utils) and a font with Chinese; look at what it makes.
"""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import duckdb
import time_machine

from compliance.cli.main import main as gate
from compliance.clock import SHANGHAI
from compliance.sample import write_sample
from tests.browser import Page, browser

AS_OF, LAW = date(2026, 11, 23), date(2026, 8, 31)
NIGHTS = 6
TITLES = 20_000
GRANT = ("--reason", "补录中", "--ticket", "OPS-7", "--by", "李", "--approved-by", "王")


def main() -> int:
    """Audit, open, shoot."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--into", type=Path, default=Path("docs"))
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    folder = chosen.folder or Path(mkdtemp(prefix="gate-pictures-"))
    week(folder)
    forecast(folder)
    with browser() as page:
        shoot(page, folder, chosen.into)
    return 0


def week(folder: Path) -> None:
    """The catalog night by night, audited and published."""
    write_sample(folder / "sample", TITLES, as_of=AS_OF)
    out = folder / "out"
    for night in range(NIGHTS):
        as_of = AS_OF - timedelta(days=NIGHTS - 1 - night)
        catalog = as_it_was(folder, night)
        ended = gate(["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", str(as_of), "--lang", "zh"])
        assert ended in (1, 4)
        if night == 0:
            with time_machine.travel(datetime(as_of.year, as_of.month, as_of.day, 12, tzinfo=SHANGHAI)):
                grant(out)


def grant(out: Path) -> None:
    """Waivers, as of the day on which one is."""
    for scope, subject, rule, days in waivers(out):
        until = ["--rule", rule, "--until", str(AS_OF + timedelta(days=days))]
        assert gate(["waive", "add", scope, subject, *until, *GRANT, "--out", str(out)]) == 0


def waivers(out: Path) -> Iterator[tuple[str, str, str, int]]:
    """A platform's that ends soon, a producer's, and one that fits nothing any more."""
    with duckdb.connect() as con:
        listed = f"read_parquet('{out}/current/.listed.parquet') JOIN '{out}/findings.parquet' USING (title_id)"
        for scope, column, rule, days in (
            ("--platform", "platform", "label-title-differs", 9),
            ("--producer", "producer", "permit-title-mismatch", 60),
            ("--title", "title_id", "review-missing", 45),
        ):
            asked = f"SELECT {column} FROM {listed} WHERE rule = ? AND {column} IS NOT NULL GROUP BY 1 ORDER BY 1"
            for (subject,) in con.execute(f"{asked} LIMIT 1", [rule]).fetchall():
                yield scope, subject, rule, days


def as_it_was(folder: Path, night: int) -> Path:
    """The sample as it was that night: some titles were not there yet, some labels not read, some not yet offline."""
    catalog = folder / f"catalog-{night}"
    copytree(folder / "sample", catalog)
    left = NIGHTS - 1 - night
    with duckdb.connect() as con:
        for name, kept in (
            ("titles", f"hash(title_id) % 600 >= {left}"),
            ("labels", f"hash(title_id) % 8000 NOT BETWEEN 1 AND {6 * left}"),
        ):
            source, target = folder / "sample" / f"{name}.parquet", catalog / f"{name}.parquet"
            con.execute(f"COPY (FROM '{source}' WHERE {kept}) TO '{target}' (FORMAT parquet)")
    return catalog


def forecast(folder: Path) -> None:
    """The eve of Order 16, with what it changes."""
    out = folder / "eve"
    said = ["--catalog", str(folder / "sample"), "--lang", "zh"]
    gate(["audit", *said, "--out", str(out), "--as-of", str(LAW), "--exit-zero"])
    days = ["--from", str(LAW), "--until", str(LAW + timedelta(days=1))]
    assert gate(["policy", "forecast", *said, *days, "--keep", str(out)]) == 0
    assert gate(["report", str(out), "--lang", "zh"]) == 0


def shoot(page: Page, folder: Path, into: Path) -> None:
    """The pictures that the documentation shows."""
    page.open(folder / "out" / "report.html")
    page.resize(1280, 1500)
    page.shoot(into / "report.png")
    page.answer("document.querySelectorAll('#rows details')[1].open = true")
    scroll_to(page, "titles", 1280, 1000)
    page.shoot(into / "report-titles.png")
    page.phone()
    page.resize(390, 1500, phone=True)
    page.answer("window.scrollTo(0, 0)")
    page.shoot(into / "report-phone.png")
    page.resize(1280, 900)
    page.printed(folder / "page.pdf")
    picture_of(folder / "page.pdf", into / "report-print.png")
    page.open(folder / "eve" / "report.html")
    scroll_to(page, "forecast", 1280, 1000)
    page.shoot(into / "report-forecast.png")


def scroll_to(page: Page, section: str, width: int, height: int) -> None:
    page.resize(width, height)
    page.answer(f"document.getElementById('{section}').scrollIntoView()")


def picture_of(paper: Path, picture: Path) -> None:
    """The first sheet of a PDF, by poppler's program."""
    options = ["-r", "80", "-png", "-singlefile", "-f", "1"]
    subprocess.run(["pdftoppm", *options, str(paper), str(picture.with_suffix(""))], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
