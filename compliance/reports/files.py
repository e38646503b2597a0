"""A run's files as relations of a DuckDB connection within bounds of memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from compliance.embedded import connect
from compliance.engines.duck.population import LISTED, PRODUCERS
from compliance.run_files import DamagedFileError

STANDING = ".standing.parquet"
"""title_id, rule, since (the as-of day of the run that found it first), fresh (whether that is this run)."""
CURED = ".cured.parquet"
"""Findings of the run before that are none of this one's: title_id, rule, action, since, how (`cured` or `gone`),
name, platform, producer."""

FORECAST = ".forecast.json"
"""What `gate policy forecast --keep` left: its steps in both languages, by zh and en."""

_MEMORY = "1GB"
_OUTPUTS = ("verdicts", "findings", "block_list", "blocked_placements", "quarantine")
_PERHAPS = {
    "details": (
        LISTED,
        "title_id VARCHAR, name VARCHAR, platform VARCHAR, producer VARCHAR, form VARCHAR, online_at TIMESTAMP,"
        " slots VARCHAR[]",
    ),
    "waived": (
        "waived.parquet",
        "title_id VARCHAR, rule VARCHAR, waiver_id VARCHAR, action VARCHAR, last_on DATE, days_left INTEGER",
    ),
    "producers": (PRODUCERS, "producer VARCHAR, judged BIGINT"),
    "standing": (STANDING, "title_id VARCHAR, rule VARCHAR, since DATE, fresh BOOLEAN"),
    "cured": (
        CURED,
        "title_id VARCHAR, rule VARCHAR, action VARCHAR, since DATE, how VARCHAR, name VARCHAR, platform VARCHAR,"
        " producer VARCHAR",
    ),
}


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the run's files as relations, and `listed`: blocked and held titles with their details.

    A run without reports lacks the files that only they need: then these relations are there, and empty.
    """
    with (
        TemporaryDirectory(prefix="gate-report-") as work,
        connect({"memory_limit": _MEMORY, "temp_directory": work}) as con,
    ):
        for name in _OUTPUTS:
            con.execute(f"CREATE VIEW {name} AS FROM {parquet(con, folder / f'{name}.parquet')}")
        for name, (file, columns) in _PERHAPS.items():
            if (folder / file).exists():
                con.execute(f"CREATE VIEW {name} AS FROM {parquet(con, folder / file)}")
            else:
                con.execute(f"CREATE TABLE {name} ({columns})")
        con.execute("""
CREATE TABLE listed AS
SELECT v.*, d.name, COALESCE(d.platform, b.platform) AS platform, d.producer, d.form, d.online_at, d.slots
FROM (FROM verdicts WHERE decision <> 'allow') AS v
LEFT JOIN block_list AS b USING (title_id) LEFT JOIN details AS d USING (title_id)""")
        yield con


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever a file of a run holds
    """What a file in a run's folder says. Raises DamagedFileError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedFileError(path, error) from error


def parquet(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """A file in a run's folder as SQL that reads it. Raises DamagedFileError."""
    said = f"read_parquet({literal(path)})"
    try:
        con.execute(f"DESCRIBE FROM {said}")
    except duckdb.Error as error:
        raise DamagedFileError(path, error) from error
    return said


def literal(path: Path) -> str:
    """A path as an SQL literal."""
    return sql_text(str(path))


def sql_text(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
