"""Databases that are not there, say no, or die while they are read; and values that no type fits."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError, ConfigurationError
from compliance.permits.sql import register_functions
from tests.catalogs import Row
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.engines.conftest import WITHOUT_DRIVER
from tests.engines.test_catalog_databases import CATALOG, everything

SMALL: Mapping[str, Sequence[Row]] = {
    "titles": [{"title_id": "t1"}, {"title_id": "t2"}],
    "register": [{}],
    "platforms": [{"platform": "fanqie"}],
}


def checked(uri: str, staging: Path, *, mapping: Path | None = None) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    register_functions(con)
    check(con, open_catalog(uri, mapping=mapping), needed={}, staging=staging)
    return con


def run(url: str, *statements: str) -> str:
    with engine_of(url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return url


def complaint(uri: str, staging: Path, *, mapping: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(CatalogError) as caught:
        checked(uri, staging, mapping=mapping)
    return caught.value.problems


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://gate:s3cret@127.0.0.1:1/catalog",
        "mysql://gate:s3cret@127.0.0.1:1/c",
        "mariadb://gate:s3cret@127.0.0.1:1/c",
    ],
)
def test_an_unreachable_database_is_told_without_the_password(uri: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be reached") as caught:
        checked(uri, tmp_path)
    assert "s3cret" not in str(caught.value)
    assert "***" in str(caught.value)


@pytest.mark.mariadb
def test_a_wrong_password_is_told_without_it(mariadb: Maker, tmp_path: Path) -> None:
    url = sa.make_url(mariadb()).set(password="wr0ng")
    with pytest.raises(CatalogError, match="Access denied") as caught:
        checked(url.render_as_string(hide_password=False), tmp_path)
    assert "wr0ng" not in str(caught.value)


def test_a_backend_terminated_while_it_is_read(postgresql: Maker, tmp_path: Path) -> None:
    url = fill(postgresql(), SMALL)
    run(
        url,
        "DROP TABLE platforms",
        "CREATE VIEW platforms AS SELECT n::text AS platform, CASE WHEN n = 300000"
        " THEN pg_terminate_backend(pg_backend_pid())::text ELSE repeat('x', 100) END AS name, NULL AS short_names,"
        " NULL AS operator, NULL AS av_licence, NULL AS registration_no, NULL::date AS valid_until"
        " FROM generate_series(1, 400000) AS n",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith("platforms of postgresql+psycopg://")
    assert "terminat" in told
    assert not (tmp_path / "platforms.parquet").exists()


@pytest.mark.mariadb
def test_a_connection_killed_while_it_is_read(mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "DROP TABLE platforms",
        "CREATE FUNCTION die() RETURNS INT BEGIN KILL CONNECTION_ID(); RETURN 1; END",
        "CREATE VIEW platforms AS SELECT seq AS platform, IF(seq = 300000, die(), 'xxxxxxxxxxxxxxxxxxxxx') AS name,"
        " NULL AS short_names, NULL AS operator, NULL AS av_licence, NULL AS registration_no, NULL AS valid_until"
        " FROM seq_1_to_400000",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith("platforms of mysql+pymysql://gate:***@")
    assert not (tmp_path / "platforms.parquet").exists()


def test_a_damaged_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    titles = [{"title_id": f"t{n}", "name": "名" * 200} for n in range(500)]
    url = fill(f"sqlite:///{path}", {**SMALL, "titles": titles})
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    problems = complaint(url, tmp_path)
    assert any("malformed" in problem for problem in problems)


@pytest.mark.parametrize("server", ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def test_a_view_over_what_is_gone_is_told_as_what_it_is(
    request: pytest.FixtureRequest, tmp_path: Path, server: str
) -> None:
    url = f"sqlite:///{tmp_path}/catalog.db" if server == "sqlite" else request.getfixturevalue(server)()
    fill(url, SMALL)
    run(
        url,
        "CREATE TABLE gone (short_name INT)",
        "CREATE VIEW issuers AS SELECT * FROM gone",
        "DROP TABLE gone",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith("issuers of ")
    assert "cannot be read: " in told


def test_sqlite_must_be_a_database_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no SQLite database"):
        open_catalog(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database " * 100, encoding="utf-8")
    with pytest.raises(CatalogError, match="not a database"):
        checked(f"sqlite:///{tmp_path}/text.db", tmp_path)
    for uri in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ConfigurationError, match="must be a file"):
            open_catalog(uri)


def test_an_empty_database_has_no_titles(postgresql: Maker, tmp_path: Path) -> None:
    assert [problem.split(":")[0] for problem in complaint(postgresql(), tmp_path)] == [
        "titles is missing", "register is missing", "platforms is missing",
    ]  # fmt: skip


@pytest.mark.parametrize("server", ["postgresql", "sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def test_without_its_fast_driver_a_database_is_read_slowly_and_alike(
    server: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"sqlite:///{tmp_path}/catalog.db" if server == "sqlite" else request.getfixturevalue(server)()
    fill(url, CATALOG)
    fast = everything(url, tmp_path / "fast")
    assert caplog.messages == []
    for module in WITHOUT_DRIVER:
        monkeypatch.setitem(sys.modules, module, None)
    with caplog.at_level(logging.WARNING):
        assert everything(url, tmp_path / "slow") == fast
    (warning,) = caplog.messages
    assert "install microdrama-gate[" in warning


SQLITE_VALUES: list[tuple[str, Any, str]] = [
    ("investment_yuan", "lots", 'titles.investment_yuan: 1 row holds no value that is a whole number, such as "lots"'),
    ("investment_yuan", 0.5, 'titles.investment_yuan: 1 row holds no value that is a whole number, such as "0.5"'),
    ("promoted", 2, 'titles.promoted: 1 row holds no value that is true or false, such as "2"'),
    ("online_at", 1760000000, 'titles.online_at: 1 row holds no value that is a timestamp, such as "1760000000"'),
    ("investment_yuan", "0x1F", 'titles.investment_yuan: 1 row holds no value that is a whole number, such as "0x1F"'),
    *(
        ("online_at", text, f'titles.online_at: 1 row holds no value that is a timestamp, such as "{text}"')
        # What is no zone, and what is one zone in China and another in America.
        for text in (
            "2026-06-01 00:30:00 tbd",
            "2026-06-01 11:00 PM",
            "2026-06-01 12:00:00 CST",
            "2026-06-01 01:00 PDT",
        )
    ),
    (
        "online_at",
        "2026-02-30 00:00:00",
        'titles.online_at: 1 row holds no value that is a timestamp, such as "2026-02-30 00:00:00"',
    ),
]


@pytest.mark.parametrize(("column", "value", "problem"), SQLITE_VALUES)
def test_a_value_of_no_due_type_in_sqlite_is_shown(tmp_path: Path, column: str, value: Any, problem: str) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql(f"UPDATE titles SET {column} = ? WHERE title_id = 't2'", (value,))
    (told,) = complaint(url, tmp_path)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("online_at", "2026-06-01T00:30:00Z", datetime(2026, 6, 1, 8, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-06-01 00:30:00.5+00:00", datetime(2026, 6, 1, 8, 30, 0, 500_000)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-06-01 00:30:00-0500", datetime(2026, 6, 1, 13, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-05-31 16:30:00 GMT", datetime(2026, 6, 1, 0, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-05-31 16:30:00Z\n", datetime(2026, 6, 1, 0, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-06-01 01:30:00 Asia/Tokyo", datetime(2026, 6, 1, 0, 30)),  # noqa: DTZ001 - wall time
        ("online_at", " 2026-06-01T00:30:00", datetime(2026, 6, 1, 0, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-06-01 00:30", datetime(2026, 6, 1, 0, 30)),  # noqa: DTZ001 - wall time
        ("online_at", "2026-06-01", datetime(2026, 6, 1)),  # noqa: DTZ001 - wall time
        ("promoted", "true", True),
        ("investment_yuan", "00300000", 300_000),
        ("investment_yuan", "", None),
        ("investment_yuan", 3e5, 300_000),
        ("name", 404, "404"),
        ("name", "a\x00b", "a\x00b"),
    ],
)
def test_values_that_read_as_their_type_in_sqlite(tmp_path: Path, column: str, value: Any, expected: Any) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql(f"UPDATE titles SET {column} = ? WHERE title_id = 't2'", (value,))
    con = checked(url, tmp_path)
    assert con.execute("SELECT reason FROM quarantine").fetchall() == []
    assert con.execute(f"SELECT {column} FROM titles WHERE title_id = 't2'").fetchall() == [(expected,)]


def test_bytes_that_are_no_text_in_sqlite_are_told(tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    run(url, "UPDATE titles SET name = X'D6D0' WHERE title_id = 't2'")
    (told,) = complaint(url, tmp_path)
    assert told == f"titles of {url} cannot be read: column name holds bytes that are no text in UTF-8"


def test_a_number_too_large_is_a_bad_row_shown_as_it_came(tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    run(url, "UPDATE titles SET episode_count = 3000000000 WHERE title_id = 't2'")
    con = checked(url, tmp_path)
    query = "SELECT title_id, reason, \"row\"->>'episode_count' FROM quarantine"
    assert con.execute(query).fetchall() == [("t2", "episode_count is out of range", "3000000000")]


def test_postgresql_s_own_types(postgresql: Maker, tmp_path: Path) -> None:
    url = fill(postgresql(), SMALL)
    run(
        url,
        "CREATE TYPE stage AS ENUM ('draft', 'scheduled', 'online', 'offline')",
        "ALTER TABLE titles ALTER status TYPE stage USING status::stage, ALTER investment_yuan TYPE numeric(20, 2),"
        " ALTER updated_at TYPE timestamptz USING updated_at AT TIME ZONE 'Asia/Shanghai',"
        " ALTER title_id TYPE varchar(50), ALTER episode_count TYPE smallint",
        "UPDATE titles SET reviewed_at = 'infinity' WHERE title_id = 't2'",
    )
    con = checked(url, tmp_path)
    query = "SELECT status, investment_yuan, episode_count, updated_at FROM titles"
    assert con.execute(query).fetchall() == [("online", 200_000, 2, datetime(2026, 11, 20, 8))]  # noqa: DTZ001 - wall time
    assert con.execute("SELECT title_id, reason FROM quarantine").fetchall() == [
        ("t2", "reviewed_at lies before 1990 or after 2100")
    ]


@pytest.mark.mariadb
def test_mariadb_s_own_types(mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "ALTER TABLE titles MODIFY promoted BIT(1), MODIFY investment_yuan DECIMAL(20,2),"
        " MODIFY status ENUM('draft','scheduled','online','offline'), MODIFY episode_count SMALLINT UNSIGNED,"
        " MODIFY updated_at TIMESTAMP NULL",
        "SET time_zone = '+00:00'",
        "UPDATE titles SET promoted = b'1', updated_at = '2026-06-01 00:30:00' WHERE title_id = 't2'",
    )
    con = checked(url, tmp_path)
    query = "SELECT promoted, investment_yuan, status, episode_count, updated_at FROM titles WHERE title_id = 't2'"
    assert con.execute(query).fetchall() == [(True, 200_000, "online", 2, datetime(2026, 6, 1, 8, 30))]  # noqa: DTZ001 - wall time


@pytest.mark.mariadb
@pytest.mark.parametrize("kind", ["DATETIME", "TIMESTAMP"])
def test_a_zero_date_of_mariadb_is_shown(mariadb: Maker, tmp_path: Path, kind: str) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "SET sql_mode = ''",
        f"ALTER TABLE titles MODIFY reviewed_at {kind} NULL",
        "UPDATE titles SET reviewed_at = '0000-00-00' WHERE title_id = 't2'",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith('titles.reviewed_at: 1 row holds no value that is a timestamp, such as "0000-00-00')
