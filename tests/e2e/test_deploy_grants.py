"""The grants in deploy/, tried on servers, allow what the gate does and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.ledger.runs import record_run
from compliance.ledger.store import Ledger
from jobs.clockwork.database import Database
from jobs.clockwork.model import Outcome
from jobs.clockwork.rows import Run
from tests.catalogs import complete
from tests.clockworks import START, Host, a_job
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.e2e.test_deploy import DEPLOY
from tests.ledgers import write_run

pytestmark = pytest.mark.deploy

DENIED = sa.exc.ProgrammingError, sa.exc.InternalError, sa.exc.OperationalError


def _run(url: str, statements: str) -> None:
    lines = [line for line in statements.splitlines() if not line.startswith("--")]
    with engine_of(url).begin() as connection:
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("%", "%%"))


def _as(url: str, user: str) -> str:
    made = sa.make_url(url)
    return sa.URL.create(
        made.drivername, user, None, made.host, made.port, made.database, made.query
    ).render_as_string()


def _denied(url: str, statement: str) -> None:
    with engine_of(url).connect() as connection, pytest.raises(DENIED, match=r"denied|read-only|must be owner"):
        connection.exec_driver_sql(statement)


ALL = {
    name: complete(name, [{}])
    for name in ("titles", "register", "platforms", "issuers", "labels", "episodes", "placements", "dossiers")
}


def test_in_postgresql_the_gate_can_only_read_the_catalog(postgresql: Maker) -> None:
    url = fill(postgresql(), ALL)
    _run(url, (DEPLOY / "database" / "catalog.postgresql.sql").read_text())
    reader = _as(url, "gate_catalog")
    with engine_of(reader).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM titles").scalar() == 1
    for statement in ("DELETE FROM titles", "UPDATE register SET status = 'active'", "CREATE TABLE x (y int)"):
        _denied(reader, statement)
        _denied(reader, f"SET default_transaction_read_only = off; {statement}")


@pytest.mark.mariadb
def test_in_mariadb_the_gate_can_only_read_the_catalog(mariadb: Maker) -> None:
    url = fill(mariadb(), ALL)
    grants = (DEPLOY / "database" / "catalog.mariadb.sql").read_text()
    with engine_of(url).connect() as connection:
        (socket,) = connection.exec_driver_sql("SELECT @@socket").one()
    root = sa.URL.create("mysql", "root", database=sa.make_url(url).database, query={"unix_socket": socket})
    _run(root.render_as_string(), grants.replace("catalog.", f"{root.database}.").replace("'%'", "'127.0.0.1'"))
    reader = _as(url, "gate_catalog")
    with engine_of(reader).connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM titles").scalar() == 1
    for statement in ("DELETE FROM titles", "UPDATE register SET status = 'active'", "CREATE TABLE x (y int)"):
        _denied(reader, statement)


def test_in_its_own_database_the_gate_can_add_but_not_alter(postgresql: Maker, tmp_path: Path) -> None:
    url = postgresql()
    record_run(Ledger(tmp_path / "ledger", url=url), write_run(tmp_path / "runs", "r1", {"t1": ["permit-missing"]}))
    owner = Database(url)
    with owner.transaction():
        pass
    owner.close()
    _run(url, (DEPLOY / "database" / "gate.postgresql.sql").read_text())
    writer = _as(url, "gate_writer")
    record_run(Ledger(tmp_path / "ledger", url=writer), write_run(tmp_path / "runs", "r2", {"t1": []}))
    database = Database(writer)
    host = Host(database)

    def broken(_tell: object) -> Outcome:
        raise ValueError("raises an alert")

    run = host.performer.perform(a_job(attempts=1), START, broken)
    assert isinstance(run, Run)
    assert run.state == "failed"
    database.close()
    for statement in (
        "UPDATE ledger_entries SET body = '{}'",
        "DELETE FROM ledger_entries",
        "DELETE FROM verdict_intervals",
        "UPDATE verdict_intervals SET verdict = '{}'",
        "DROP TABLE job_runs",
        "CREATE TABLE x (y int)",
    ):
        _denied(writer, statement)
