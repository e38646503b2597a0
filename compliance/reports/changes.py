"""What a run found anew, what still stands and since when, and what is cured: compared with the run before it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from compliance.embedded import connect
from compliance.engines.duck.population import LISTED
from compliance.reports.files import CURED, STANDING, literal, parquet, sql_text
from compliance.run_files import read_summary

COMPARED = ".compared.json"
"""The run that this one was compared with: run_id, as_of, policy, counts; null where there was none."""


def write_changes(folder: Path, previous: Path | None) -> None:
    """Compare a run's findings with those of the run before and write the hidden files STANDING, CURED, COMPARED.

    A finding of the first run, and one of a run that left no such files, stands since that run's as-of day. What is not
    found any more is cured only where its rule was asked again: it is gone where the rule is off, and where the title
    has no verdict, is held for a bad row, or is no micro-drama any more.
    """
    before = None if previous is None else read_summary(previous)
    summary = read_summary(folder)
    as_of = summary["as_of"]
    off = ", ".join(sql_text(rule) for rule, counts in summary["rules"].items() if counts["off"])
    with connect({"memory_limit": "1GB", "temp_directory": str(folder / ".changes-work")}) as con:
        for name in ("findings", "verdicts"):
            con.execute(f"CREATE VIEW {name} AS FROM {parquet(con, folder / f'{name}.parquet')}")
        con.execute(f"CREATE VIEW earlier AS {_earlier(con, previous, None if before is None else before['as_of'])}")
        con.execute(f"""
COPY (
    SELECT title_id, rule, COALESCE(e.since, DATE '{as_of}') AS since, e.title_id IS NULL AS fresh
    FROM findings AS f LEFT JOIN earlier AS e USING (title_id, rule) ORDER BY title_id, rule
) TO {literal(folder / STANDING)} (FORMAT parquet)""")
        con.execute(f"""
COPY (
    SELECT title_id, rule, action, since,
        CASE WHEN list_contains(CAST([{off}] AS VARCHAR[]), rule) OR v.title_id IS NULL THEN 'gone'
            WHEN v.regime IS NULL AND e.regime IS NOT NULL THEN 'gone' ELSE 'cured' END AS how,
        name, platform, producer
    FROM (FROM earlier ANTI JOIN findings USING (title_id, rule)) AS e
    LEFT JOIN (
        SELECT title_id, regime FROM verdicts WHERE decision <> 'hold' OR title_id IN (SELECT title_id FROM findings)
    ) AS v USING (title_id)
    ORDER BY title_id, rule
) TO {literal(folder / CURED)} (FORMAT parquet)""")
    known = None if before is None else {name: before[name] for name in ("run_id", "as_of", "policy", "counts")}
    (folder / COMPARED).write_text(json.dumps(known) + "\n", encoding="utf-8")


def _earlier(con: duckdb.DuckDBPyConnection, previous: Path | None, as_of: str | None) -> str:
    """The findings of the run before: title_id, rule, action, regime, since, name, platform, producer."""
    if previous is None:
        return (
            "SELECT NULL::VARCHAR AS title_id, NULL::VARCHAR AS rule, NULL::VARCHAR AS action,"
            " NULL::VARCHAR AS regime, NULL::DATE AS since, NULL::VARCHAR AS name, NULL::VARCHAR AS platform,"
            " NULL::VARCHAR AS producer WHERE FALSE"
        )
    since, standing = f"DATE '{as_of}'", ""
    if (previous / STANDING).exists():
        since = f"COALESCE(s.since, {since})"
        standing = f"LEFT JOIN {parquet(con, previous / STANDING)} AS s USING (title_id, rule)"
    names, details = "NULL::VARCHAR AS name, NULL::VARCHAR AS platform, NULL::VARCHAR AS producer", ""
    if (previous / LISTED).exists():
        names = "d.name, d.platform, d.producer"
        details = f"LEFT JOIN {parquet(con, previous / LISTED)} AS d USING (title_id)"
    findings = parquet(con, previous / "findings.parquet")
    return f"""
SELECT title_id, rule, f.action, f.regime, {since} AS since, {names}
FROM {findings} AS f {standing} {details}"""
