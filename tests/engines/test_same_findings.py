"""One catalog in many places: every finding, verdict and line of the block list is the same, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from compliance.engines.audit import AuditRequest, run_audit
from compliance.policy import load_policy
from compliance.resources import sql_folder
from compliance.sample import write_sample
from tests.conftest import Maker
from tests.databases import fill
from tests.own_tables import load_douyin_like, load_wechat_like

AS_OF = date(2026, 11, 22)
TITLES = 2_000
OUTPUTS = ("verdicts", "findings", "block_list", "blocked_placements", "quarantine")

Rows = Mapping[str, list[dict[str, Any]]]


def audited(catalog: str, folder: Path, mapping: str | None = None) -> Rows:
    """The outputs, each ordered."""
    folder.mkdir()
    run_audit(
        AuditRequest(
            catalog=catalog,
            folder=folder,
            as_of=AS_OF,
            policy=load_policy(),
            run_id="same",
            started_at=datetime(2026, 11, 22, 3),  # noqa: DTZ001 - wall time
            mapping=sql_folder() / "catalogs" / mapping if mapping else None,
        ),
        progress=lambda _: None,
    )
    return {name: sorted(pq.read_table(folder / f"{name}.parquet").to_pylist(), key=repr) for name in OUTPUTS}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("same")
    write_sample(folder / "catalog", TITLES, as_of=AS_OF)
    return folder / "catalog"


@pytest.fixture(scope="module")
def of_files(catalog: Path) -> Rows:
    """What the audit of the Parquet files says."""
    outputs = audited(str(catalog), catalog.parent / "files")
    assert min(len(outputs["findings"]), len(outputs["block_list"]), len(outputs["blocked_placements"])) > 20
    return outputs


def relations_of(catalog: Path) -> dict[str, list[dict[str, Any]]]:
    return {file.stem: pq.read_table(file).to_pylist() for file in sorted(catalog.glob("*.parquet"))}


def without(catalog: Path, *columns: str) -> Path:
    """The catalog with these columns of its titles empty."""
    folder = catalog.parent / f"without-{'-'.join(columns)}"
    if not folder.exists():
        folder.mkdir()
        for file in catalog.glob("*.parquet"):
            (folder / file.name).symlink_to(file)
        (folder / "titles.parquet").unlink()
        empty = ", ".join(f"NULL::INTEGER AS {column}" for column in columns)
        titles, kept = catalog / "titles.parquet", folder / "titles.parquet"
        duckdb.execute(f"COPY (SELECT * REPLACE ({empty}) FROM '{titles}') TO '{kept}'")
    return folder


def test_sqlite(catalog: Path, of_files: Rows, tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", relations_of(catalog))
    assert audited(url, tmp_path / "run") == of_files


def test_postgresql(catalog: Path, of_files: Rows, postgresql: Maker, tmp_path: Path) -> None:
    url = fill(postgresql(), relations_of(catalog))
    assert audited(url, tmp_path / "run") == of_files


@pytest.mark.mariadb
def test_mariadb(catalog: Path, of_files: Rows, mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), relations_of(catalog))
    assert audited(url, tmp_path / "run") == of_files


def test_the_douyin_like_tables(catalog: Path, postgresql: Maker, tmp_path: Path) -> None:
    """What differs is told: titles are counted by number, and white space round a number is gone."""
    own = audited(load_douyin_like(postgresql(), catalog), tmp_path / "run", "douyin_like")
    files = audited(str(without(catalog, "declared_tier")), tmp_path / "files")
    assert plain(own, numbered=True) == plain(files)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def test_the_wechat_like_tables(database: str, catalog: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/own.db" if database == "sqlite" else request.getfixturevalue("mariadb")()
    own = audited(load_wechat_like(url, catalog), tmp_path / "run", "wechat_like")
    files = audited(str(without(catalog, "declared_tier", "voluntary_tier")), tmp_path / "files")
    assert plain(own) == plain(files)


def plain(outputs: Rows, *, numbered: bool = False) -> Rows:
    """The outputs without evidence, which has numbers as they were typed; `numbered`: with ids as in the files."""

    def back(row: dict[str, Any]) -> dict[str, Any]:
        ids = {"title_id": f"t{row['title_id']:0>8}"} if numbered else {}
        ids |= {"placement_id": f"p{row['placement_id']:0>10}"} if numbered and "placement_id" in row else {}
        return {name: value for name, value in (row | ids).items() if name != "evidence"}

    return {name: sorted((back(row) for row in rows), key=repr) for name, rows in outputs.items()}
