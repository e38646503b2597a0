"""A catalog judged inside PostgreSQL says in all outputs what the embedded engine says of the same rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from compliance.catalog.schema import RELATIONS
from compliance.engines.audit import AuditRequest
from compliance.engines.postgres.audit import run_audit
from compliance.errors import CatalogError, ConfigurationError
from compliance.verdicts.summary import Summary
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.nasty import AS_OF, Nasty
from tests.portable import broken_catalog, differences, embedded, outputs, waivers_for
from tests.property.test_twins import POLICIES
from tests.rules import test_cases as cases
from tests.rules.engines import judge_by_audit


def pushed_down(request: AuditRequest) -> Summary:
    """The audit inside PostgreSQL."""
    return run_audit(request, progress=lambda _: None)


def filled(url: str, catalog: Path) -> str:
    """The catalog's files as tables of that database."""
    return fill(url, {name: _rows(catalog / f"{name}.parquet") for name in RELATIONS if _there(catalog, name)})


def _there(catalog: Path, name: str) -> bool:
    return (catalog / f"{name}.parquet").exists()


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


@pytest.mark.parametrize(("seed", "policy"), [(302, "shipped"), (303, "other choices")])
def test_of_nasty_catalogs(seed: int, policy: str, postgresql: Maker, tmp_path: Path) -> None:
    catalog, law = Nasty(seed, titles=seed).write(tmp_path / "catalog"), POLICIES[policy]
    url = filled(postgresql(), catalog)
    first = outputs(embedded, catalog, tmp_path / "first", AS_OF, policy=law)
    given: dict[str, Any] = {
        "policy": law,
        "waivers": waivers_for(first["findings"], first["verdicts"], AS_OF),
        "previous_lists": (tmp_path / "first" / "block_list.parquet",),
    }
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF, **given)
    assert len(tuned["findings"]) > seed
    assert differences(tuned, outputs(pushed_down, url, tmp_path / "pushed", AS_OF, **given)) == {}


def test_of_a_catalog_that_breaks_the_contract(postgresql: Maker, tmp_path: Path) -> None:
    catalog = broken_catalog(tmp_path / "catalog")
    url = filled(postgresql(), catalog)
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF)
    assert tuned["summary"]["counts"]["quarantined"] > 20
    assert differences(tuned, outputs(pushed_down, url, tmp_path / "pushed", AS_OF)) == {}


def test_the_cases_of_the_rules(postgresql: Maker) -> None:
    def inside(request: AuditRequest) -> Summary:
        return pushed_down(replace(request, catalog=filled(postgresql(), Path(request.catalog))))

    wrong = []
    for catalog in cases.CATALOGS:
        found = judge_by_audit(catalog.relations, catalog.as_of, cases.policy_of(catalog), run=inside)
        wrong += cases.wrongly_ruled(catalog, found)
    assert wrong == []


def test_types_that_only_a_database_has(postgresql: Maker, tmp_path: Path) -> None:
    """Enums, zones, exact numbers and another order of texts change nothing; a type that is none stops the run."""
    catalog = Nasty(11, titles=120).write(tmp_path / "catalog")
    url = filled(postgresql(), catalog)
    with engine_of(url).begin() as connection:
        for statement in (
            "CREATE TYPE a_kind AS ENUM ('micro_drama', 'drama', 'other')",
            "ALTER TABLE titles ALTER kind TYPE a_kind USING kind::a_kind",
            "ALTER TABLE titles ALTER investment_yuan TYPE numeric",
            "ALTER TABLE titles ALTER reviewed_at TYPE timestamptz USING reviewed_at AT TIME ZONE 'Asia/Shanghai'",
            'ALTER TABLE register ALTER title_name TYPE text COLLATE "POSIX"',
        ):
            connection.execute(sa.text(statement))
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF)
    assert differences(tuned, outputs(pushed_down, url, tmp_path / "pushed", AS_OF)) == {}
    with engine_of(url).begin() as connection:
        connection.execute(sa.text("ALTER TABLE titles ALTER promoted TYPE integer USING promoted::integer"))
    with pytest.raises(CatalogError, match="breaks the contract") as caught:
        outputs(pushed_down, url, tmp_path / "stopped", AS_OF)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["titles.promoted"]


def test_who_may_only_read_can_audit(postgresql: Maker, tmp_path: Path) -> None:
    url = filled(postgresql(), broken_catalog(tmp_path / "catalog"))
    grants = (Path(__file__).parents[2] / "deploy" / "database" / "catalog.postgresql.sql").read_text(encoding="utf-8")
    with engine_of(url).begin() as connection:
        asked = sa.text("SELECT count(*) FROM pg_roles WHERE rolname = 'gate_catalog'")
        there = connection.execute(asked).scalar()  # roles are the server's, and other tests make this one too
        for statement in "\n".join(line for line in grants.splitlines() if not line.startswith("--")).split(";"):
            if statement.strip() and not (there and statement.strip().startswith("CREATE ROLE")):
                connection.exec_driver_sql(statement.replace("%", "%%"))
    made = sa.make_url(url)
    reader = sa.URL.create(made.drivername, "gate_catalog", None, made.host, made.port, made.database, made.query)
    said = outputs(pushed_down, reader.render_as_string(), tmp_path / "pushed", AS_OF)
    assert said["summary"]["counts"]["judged"] > 5


def test_another_catalog_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="inside PostgreSQL"):
        outputs(pushed_down, tmp_path, tmp_path / "out", AS_OF)


def test_a_column_that_stands_twice_is_refused(postgresql: Maker, tmp_path: Path) -> None:
    url = filled(postgresql(), Nasty(304, titles=10).write(tmp_path / "catalog"))
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE titles ADD COLUMN \"PERMIT_NUMBER\" text DEFAULT 'X'")
    with pytest.raises(CatalogError) as caught:
        outputs(pushed_down, url, tmp_path / "pushed", AS_OF)
    assert "titles.permit_number: more than one column has this name" in str(caught.value)
