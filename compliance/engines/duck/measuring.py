"""What a run looks like from a distance: the numbers by which the guard tells a night that went wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from compliance.catalog.contract import ContractOutcome
from compliance.catalog.schema import RELATIONS
from compliance.engines.duck.steps import literal
from compliance.outputs import MEASURES

UNLISTED = ".unlisted.parquet"
"""Titles that earlier lists have and this run's has not: title_id, status, kind, updated_at (NULL: no such title)."""

_MEASURED = ("titles", "register")


def write_measures(
    con: duckdb.DuckDBPyConnection, folder: Path, came_in: ContractOutcome, stale: Sequence[str]
) -> None:
    """Write `.measures.json`. The outputs must have been made, of the relations that `came_in` tells of."""
    (unknown, judged, placements, blocked) = con.execute("""
SELECT
    (SELECT COALESCE(CAST(sum(titles) FILTER (unknown <> 0) AS BIGINT), 0) FROM ruled),
    (SELECT COALESCE(CAST(sum(titles) AS BIGINT), 0) FROM ruled),
    (SELECT count(*) FROM active_placements),
    (SELECT count(*) FROM blocked_placements)""").fetchall()[0]
    measures = {
        "titles": came_in.rows["titles"],
        "register": came_in.rows["register"],
        "judged": judged,
        "unknown": unknown,
        "placements": placements,
        "blocked_placements": blocked,
        "stale_systems": list(stale),
        "filled": {name: share for relation in _MEASURED for name, share in _filled(con, relation, came_in).items()},
    }
    (folder / MEASURES).write_text(json.dumps(measures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_unlisted(con: duckdb.DuckDBPyConnection, folder: Path, lists: Sequence[Path]) -> None:
    """Write `.unlisted.parquet`: what became of the titles that are no longer on the list."""
    con.execute(f"""
COPY (
    SELECT e.title_id, t.status, t.kind, t.updated_at
    FROM (SELECT DISTINCT title_id FROM read_parquet({literal([str(path) for path in lists])})) AS e
    ANTI JOIN block_list USING (title_id) LEFT JOIN titles AS t USING (title_id)
    ORDER BY title_id
) TO {literal(str(folder / UNLISTED))} (FORMAT parquet)""")


def _filled(con: duckdb.DuckDBPyConnection, relation: str, came_in: ContractOutcome) -> dict[str, float]:
    """The share of sound rows that have a value, for each column that may be empty."""
    known = came_in.filled.get(relation, {})
    names = [column.name for column in RELATIONS[relation].columns if column.nullable]
    read = [name for name in names if name not in known]
    counts = "".join(f", count({name})" for name in read)
    (total, *filled) = con.execute(f"SELECT count(*){counts} FROM {relation}").fetchall()[0]
    rows = {**known, **dict(zip(read, filled, strict=True))}
    return {f"{relation}.{name}": round(rows[name] / total, 6) for name in names if total}
