"""The titles that a report names one by one, each with every finding."""

from __future__ import annotations

import json

import duckdb

from compliance.reports.lines import FindingLine, TitleLine

_COLUMNS = (
    "title_id",
    "name",
    "platform",
    "producer",
    "decision",
    "stage",
    "regime",
    "tier",
    "permit",
    "online_on",
    "slots",
)
_URGENCY = """list_contains(slots, 'first_screen') DESC NULLS LAST, decision <> 'block', stage <> 'on_air', title_id"""
"""What is seen by most people first, then what must come down, then what must not go up, then what a person decides."""


def read_titles(con: duckdb.DuckDBPyConnection, limit: int) -> tuple[TitleLine, ...]:
    """The most urgent blocked and held titles. `con` has the relations of `files.opened`."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE shown AS"
        f" SELECT row_number() OVER (ORDER BY {_URGENCY}) AS place, * FROM listed ORDER BY place LIMIT ?",
        [limit],
    )
    findings: dict[str, list[FindingLine]] = {}
    for title_id, rule, outcome, action, evidence, since, fresh in con.execute("""
SELECT title_id, rule, outcome, action, evidence, since, COALESCE(fresh, FALSE)
FROM (FROM findings SEMI JOIN shown USING (title_id)) LEFT JOIN standing USING (title_id, rule)
ORDER BY title_id, CASE action WHEN 'block' THEN 0 WHEN 'hold' THEN 1 ELSE 2 END, rule""").fetchall():
        line = FindingLine(rule, outcome, action, json.loads(evidence), since, fresh)
        findings.setdefault(title_id, []).append(line)
    rows = con.execute("""
SELECT title_id, COALESCE(name, ''), COALESCE(platform, ''), COALESCE(producer, ''), decision, stage,
    COALESCE(regime, ''), tier, COALESCE(permit, ''), CAST(online_at AS DATE), COALESCE(slots, [])
FROM shown ORDER BY place""").fetchall()
    return tuple(
        TitleLine(**dict(zip(_COLUMNS, row, strict=True)), findings=tuple(findings.get(row[0], ()))) for row in rows
    )
