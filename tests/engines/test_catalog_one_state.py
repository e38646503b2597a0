"""What others commit while a database is read: the relations are of one moment, or the run says that they are not."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance.catalog.database import Database
from compliance.catalog.sources import Part
from compliance.errors import CatalogError
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.engines.test_catalog_databases import everything
from tests.engines.test_catalog_failures import run
from tests.portable import embedded, outputs

CATALOG = {
    "titles": [{"title_id": "t1"}, {"title_id": "t2", "permit_number": "（番茄）网微剧备字（2025）第7号"}],
    "register": [{}],
    "platforms": [{"platform": "fanqie"}],
    "placements": [{"title_id": "t2", "slot": "first_screen"}],
}
CHANGE = (
    "UPDATE titles SET permit_number = '（抖音）网微剧备字（2025）第7号' WHERE title_id = 't2'",
    "DELETE FROM placements",
)
"""Titles before and placements after it would be judged as what they were at no time."""

SERVERS = ["postgresql", "sqlite"]


def amid(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let that happen once the titles are read, and the placements are not."""
    attach = Database.attach

    def attached(self: Database, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:
        parts = attach(self, con, relation, staging=staging)
        if relation == "titles":
            happens()
        return parts

    monkeypatch.setattr(Database, "attach", attached)


def commit(url: str, *statements: str) -> None:
    """By a process of its own: the locks of SQLite do not hold between two copies of it in one process."""
    program = "import sys; from tests.engines.test_catalog_failures import run; run(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", program, url, *statements], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def made(server: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The catalog in that database. SQLite with a log for writing ahead, or nobody could write while it is read."""
    if server != "sqlite":
        return fill(request.getfixturevalue(server)(), CATALOG)
    return run(fill(f"sqlite:///{folder}/catalog.db", CATALOG), "PRAGMA journal_mode = WAL")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.usefixtures("either_reader")
def test_what_is_committed_between_two_relations_changes_nothing(
    server: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made(server, request, tmp_path)
    before = everything(url, tmp_path / "before")
    amid(monkeypatch, lambda: commit(url, *CHANGE))
    assert everything(url, tmp_path / "amid") == before
    after = everything(url, tmp_path / "after")
    assert after["placements"] == []
    assert after["titles"] != before["titles"]


def test_a_writer_of_sqlite_without_such_a_log_waits_until_all_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", CATALOG)

    def refused() -> None:
        with pytest.raises(RuntimeError, match="database is locked"):
            commit(url, "PRAGMA busy_timeout = 0", CHANGE[1])

    amid(monkeypatch, refused)
    assert len(everything(url, tmp_path / "staging")["placements"]) == 1
    run(url, *CHANGE)


REPLACED = {
    "emptied and filled": (
        "CREATE TABLE kept AS SELECT * FROM placements",
        "TRUNCATE placements",
        "INSERT INTO placements SELECT * FROM kept",
    ),
    "written anew": ("ALTER TABLE placements ADD COLUMN numbered serial",),
    "another in its place": (
        "CREATE TABLE other AS SELECT * FROM placements",
        "DROP TABLE placements",
        "ALTER TABLE other RENAME TO placements",
    ),
}


@pytest.mark.parametrize("how", REPLACED)
@pytest.mark.usefixtures("either_reader")
def test_a_table_of_postgresql_that_is_replaced_meanwhile_is_told(
    how: str, postgresql: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are none that the transaction may see, and nothing would stand on a first screen."""
    url = fill(postgresql(), CATALOG)
    amid(monkeypatch, lambda: run(url, *REPLACED[how]))
    with pytest.raises(CatalogError, match="emptied, rebuilt or replaced while they were read") as told:
        everything(url, tmp_path / "staging")
    assert told.value.problems == ("placements",)


@pytest.mark.usefixtures("either_reader")
def test_what_leaves_the_rows_of_postgresql_alone_is_not_told(
    postgresql: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fill(postgresql(), CATALOG)
    amid(
        monkeypatch,
        lambda: run(url, "CREATE INDEX ON placements (title_id)", "ANALYZE placements", "CREATE TABLE mine (id int)"),
    )
    assert len(everything(url, tmp_path / "staging")["placements"]) == 1


@pytest.mark.usefixtures("either_reader")
def test_whoever_waits_for_a_table_stops_nobody(
    postgresql: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRUNCATE waits for the reader, and further readers for TRUNCATE: the reader must need none but its connection."""
    url = fill(postgresql(), CATALOG)
    waiting = engine_of(url).connect()

    def truncate() -> None:
        raw: Any = waiting.connection.driver_connection
        raw.autocommit = True
        raw.pgconn.send_query(b"TRUNCATE titles, placements")

    amid(monkeypatch, truncate)
    assert len(everything(url, tmp_path / "staging")["titles"]) == 2
    waiting.invalidate()


@pytest.mark.parametrize("fails", [False, True], ids=["read", "failed"])
@pytest.mark.usefixtures("either_reader")
def test_no_connection_is_left_open(
    fails: bool, postgresql: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fill(postgresql(), CATALOG)
    if fails:
        dividing = "SELECT 1 / (n - n) AS title_id FROM generate_series(1, 2) AS n"
        run(url, "DROP TABLE placements", f"CREATE VIEW placements AS {dividing}")
        with pytest.raises(CatalogError) as told:
            everything(url, tmp_path / "staging")
        assert any("division by zero" in problem for problem in told.value.problems)
    else:
        everything(url, tmp_path / "staging")
    with engine_of(url).connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.exec_driver_sql(query).fetchall() == [(0,)]


@pytest.mark.mariadb
def test_the_summary_notes_a_change_of_mariadb_meanwhile(
    mariadb: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = [{"title_id": "t1"}, {"title_id": "t2"}]
    url = fill(mariadb(), CATALOG | {"labels": labels, "episodes": [{"title_id": "t1"}, {"title_id": "t2"}]})
    amid(monkeypatch, lambda: run(url, *CHANGE))
    notes = outputs(embedded, url, tmp_path / "out", date(2026, 11, 23))["summary"]["notes"]
    assert "relations may be of different moments: placements, titles changed while being read" in notes


@pytest.mark.mariadb
def test_a_change_of_mariadb_meanwhile_is_told(
    mariadb: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    url = fill(mariadb(), CATALOG)
    everything(url, tmp_path / "quiet")
    assert caplog.messages == []
    amid(monkeypatch, lambda: run(url, *CHANGE))
    with caplog.at_level(logging.WARNING):
        everything(url, tmp_path / "amid")
    (warning,) = caplog.messages
    assert "changed while it was read (placements, titles): its relations may be of different moments" in warning
