"""The same catalog gives equal clean relations through Parquet, SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance.catalog.contract import check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError
from compliance.permits.sql import register_functions
from tests.catalogs import Row, write_relation
from tests.conftest import Maker
from tests.databases import engine_of, fill

MICROSECOND = datetime(2026, 5, 1, 23, 59, 59, 999999)  # noqa: DTZ001 - wall time

CATALOG: Mapping[str, Sequence[Row]] = {
    "titles": [
        {"title_id": "t1"},
        {"title_id": "t2", "name": "😀\u202e归\u200b来", "permit_number": "9" * 10_000, "investment_yuan": 2**62},
        {"title_id": "t3", "status": "draft", "online_at": None, "producer": "", "subjects": None, "promoted": True},
        {"title_id": "t4", "reviewed_at": MICROSECOND, "voluntary_tier": 1, "name": "a'b\"c\\d\n\t%s :x"},
        {"title_id": "bad", "investment_yuan": -1},
        {"title_id": "bad too", "online_at": None},
        {"title_id": "twice"},
        {"title_id": "twice"},
        {"title_id": "far", "reviewed_at": datetime(9999, 12, 31)},  # noqa: DTZ001 - wall time
        {"title_id": "early", "updated_at": datetime(1, 1, 1)},  # noqa: DTZ001 - wall time
        {"title_id": None},
        {"title_id": "lost", "platform": "nowhere", "status": "offline"},
    ],
    "register": [{}, {"issued_on": None, "alt_name": "别名"}, {"issued_on": date(2200, 1, 1)}],
    "platforms": [{"platform": "fanqie", "valid_until": date(2027, 1, 31)}],
    "issuers": [{}, {"operator": None}],
    "labels": [{}, {"text": None, "confidence": 0.1}, {"confidence": None, "episode_no": 3}, {"confidence": 1.01}],
    "episodes": [
        {},
        {"ai_notice": None},
        {"ai_notice": False, "media_hash": "x"},
        {"duration_s": -1, "title_id": "t3"},
    ],
    "placements": [{"slot": "first_screen"}, {"ends_at": MICROSECOND}],
    "dossiers": [{"synopsis": "五百字" * 200}],
}


def everything(uri: str, staging: Path) -> dict[str, Any]:
    """What the check leaves of the catalog."""
    con = duckdb.connect()
    register_functions(con)
    outcome = check(con, open_catalog(uri), needed={}, staging=staging)
    left: dict[str, Any] = {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in RELATIONS}
    left["quarantine"] = con.execute("SELECT relation, title_id, reason FROM quarantine ORDER BY ALL").fetchall()
    left["held"] = con.execute("FROM held_titles ORDER BY ALL").fetchall()
    return left | {"rows": outcome.rows, "quarantined": outcome.quarantined}


@pytest.fixture(scope="module")
def through_parquet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("parquet")
    for name, rows in CATALOG.items():
        write_relation(folder, name, rows)
    return everything(str(folder), folder / "staging")


def test_the_catalog_has_clean_and_bad_rows(through_parquet: dict[str, Any]) -> None:
    assert through_parquet["quarantined"] == {"episodes": 1, "labels": 1, "register": 1, "titles": 8}
    assert [name for (name,) in through_parquet["held"]] == ["bad", "bad too", "early", "far", "t1", "t3", "twice"]


def test_sqlite_equals_parquet(tmp_path: Path, through_parquet: dict[str, Any]) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", CATALOG)
    assert everything(url, tmp_path / "staging") == through_parquet


def test_postgresql_equals_parquet(tmp_path: Path, postgresql: Maker, through_parquet: dict[str, Any]) -> None:
    assert everything(fill(postgresql(), CATALOG), tmp_path / "staging") == through_parquet


@pytest.mark.mariadb
def test_mariadb_equals_parquet(tmp_path: Path, mariadb: Maker, through_parquet: dict[str, Any]) -> None:
    assert everything(fill(mariadb(), CATALOG), tmp_path / "staging") == through_parquet


@pytest.mark.parametrize(
    "server", ["postgresql", pytest.param("mariadb", marks=pytest.mark.mariadb)], ids=["postgresql", "mariadb"]
)
def test_a_whole_number_that_is_no_flag_is_told(tmp_path: Path, request: pytest.FixtureRequest, server: str) -> None:
    """Platforms keep flags as small numbers, which come as numbers; 5 must not pass for false."""
    url = fill(request.getfixturevalue(server)(), CATALOG | {"titles": [{"title_id": "t1"}]})
    with engine_of(url).begin() as connection:
        connection.execute(sa.text("ALTER TABLE titles DROP COLUMN promoted"))
        connection.execute(sa.text("ALTER TABLE titles ADD COLUMN promoted SMALLINT NOT NULL DEFAULT 5"))
    with pytest.raises(CatalogError) as told:
        everything(url, tmp_path / "staging")
    assert "promoted" in "\n".join([str(told.value), *told.value.problems])
