"""Folders of Parquet files: which files make a relation, which types are accepted, and files that cannot be read."""

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
from compliance.catalog.parquet import ensure_unchanged
from compliance.catalog.sources import open_catalog, reading
from compliance.errors import CatalogError, ConfigurationError
from compliance.permits.sql import register_functions
from tests.catalogs import table, write_catalog, write_relation


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
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - wall time


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


@pytest.mark.parametrize("folder", ["titles", "titles.parquet"])
def test_a_relation_may_be_a_folder_of_part_files(tmp_path: Path, folder: str) -> None:
    write_catalog(tmp_path, titles=None)
    parts = tmp_path / folder / "dt=2026-11-01"
    parts.mkdir(parents=True)
    for n in range(3):
        pq.write_table(table("titles", [{"title_id": f"t{n}"}]), parts / f"part-{n}")
    (tmp_path / folder / "_SUCCESS").touch()
    (parts / ".part-0.crc").write_bytes(b"crc")
    assert checked(tmp_path).execute("SELECT title_id FROM titles ORDER BY 1").fetchall() == [("t0",), ("t1",), ("t2",)]


def test_part_files_may_differ_in_their_types(tmp_path: Path) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles").mkdir()
    exact = 2**53 + 1
    pq.write_table(table("titles", [{"title_id": "a", "investment_yuan": exact}]), tmp_path / "titles" / "a.parquet")
    floats = table("titles", [{"title_id": "b"}, {"title_id": "a"}])
    floats = floats.set_column(7, "investment_yuan", pa.array([5.0, float("nan")]))
    pq.write_table(floats, tmp_path / "titles" / "b.parquet")
    con = checked(tmp_path)
    assert con.execute("SELECT title_id, investment_yuan FROM titles").fetchall() == [("b", 5)]
    assert con.execute("SELECT title_id, \"row\"->>'investment_yuan' FROM quarantine ORDER BY ALL").fetchall() == [
        ("a", str(exact)), ("a", None),
    ]  # fmt: skip


def test_a_column_missing_in_one_part_file_is_missing(tmp_path: Path) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles").mkdir()
    for n, dropped in enumerate([[], ["producer"]]):
        made = table("titles", [{"title_id": f"t{n}"}]).drop_columns(dropped)
        pq.write_table(made, tmp_path / "titles" / f"{n}.parquet")
    assert complaint(tmp_path) == ("titles.producer: the column is missing (1 row) → add it; it may be empty",)


def test_a_relation_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    (tmp_path / "titles").mkdir()
    with pytest.raises(CatalogError, match="titles stands twice"):
        checked(tmp_path)


def test_a_folder_without_files_is_no_relation(tmp_path: Path) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles").mkdir()
    assert complaint(tmp_path) == ("titles is missing: nothing can be judged without it",)


def test_paths_with_a_pattern_s_characters_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path / "a [1] *? 'q' 中文")
    assert checked(folder).execute("SELECT count(*) FROM titles").fetchall() == [(1,)]


def test_a_file_url_is_a_folder(tmp_path: Path) -> None:
    folder = write_catalog(tmp_path / "a b")
    assert checked(folder, f"file://{str(folder).replace(' ', '%20')}").execute("FROM held_titles").fetchall() == []


@pytest.mark.parametrize("content", [b"", b"PAR1", b"title_id,name\n1,x\n" * 20])
def test_a_file_that_is_not_parquet_is_named(tmp_path: Path, content: bytes) -> None:
    write_catalog(tmp_path)
    (tmp_path / "labels.parquet").write_bytes(content)
    (told,) = complaint(tmp_path)
    assert told.startswith(f"labels ({tmp_path}/labels.parquet) cannot be read: ")


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    path = tmp_path / "register.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    (told,) = complaint(tmp_path)
    assert told.startswith(f"register ({path}) cannot be read: ")


def test_text_that_is_not_utf8_is_named_when_it_is_read(tmp_path: Path) -> None:
    gbk = "归来".encode("gbk")
    values = pa.Array.from_buffers(pa.string(), 1, pa.array([gbk]).buffers())
    con = checked(with_column(tmp_path, "titles", "name", values))
    with pytest.raises(CatalogError, match=r"titles\.parquet.*not valid UTF8"), reading("titles"):
        con.execute("SELECT max(name) FROM titles").fetchall()


def test_files_without_statistics_are_read_instead(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    rows = [
        {"title_id": "t1"},
        {"title_id": "t2", "investment_yuan": -1},
        {"title_id": "t3", "updated_at": wall(1, 1, 1)},
    ]
    made = table("titles", rows)
    pq.write_table(made, tmp_path / "titles.parquet", write_statistics=False, use_deprecated_int96_timestamps=False)
    con = checked(tmp_path)
    assert con.execute("SELECT title_id FROM titles").fetchall() == [("t1",)]
    assert con.execute("SELECT title_id FROM held_titles ORDER BY 1").fetchall() == [("t2",), ("t3",)]


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no such folder"):
        open_catalog(str(tmp_path / "none"))
    (tmp_path / "file").touch()
    with pytest.raises(CatalogError, match="not a folder"):
        open_catalog(str(tmp_path / "file"))


@pytest.mark.parametrize("uri", ["oracle://x@y/z", "postgres ql://x", "nonsense://:::"])
def test_a_url_of_no_known_database_is_told(uri: str) -> None:
    with pytest.raises(ConfigurationError):
        open_catalog(uri)


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


def test_part_files_behind_links_are_read(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=None)
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "catalog" / "titles"
    for place, name in ((elsewhere, "t1"), (folder, "t2")):
        place.mkdir()
        pq.write_table(table("titles", [{"title_id": name}]), place / "a.parquet")
    (folder / "more").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(folder)
    con = checked(tmp_path / "catalog")
    assert con.execute("SELECT title_id FROM titles ORDER BY 1").fetchall() == [("t1",), ("t2",)]


@pytest.mark.parametrize("link", ["issuers.parquet", "titles/b.parquet"])
def test_a_link_that_leads_nowhere_is_no_absence(tmp_path: Path, link: str) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles").mkdir()
    pq.write_table(table("titles", [{}]), tmp_path / "titles" / "a.parquet")
    (tmp_path / link).symlink_to(tmp_path / "gone.parquet")
    with pytest.raises(CatalogError, match=f"{link}: a link that leads nowhere"):
        checked(tmp_path)


def test_files_that_change_after_the_check_are_told(tmp_path: Path) -> None:
    write_catalog(tmp_path)
    con = duckdb.connect()
    register_functions(con)
    outcome = check(con, open_catalog(str(tmp_path)), needed={}, staging=tmp_path)
    ensure_unchanged(outcome.parts)
    write_relation(tmp_path / "new", "titles", [{"title_id": "t1", "status": "draft"}])
    (tmp_path / "new" / "titles.parquet").replace(tmp_path / "titles.parquet")
    with pytest.raises(CatalogError, match=r"1 file\(s\) of the catalog changed while they were read") as told:
        ensure_unchanged(outcome.parts)
    assert told.value.problems == (str(tmp_path / "titles.parquet"),)


@pytest.mark.parametrize(
    ("log", "name"),
    [
        ("_delta_log/0.json", "Delta Lake"),
        (".hoodie/hoodie.properties", "Hudi"),
        ("metadata/v1.metadata.json", "Iceberg"),
    ],
)
def test_a_table_whose_log_says_which_files_count_is_refused(tmp_path: Path, log: str, name: str) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles" / log).parent.mkdir(parents=True)
    (tmp_path / "titles" / log).write_text("{}", encoding="utf-8")
    pq.write_table(table("titles", [{}]), tmp_path / "titles" / "a.parquet")
    with pytest.raises(CatalogError, match=f"titles is a table of {name}: not all its files count"):
        checked(tmp_path)
