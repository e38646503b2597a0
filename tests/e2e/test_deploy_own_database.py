"""The steps of deploy/database/gate.postgresql.*, followed to the letter, give the gate what it needs and no more."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance import clock
from compliance.cli.main import main
from jobs.clockwork.database import Database
from tests import servers
from tests.catalogs import write_catalog
from tests.clockworks import alerts
from tests.conftest import Maker
from tests.databases import engine_of
from tests.e2e.test_deploy import DEPLOY
from tests.e2e.test_deploy_grants import as_user, denied
from tests.register.desks import OWN, title
from tests.register.extracts import extract, row

pytestmark = pytest.mark.deploy

FOLDER = DEPLOY / "database"
STEPS = re.findall(r"^-- {8}(.+)$", (FOLDER / "gate.postgresql.roles.sql").read_text(), re.MULTILINE)
GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]


def follow(step: str, server: sa.URL) -> None:
    """Do what a step says, in the folder that it is said in; who is not named is the administrator."""
    socket = str(server.query["host"])
    program, *arguments = shlex.split(step.replace("@HOST/gate", f"@/gate?host={socket}"))
    command = [servers.psql(), "-v", "ON_ERROR_STOP=1"] if program == "psql" else GATE
    environment = {**os.environ, "PGHOST": socket, "PGUSER": server.username or "", "PYTHONPATH": str(DEPLOY.parent)}
    told = subprocess.run(
        [*command, *arguments], cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, f"{step}: {told.stderr}"


@pytest.fixture(scope="module")
def writer(postgresql: Maker) -> str:
    """The database `gate` as gate_writer, made by the three steps, the last two of them twice, as after an upgrade."""
    server = sa.make_url(postgresql())
    assert [step.split()[0] for step in STEPS] == ["psql", "gate", "psql"]
    for step in (*STEPS, *STEPS[1:]):
        follow(step, server)
    return as_user(server.set(database="gate").render_as_string(hide_password=False), "gate_writer")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str) -> Path:
    """A folder with a catalog, and a configuration by which the gate works as gate_writer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    write_catalog(tmp_path / "catalog", titles=[title("t1", permit_number=None)], platforms=[OWN])
    (tmp_path / "gate.toml").write_text(
        f'catalog = "catalog"\nout = "out"\n[ledger]\nurl = "{writer}"\n'
        '[jobs.terms.nightly-audit]\nattempts = 1\n[jobs.owners.operations]\nchannels = "env:NONE"\n'
    )
    return tmp_path


def gate(*arguments: object) -> int:
    return main([*map(str, arguments), "--lang", "en"])


def test_the_gate_works_as_its_writer(place: Path, writer: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every table is written by what writes to it: an audit, an import, own numbers, jobs that fail and that end."""
    assert gate("audit", "--exit-zero") == 0
    for first, last in ((1, 12), (1, 10)):
        rows = [row(serial, producer=f"{first}-{last}") for serial in range(first, last + 1)]
        imported = gate("register", "import", extract(place, *rows), "--system", "other", "--accept-shrunken")
        assert imported == 0, capsys.readouterr().err
    assert gate("register", "status") == 1  # two systems have no rows
    assert gate("register", "assign", "t1") == 0
    assert gate("register", "export", "--out", place / "register.parquet") == 0
    said = ("--reason", "r", "--ticket", "T1", "--by", "one", "--approved-by", "other")
    until = clock.today().isoformat()
    assert gate("waive", "add", "--title", "t1", "--rule", "label-differs", "--until", until, *said) == 0
    assert gate("run", "nightly-audit", "--exit-zero") == 0
    assert gate("run", "retention") == 0
    (place / "catalog" / "titles.parquet").unlink()
    assert gate("run", "nightly-audit", "--again") == 3
    assert gate("runs") == 0
    assert gate("verify") == 0, capsys.readouterr().out
    assert alerts(Database(writer)) != []


def test_it_can_read_every_table_that_there_is(place: Path, writer: str) -> None:
    """A table that is added later is not forgotten in the grants."""
    with engine_of(writer).connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT relname, has_table_privilege(oid, 'SELECT') FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).all()
    assert {name for name, readable in names if not readable} == set()
    assert {"ledger_entries", "register_parts", "assigned_numbers", "job_runs"} <= {name for name, _ in names}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET body = '{}'",
        "DELETE FROM ledger_entries",
        "DELETE FROM verdict_intervals",
        "UPDATE verdict_intervals SET verdict = '{}'",
        "UPDATE assigned_numbers SET title_id = 't2'",
        "DELETE FROM assigned_numbers",
        "DELETE FROM platform_serials",
        "UPDATE register_changes SET after = ''",
        "DELETE FROM register_imports",
        "DROP TABLE job_runs",
        "CREATE TABLE x (y int)",
    ],
)
def test_it_can_alter_nothing_that_was_entered(writer: str, statement: str) -> None:
    denied(writer, statement)


def test_a_file_of_sqlite_needs_no_owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate("tables", "--database", f"sqlite:///{tmp_path / 'gate.sqlite'}") == 2
    assert "made by whoever first writes" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
