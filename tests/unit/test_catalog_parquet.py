"""Columns of Parquet files: which types are accepted, and how they are read."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError
from compliance.permits.sql import register_functions
from tests.catalogs import table, write_catalog


def checked(folder: Path, uri: str = "") -> duckdb.DuckDBPyConnection:
    """A connection with the clean relations."""
    con = duckdb.connect()
    register_functions(con)
    check(con, open_catalog(uri or str(folder)), needed={}, staging=folder)
    return con


def complaint(folder: Path) -> tuple[str, ...]:
    """The problems that the check ends with."""
    with pytest.raises(CatalogError) as caught:
        checked(folder)
    return caught.value.problems


def with_column(folder: Path, relation: str, name: str, values: pa.Array) -> Path:
    """A valid catalog, whose relation has as many rows as there are values, with this column in place of its own."""
    keys = {"titles": "title_id", "platforms": "platform"}
    rows = [{keys[relation]: f"k{n}"} if relation in keys else {} for n in range(len(values))]
    write_catalog(folder, **({} if relation == "titles" else {relation: rows}))
    made = table(relation, rows)
    made = made.set_column(made.column_names.index(name), name, values)
    pq.write_table(made, folder / f"{relation}.parquet")
    return folder


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - wall time, of as many parts as a test gives


MORNING = datetime(2026, 5, 31, 16, 30, tzinfo=UTC)  # half past midnight of June 1st in Shanghai
OLD_INSTANTS = Path(__file__).parents[1] / "data" / "converted_type_alone.parquet"
LAST_NANOSECOND = int(wall(2026, 6, 1).replace(tzinfo=UTC).timestamp()) * 10**9 - 1
EIGHT_HOURS = 8 * 3600 * 10**9
SUMMER_TIME = datetime(1991, 6, 1, 0, 0, tzinfo=UTC)  # 9 hours ahead then


@pytest.mark.parametrize(
    ("relation", "name", "values", "expected"),
    [
        ("titles", "name", pa.array(["甲", "乙"], pa.large_string()), ["甲", "乙"]),
        ("titles", "name", pa.array(["甲", "甲"]).dictionary_encode(), ["甲", "甲"]),
        ("titles", "name", pa.array(["甲", "乙"], pa.string_view()), ["甲", "乙"]),
        ("titles", "episode_count", pa.array([1, 2], pa.uint8()), [1, 2]),
        ("titles", "episode_count", pa.array([1, 2], pa.int64()), [1, 2]),
        ("titles", "episode_count", pa.array([1.0, 2.0]), [1, 2]),
        ("titles", "investment_yuan", pa.array([1.0, float("nan")]), [1, None]),
        ("titles", "investment_yuan", pa.array([2**63 - 1, 0], pa.uint64()), [2**63 - 1, 0]),
        ("titles", "investment_yuan", pa.array([7, None], pa.decimal128(20, 2)), [7, None]),
        ("titles", "investment_yuan", pa.nulls(2), [None, None]),
        ("titles", "producer", pa.array([None, None], pa.int32()), [None, None]),
        ("titles", "reviewed_at", pa.array([MORNING, SUMMER_TIME], pa.timestamp("us", "UTC")),
         [wall(2026, 6, 1, 0, 30), wall(1991, 6, 1, 9, 0)]),
        ("titles", "reviewed_at", pa.array([MORNING, None], pa.timestamp("ns", "America/New_York")),
         [wall(2026, 6, 1, 0, 30), None]),
        ("titles", "reviewed_at", pa.array([wall(2026, 6, 1, 0, 30), None], pa.timestamp("ms")),
         [wall(2026, 6, 1, 0, 30), None]),
        ("titles", "reviewed_at", pa.array([date(2026, 6, 1), None]), [wall(2026, 6, 1), None]),
        # The last nanosecond of a day, as pandas writes the end of a period, is still that day.
        ("titles", "reviewed_at", pa.array([LAST_NANOSECOND, None], pa.timestamp("ns")),
         [wall(2026, 5, 31, 23, 59, 59, 999_999), None]),
        ("titles", "reviewed_at", pa.array([LAST_NANOSECOND - EIGHT_HOURS, None], pa.timestamp("ns", "UTC")),
         [wall(2026, 5, 31, 23, 59, 59, 999_999), None]),
        ("register", "issued_on", pa.array([LAST_NANOSECOND, None], pa.timestamp("ns")), [date(2026, 5, 31), None]),
        ("register", "issued_on", pa.array([LAST_NANOSECOND - EIGHT_HOURS, None], pa.timestamp("ns", "UTC")),
         [date(2026, 5, 31), None]),
        ("register", "issued_on", pa.array([MORNING, None], pa.timestamp("us", "UTC")), [date(2026, 6, 1), None]),
        ("register", "issued_on", pa.array([wall(2026, 5, 31, 23, 59), None], pa.timestamp("ns")),
         [date(2026, 5, 31), None]),
        ("labels", "confidence", pa.array([0.5, 1.0], pa.float32()), [0.5, 1.0]),
        ("labels", "confidence", pa.array([0, 1], pa.int8()), [0.0, 1.0]),
    ],
)  # fmt: skip
def test_columns_of_a_kindred_type_are_read(
    tmp_path: Path, relation: str, name: str, values: pa.Array, expected: list[Any]
) -> None:
    con = checked(with_column(tmp_path, relation, name, values))
    assert con.execute("SELECT reason FROM quarantine").fetchall() == []
    assert [value for (value,) in con.execute(f"SELECT {name} FROM {relation}").fetchall()] == expected


@pytest.mark.parametrize(
    ("relation", "name", "values", "problem"),
    [
        ("titles", "name", pa.array([1, 2]), "titles.name: 2 rows of type BIGINT where text is due"),
        ("titles", "name", pa.array([b"a", b"\xff"]), "titles.name: 2 rows of type BLOB where text is due"),
        ("titles", "promoted", pa.array([0, 1]), "titles.promoted: 2 rows of type BIGINT where true or false is due"),
        (
            "titles",
            "episode_count",
            pa.array(["1", "2"]),
            "titles.episode_count: 2 rows of type VARCHAR where a whole number is due",
        ),
        (
            "titles",
            "episode_count",
            pa.array([1.0, 2.5]),
            'titles.episode_count: 1 row holds no value that is a whole number, such as "2.5"',
        ),
        (
            "titles",
            "investment_yuan",
            pa.array([1.0, float("inf")]),
            'titles.investment_yuan: 1 row holds no value that is a whole number, such as "inf"',
        ),
        (
            "titles",
            "online_at",
            pa.array(["2026-01-01", None]),
            "titles.online_at: 2 rows of type VARCHAR where a timestamp is due",
        ),
        (
            "register",
            "issued_on",
            pa.array([20260101, None]),
            "register.issued_on: 2 rows of type BIGINT where a date is due",
        ),
        (
            "labels",
            "confidence",
            pa.array(["0.5", None]),
            "labels.confidence: 2 rows of type VARCHAR where a number is due",
        ),
        (
            "titles",
            "name",
            pa.array([{"a": 1}, {"a": 2}]),
            "titles.name: 2 rows of type STRUCT(a BIGINT) where text is due",
        ),
    ],
)
def test_columns_of_another_type_stop_the_run(
    tmp_path: Path, relation: str, name: str, values: pa.Array, problem: str
) -> None:
    (told,) = complaint(with_column(tmp_path, relation, name, values))
    assert told.startswith(problem)


def test_a_number_too_large_for_its_column_is_a_bad_row(tmp_path: Path) -> None:
    con = checked(with_column(tmp_path, "titles", "episode_count", pa.array([2**31, 1])))
    assert con.execute("SELECT title_id, reason FROM quarantine").fetchall() == [
        ("k0", "episode_count is out of range")
    ]
    assert con.execute("SELECT title_id FROM titles").fetchall() == [("k1",)]


def test_a_missing_column_is_told_also_where_it_may_be_empty(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    pq.write_table(table("titles", [{}]).drop_columns(["name", "subjects"]), tmp_path / "titles.parquet")
    assert complaint(tmp_path) == (
        "titles.name: the column is missing (1 row) → add it",
        "titles.subjects: the column is missing (1 row) → add it; it may be empty",
    )


def test_further_columns_are_not_looked_at(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    further = table("titles", [{}]).append_column("nested", pa.array([{"name": [1]}]))
    pq.write_table(further, tmp_path / "titles.parquet")
    assert checked(tmp_path).execute("SELECT title_id FROM titles").fetchall() == [("t1",)]


def test_instants_that_name_no_zone_but_are_written_in_utc(tmp_path: Path) -> None:
    """A file of the older kind: ConvertedType TIMESTAMP_MICROS and no LogicalType, which the format defines as UTC."""
    write_catalog(tmp_path, titles=None)
    shutil.copy(OLD_INSTANTS, tmp_path / "titles.parquet")
    con = checked(tmp_path)
    assert con.execute("SELECT reviewed_at FROM titles").fetchall() == [(wall(2026, 9, 1, 1),)]


def as_int96(folder: Path, created_by: bytes) -> Path:
    """A catalog whose titles have instants as INT96, in a file by that program."""
    write_catalog(folder)
    path = folder / "titles.parquet"
    titles = table("titles", [{"reviewed_at": wall(2026, 8, 31, 17)}])
    pq.write_table(titles, path, use_deprecated_int96_timestamps=True)
    written = path.read_bytes()
    arrow = pq.ParquetFile(path).metadata.created_by.encode()
    assert len(created_by) <= len(arrow)
    path.write_bytes(written.replace(arrow, created_by.ljust(len(arrow))))
    return folder


def test_int96_of_spark_and_hive_is_an_instant_in_utc(tmp_path: Path) -> None:
    con = checked(as_int96(tmp_path, b"parquet-mr version 1.13"))
    assert con.execute("SELECT reviewed_at FROM titles").fetchall() == [(wall(2026, 9, 1, 1),)]


def test_int96_of_another_program_may_be_anything(tmp_path: Path) -> None:
    told = complaint(as_int96(tmp_path, b"impala version 4.0"))
    assert told[0].startswith("titles.online_at: 1 row of type INT96 where a timestamp is due")


@pytest.mark.parametrize(("first", "second"), [("permit_number", "permit_number"), ("Permit_Number", "permit_number")])
def test_a_column_that_stands_twice_is_refused(tmp_path: Path, first: str, second: str) -> None:
    write_catalog(tmp_path)
    titles = table("titles", [{}]).drop_columns(["permit_number"])
    for name in (first, second):
        titles = titles.append_column(name, pa.array([f"number in {name}"]))
    pq.write_table(titles, tmp_path / "titles.parquet")
    assert complaint(tmp_path) == (f"titles.permit_number: stands twice in {tmp_path}/titles.parquet",)
