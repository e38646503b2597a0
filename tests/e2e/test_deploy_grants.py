"""The grants in deploy/, tried on servers, allow what the gate does and nothing else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError
from tests.catalogs import complete
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.e2e.test_deploy import DEPLOY

pytestmark = pytest.mark.deploy

DENIED = sa.exc.ProgrammingError, sa.exc.InternalError, sa.exc.OperationalError


def _run(url: str, statements: str) -> None:
    lines = [line for line in statements.splitlines() if not line.startswith("--")]
    with engine_of(url).begin() as connection:
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))


def as_user(url: str, user: str) -> str:
    """The same database as another user."""
    made = sa.make_url(url)
    return sa.URL.create(
        made.drivername, user, None, made.host, made.port, made.database, made.query
    ).render_as_string()


def denied(url: str, statement: str) -> None:
    """A user may not do this."""
    with engine_of(url).connect() as connection, pytest.raises(DENIED, match=r"denied|read-only|must be owner"):
        connection.exec_driver_sql(statement)


ALL = {
    name: complete(name, [{}])
    for name in ("titles", "register", "platforms", "issuers", "labels", "episodes", "placements", "dossiers")
}


def test_in_postgresql_the_gate_can_only_read_the_catalog(postgresql: Maker) -> None:
    url = fill(postgresql(), ALL)
    _run(url, (DEPLOY / "database" / "catalog.postgresql.sql").read_text())
    reader = as_user(url, "gate_catalog")
    with engine_of(reader).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM titles").scalar() == 1
    for statement in ("DELETE FROM titles", "UPDATE register SET status = 'active'", "CREATE TABLE x (y int)"):
        denied(reader, statement)
        denied(reader, f"SET default_transaction_read_only = off; {statement}")


@pytest.mark.mariadb
def test_in_mariadb_the_gate_can_only_read_the_catalog(mariadb: Maker) -> None:
    url = fill(mariadb(), ALL)
    grants = (DEPLOY / "database" / "catalog.mariadb.sql").read_text()
    with engine_of(url).connect() as connection:
        (socket,) = connection.exec_driver_sql("SELECT @@socket").one()
    root = sa.URL.create("mysql", "root", database=sa.make_url(url).database, query={"unix_socket": socket})
    _run(root.render_as_string(), grants.replace("catalog.", f"{root.database}.").replace("'%'", "'127.0.0.1'"))
    reader = as_user(url, "gate_catalog")
    with engine_of(reader).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM titles").scalar() == 1
    _run(root.render_as_string(), f"DROP TABLE {root.database}.dossiers")
    assert open_catalog(reader).present() == set(ALL) - {"dossiers"}
    for statement in ("DELETE FROM titles", "UPDATE register SET status = 'active'", "CREATE TABLE x (y int)"):
        denied(reader, statement)
    _run(root.render_as_string(), f"REVOKE SELECT ON {root.database}.* FROM 'gate_catalog'@'127.0.0.1'")
    _run(root.render_as_string(), f"GRANT SELECT ON {root.database}.titles TO 'gate_catalog'@'127.0.0.1'")
    with pytest.raises(CatalogError, match="may not be read, or is not there"):
        open_catalog(reader).present()
