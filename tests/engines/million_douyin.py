"""Audit a million titles in the Douyin-like schema on a real PostgreSQL server, and hold the outputs to the plan.

    python -m tests.engines.million_douyin [--titles 1000000] [--engine postgres] [--folder DIR]

Loads the sample by COPY, runs `gate audit --mapping` as a process of its own, and compares findings, verdicts, block
list, counts and report with what was planted. Ends with 1 where they differ. Not part of the default tests: it takes
minutes and some gigabytes of disk.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import duckdb
from python_calamine import CalamineWorkbook

from compliance.resources import sql_folder
from compliance.sample import Plan, write_sample
from tests import servers
from tests.own_tables import load_douyin_like

AS_OF = date(2026, 11, 22)
GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]
LOST = "tier-under-declared"
"""The schema has no column for the tier that a supplier declared."""


def main() -> int:
    """Load, audit, compare; the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--titles", type=int, default=1_000_000)
    options.add_argument("--engine", choices=("duckdb", "postgres"), default="duckdb")
    options.add_argument("--folder", type=Path)
    chosen = options.parse_args()
    folder = chosen.folder or Path(mkdtemp(prefix="gate-million-"))
    with timed(f"a sample of {chosen.titles:,} titles in {folder}"):
        plan = write_sample(folder / "catalog", chosen.titles, as_of=AS_OF)
    with servers.postgresql() as url:
        with timed(f"COPY of {sum(plan.rows.values()):,} rows into the Douyin-like tables"):
            load_douyin_like(url, folder / "catalog")
        with timed("gate audit"):
            code = audit(url, folder / "out", chosen.engine)
    problems = [*wrong_exit(code), *differences(plan, folder / "catalog", folder / "out")]
    print("\n".join(problems) or "findings, verdicts, block list, placements, counts and reports are as planted")  # noqa: T201 - this is a program that prints
    return 1 if problems else 0


@contextmanager
def timed(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - begun:.1f} s", flush=True)  # noqa: T201 - this is a program that prints


def audit(url: str, out: Path, engine: str) -> int:
    mapping = sql_folder() / "catalogs" / "douyin_like"
    options = ["--catalog", url, "--mapping", str(mapping), "--out", str(out), "--as-of", AS_OF.isoformat()]
    options += ["--engine", engine]
    return subprocess.run([*GATE, "audit", *options, "--lang", "en"]).returncode


def wrong_exit(code: int) -> Iterator[str]:
    if code != 1:
        yield f"gate audit ended with {code}, not 1"


def differences(plan: Plan, catalog: Path, out: Path) -> Iterator[str]:
    """What is not as planted."""
    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.register("planned_all", plan.findings)
    con.execute(f"CREATE VIEW planned AS FROM planned_all WHERE rule <> '{LOST}'")
    title_id = "'t' || lpad(title_id, 8, '0') AS title_id"
    for name in ("findings", "verdicts", "block_list"):
        con.execute(f"CREATE VIEW {name} AS SELECT * REPLACE ({title_id}) FROM '{out}/{name}.parquet'")
    worst = "max_by(action, list_position(['warn', 'hold', 'block'], action))"
    con.execute(f"CREATE TABLE worst AS SELECT title_id, {worst} AS action FROM planned GROUP BY title_id")
    yield from unlike(con, "findings", "SELECT title_id, rule, outcome, action FROM findings", "FROM planned")
    yield from unlike(
        con,
        "verdicts other than allow",
        "SELECT title_id, decision FROM verdicts WHERE decision <> 'allow'",
        "FROM worst WHERE action <> 'warn'",
    )
    yield from unlike(
        con,
        "lines of the block list",
        "SELECT title_id, decision FROM block_list",
        "SELECT w.* FROM worst AS w JOIN verdicts AS v USING (title_id)"
        " WHERE w.action = 'block' OR (w.action = 'hold' AND v.stage = 'prepublish')",
    )
    yield from unlike(
        con,
        "blocked placements",
        f"SELECT 'p' || lpad(placement_id, 10, '0') AS title_id FROM '{out}/blocked_placements.parquet'",
        f"SELECT placement_id AS title_id FROM '{catalog}/placements.parquet' AS p JOIN worst USING (title_id)"
        f" WHERE action = 'block' AND starts_at < DATE '{AS_OF}' + 1 AND coalesce(ends_at >= DATE '{AS_OF}', TRUE)",
    )
    yield from unlike_counts(con, plan, out)


def unlike(con: duckdb.DuckDBPyConnection, what: str, found: str, planned: str) -> Iterator[str]:
    for which, query in (
        ("too many", f"({found}) EXCEPT ALL ({planned})"),
        ("missing", f"({planned}) EXCEPT ALL ({found})"),
    ):
        (count, example) = con.execute(f"SELECT count(*), min(title_id) FROM ({query})").fetchall()[0]
        if count:
            yield f"{count:,} {what} {which}, such as {example}"


def unlike_counts(con: duckdb.DuckDBPyConnection, plan: Plan, out: Path) -> Iterator[str]:
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    counts = summary["counts"]
    planned = dict(con.execute("SELECT action, count(*) FROM worst WHERE action <> 'warn' GROUP BY action").fetchall())
    due = {
        "titles": plan.titles,
        "judged": plan.judged,
        "quarantined": 0,
        **planned,
        "allow": plan.judged - sum(planned.values()),
    }
    yield from (f"{name} is {counts[name]:,}, not {due[name]:,}" for name in due if counts[name] != due[name])
    for rule, outcome, number in con.execute("SELECT rule, outcome, count(*) FROM planned GROUP BY ALL").fetchall():
        if summary["rules"][rule][outcome] != number:
            yield f"{rule} {outcome} is {summary['rules'][rule][outcome]:,}, not {number:,}"
    page = (out / "report.html").read_text(encoding="utf-8")
    book = CalamineWorkbook.from_path(out / "report.xlsx")
    cells = {cell for name in book.sheet_names for row in book.get_sheet_by_name(name).iter_rows() for cell in row}
    for name in ("block", "hold"):
        if not re.search(rf"\b{counts[name]:,}\b", page):
            yield f"report.html does not say {counts[name]:,}"
        if counts[name] not in cells:
            yield f"report.xlsx does not say {counts[name]}"


if __name__ == "__main__":
    sys.exit(main())
