"""Whatever stands in a catalog's cells, its check either stops with an error or accounts for every row."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.contract import check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError
from compliance.permits.sql import register_functions
from tests.catalogs import complete

ROWS = 6
FILLED = {
    "titles": complete("titles", [{}] * ROWS),
    "register": complete("register", [{}] * ROWS),
    "platforms": complete("platforms", [{"platform": "fanqie"}, *[{}] * (ROWS - 1)]),
    "issuers": complete("issuers", [{}] * ROWS),
    "labels": complete("labels", [{}] * ROWS),
    "episodes": complete("episodes", [{}] * ROWS),
    "placements": complete("placements", [{}] * ROWS),
    "dossiers": complete("dossiers", [{}] * ROWS),
}

LIKELY = ["", " ", "t1", "t2", "fanqie", "offline", "online", "draft", "other", "drama", "micro_drama", "ai", "key"]

values_of_type: dict[Any, st.SearchStrategy[Any]] = {
    pa.string(): st.none() | st.sampled_from(LIKELY) | st.text(max_size=20) | st.just("9" * 10_000),
    pa.int64(): st.none() | st.sampled_from([-1, 0, 1, 2, 3, 4]) | st.integers(-(2**63), 2**63 - 1),
    pa.int32(): st.none() | st.sampled_from([-1, 0, 1, 2, 3, 4]) | st.integers(-(2**31), 2**31 - 1),
    pa.float64(): st.none() | st.floats() | st.sampled_from([0.0, 0.5, 1.0, -1e300]),
    pa.bool_(): st.none() | st.booleans(),
    pa.timestamp("us"): st.none() | st.datetimes() | st.sampled_from([datetime.min, datetime.max]),  # noqa: DTZ901 - wall time at its bounds
    pa.timestamp("us", "UTC"): st.none() | st.datetimes(timezones=st.just(UTC)),
    pa.date32(): st.none() | st.dates() | st.sampled_from([date.min, date.max]),
}
"""Values for a column of that Arrow type; a column may also come as a type that is not its own."""


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, str, Any, list[Any]]]:
    """Some columns with the type and values that they get."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        relation = draw(st.sampled_from(sorted(RELATIONS)))
        column = draw(st.sampled_from(RELATIONS[relation].columns))
        own = arrow_schema(RELATIONS[relation]).field(column.name).type
        type_ = draw(st.just(own) | st.just(own) | st.just(own) | st.sampled_from(list(values_of_type)))
        kept = [row[column.name] for row in FILLED[relation]]
        if type_ == own:
            cells = [draw(st.just(old) | values_of_type[type_]) for old in kept]
        else:
            cells = [draw(values_of_type[type_]) for _ in kept]
        found.append((relation, column.name, type_, cells))
    return found


def write(folder: Path, changes: list[tuple[str, str, Any, list[Any]]]) -> None:
    for relation, rows in FILLED.items():
        table = pa.Table.from_pylist(rows, schema=arrow_schema(RELATIONS[relation]))
        for changed, name, type_, cells in changes:
            if changed == relation:
                table = table.set_column(table.column_names.index(name), name, pa.array(cells, type_))
        pq.write_table(table, folder / f"{relation}.parquet", row_group_size=2)


@settings(max_examples=60, deadline=None)
@given(mutations())
def test_every_row_is_clean_or_in_quarantine_or_the_run_stops(changes: list[tuple[str, str, Any, list[Any]]]) -> None:
    folder = Path(mkdtemp(prefix="gate-mutated-"))
    try:
        write(folder, changes)
        con = duckdb.connect()
        register_functions(con)
        outcome = None
        with suppress(CatalogError):
            outcome = check(con, open_catalog(str(folder)), needed={}, staging=folder)
        if outcome is not None:
            judge(con, outcome.quarantined)
    finally:
        shutil.rmtree(folder)


def judge(con: duckdb.DuckDBPyConnection, quarantined: Any) -> None:
    """The rows add up, and a plain reading of the contract finds the same titles bad."""
    for name in set(RELATIONS) - {"issuers"}:
        (clean,) = con.execute(f"SELECT count(*) FROM {name}").fetchall()[0]
        assert clean + quarantined.get(name, 0) == ROWS
    assert all(reason for (reason,) in con.execute("SELECT reason FROM quarantine").fetchall())
    titles = con.sql("SELECT * FROM titles").to_arrow_table().to_pylist()
    platforms = {name for (name,) in con.execute("SELECT platform FROM platforms").fetchall()}
    assert [row["title_id"] for row in titles if is_bad(row, platforms)] == []
    assert max(Counter(row["title_id"] for row in titles).values(), default=1) == 1
    held = {name for (name,) in con.execute("SELECT title_id FROM held_titles").fetchall()}
    touched = {name for (name,) in con.execute("SELECT title_id FROM quarantine").fetchall()}
    judged = {row["title_id"] for row in titles if row["kind"] != "other" and row["status"] != "offline"}
    assert held & judged == touched & judged


def is_bad(row: dict[str, Any], platforms: set[str]) -> bool:
    """Whether a typed title breaks the contract."""
    empty = any(row[column.name] is None for column in RELATIONS["titles"].columns if not column.nullable)
    undated = row["status"] in ("scheduled", "online") and row["online_at"] is None
    negative = any(row[name] is not None and row[name] < 0 for name in ("investment_yuan", "episode_count"))
    strange = any(isinstance(value, datetime) and not 1990 <= value.year <= 2100 for value in row.values())
    return empty or not row["title_id"] or undated or negative or strange or row["platform"] not in platforms
