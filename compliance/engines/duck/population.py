"""What reports need beyond a run's outputs: the whole population in a few rows, and the titles with findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from compliance.catalog.coercion import instant_in_text
from compliance.engines.duck.steps import literal
from compliance.engines.freshness import Extracts

LISTED = ".listed.parquet"
"""title_id, name, platform, producer, form, online_at, slots (of active placements) of each title with a finding."""
PRODUCERS = ".producers.parquet"
"""producer, judged: for each producer of a title in the first file, how many of its titles were judged."""
POPULATION = ".population.json"
"""Shares, register, labels, placements, platforms: each a list of objects (see `_QUERIES`)."""

_PARQUET = "(FORMAT parquet, COMPRESSION snappy)"

_QUERIES = {
    # Judged titles by all that they can be told apart by.
    "shares": """
SELECT platform, stage, regime, tier,
    CASE WHEN blocks <> 0 THEN 'block' WHEN holds <> 0 THEN 'hold' ELSE 'allow' END AS decision,
    CAST(sum(titles) AS BIGINT) AS titles
FROM ruled GROUP BY ALL
UNION ALL
SELECT platform, stage, NULL, NULL, 'hold', count(*) FROM held GROUP BY ALL""",
    "labels": """
SELECT channel, count(*) AS rows, count(text) AS with_text, CAST(CAST(max(read_at) AS DATE) AS VARCHAR) AS newest
FROM labels GROUP BY channel ORDER BY channel""",
    "placements": """
SELECT slot, count(*) AS active, count(*) FILTER (decision = 'block') AS blocked,
    count(*) FILTER (decision = 'hold') AS held
FROM active_placements LEFT JOIN (SELECT title_id, decision FROM verdicts WHERE decision <> 'allow') USING (title_id)
GROUP BY slot ORDER BY slot""",
    "platforms": """
SELECT platform, name, CAST(valid_until AS VARCHAR) AS valid_until FROM platforms ORDER BY platform""",
}


def write_population(con: duckdb.DuckDBPyConnection, folder: Path, extracts: Extracts) -> None:
    """Write the hidden files of the run's folder that only reports read. The outputs must have been made."""
    con.execute("""
CREATE TEMP TABLE listed AS
SELECT title_id FROM findings UNION SELECT title_id FROM held""")
    _copy(con, _LISTED_ROWS, folder / LISTED)
    _copy(con, _PRODUCER_ROWS.format(listed=literal(str(folder / LISTED))), folder / PRODUCERS)
    population = {name: _objects(con, query) for name, query in _QUERIES.items()} | {"register": extracts.shown()}
    (folder / POPULATION).write_text(json.dumps(population, ensure_ascii=False) + "\n", encoding="utf-8")


_LISTED_ROWS = f"""
SELECT title_id, name, platform, producer, form, online_at, COALESCE(slots, CAST([] AS VARCHAR[])) AS slots
FROM (
    SELECT title_id, min(name) AS name, min(platform) AS platform, min(producer) AS producer, min(form) AS form,
        min(online_at) AS online_at
    FROM (
        SELECT title_id, name, platform, producer, form, online_at FROM titles
        UNION ALL
        SELECT title_id, row ->> 'name', row ->> 'platform', nullif(row ->> 'producer', ''), row ->> 'form',
            {instant_in_text("(row ->> 'online_at')")}
        FROM quarantine WHERE relation = 'titles'
    ) SEMI JOIN listed USING (title_id)
    GROUP BY title_id
)
LEFT JOIN (
    SELECT title_id, list(DISTINCT slot ORDER BY slot) AS slots FROM active_placements SEMI JOIN listed USING (title_id)
    GROUP BY title_id
) USING (title_id)
ORDER BY title_id"""

_PRODUCER_ROWS = """
SELECT producer, count(*) AS judged
FROM (SELECT producer FROM titles WHERE kind <> 'other' AND status <> 'offline')
SEMI JOIN (SELECT DISTINCT producer FROM read_parquet({listed}) WHERE producer IS NOT NULL) USING (producer)
GROUP BY producer ORDER BY producer"""


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {literal(str(path))} {_PARQUET}")


def _objects(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
