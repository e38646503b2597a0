"""Folders of Parquet files: which files make a relation, and files that cannot be read or must not be believed."""

from __future__ import annotations

from pathlib import Path

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
from tests.unit.test_catalog_parquet import checked, complaint, wall, with_column


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
    (tmp_path / "titles").symlink_to(tmp_path / "not mounted")
    with pytest.raises(CatalogError, match="titles stands twice"):
        checked(tmp_path)
    (tmp_path / "titles").unlink()
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


@pytest.mark.parametrize(
    "link", ["issuers.parquet", "issuers", "dossiers.parquet", "dossiers", "titles/b.parquet", "titles/dt=1"]
)
def test_a_link_that_leads_nowhere_is_no_absence(tmp_path: Path, link: str) -> None:
    write_catalog(tmp_path, titles=None)
    (tmp_path / "titles").mkdir()
    pq.write_table(table("titles", [{}]), tmp_path / "titles" / "a.parquet")
    (tmp_path / link).symlink_to(tmp_path / "not mounted" / "issuers")
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
