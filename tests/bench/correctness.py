"""Right first, fast second: what gate and peer found is held against the plan before a time is believed."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.bench.catalogs import AS_OF, Sample
from tests.bench.peers.tuned_duckdb import RULES


class WrongFindings(Exception):  # noqa: N818 - it tells what is wrong
    """The findings are not the planted ones."""


def prove_gate(sample: Sample, out: Path) -> None:
    """Every finding of the gate is planned, every planned finding is found, and every judged title has a verdict."""
    _prove(
        "gate",
        found=f"SELECT title_id, rule, outcome, action FROM '{out}/findings.parquet'",
        planned=f"SELECT title_id, rule, outcome, action FROM '{sample.plan}'",
    )
    verdicts = _counted(f"SELECT count(*), count(DISTINCT title_id) FROM '{out}/verdicts.parquet'")
    if verdicts != (sample.judged, sample.judged):
        raise WrongFindings(f"gate: {verdicts} verdicts and titles with one, for {sample.judged:,} judged titles")


def prove_peer(sample: Sample, out: Path) -> None:
    """The same for the peer's rules; it reads no placements, so a tier that only the first screen gives is left out."""
    _prove(
        "peer",
        found=f"FROM '{out}/findings.parquet'",
        planned=f"""
SELECT title_id, rule FROM '{sample.plan}'
WHERE outcome = 'fail' AND rule IN {RULES} AND NOT (rule = 'permit-below-tier' AND title_id IN (
  SELECT title_id FROM '{sample.catalog}/placements.parquet'
  WHERE slot = 'first_screen' AND starts_at < DATE '{AS_OF}' + 1 AND coalesce(ends_at >= DATE '{AS_OF}', true)))""",
    )


def _prove(who: str, *, found: str, planned: str) -> None:
    con = duckdb.connect()
    con.execute(f"CREATE TEMP TABLE found AS {found}")
    con.execute(f"CREATE TEMP TABLE planned AS {planned}")
    if con.execute("SELECT count(*) FROM planned").fetchone() == (0,):
        raise WrongFindings(f"{who}: nothing was planned, so nothing is proved")
    problems = [
        f"{number:,} {what} of {rule}, such as {example}"
        for what, query in (
            ("too many", "FROM found EXCEPT ALL FROM planned"),
            ("missed", "FROM planned EXCEPT ALL FROM found"),
        )
        for rule, number, example in con.execute(
            f"SELECT rule, count(*), min(title_id) FROM ({query}) GROUP BY rule ORDER BY rule"
        ).fetchall()
    ]
    if problems:
        raise WrongFindings("\n  ".join([f"{who}: the findings are not the planted ones", *problems]))


def _counted(query: str) -> tuple[int, ...]:
    row: tuple[int, ...] = duckdb.execute(query).fetchall()[0]
    return row
