"""Every file of deploy/ is read by the program it is for, or held against its schema; grants are tried on servers."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from compliance.cli.config import load_config
from compliance.engines.single.judging import Reason
from compliance.ledger.runs import record_run
from compliance.ledger.store import Ledger
from compliance.policy import load_policy
from jobs.clockwork.database import Database
from jobs.clockwork.model import Outcome
from jobs.clockwork.rows import Run
from jobs.clockwork.ticks import ticks
from jobs.registry import shipped_jobs
from jobs.settings import settings_of
from tests.catalogs import complete
from tests.clockworks import START, Host, a_job
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.ledgers import write_run

pytestmark = pytest.mark.deploy

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
JOBS = {job.name: job.terms.schedule for job in shipped_jobs()}
DENIED = sa.exc.ProgrammingError, sa.exc.InternalError, sa.exc.OperationalError


def documents() -> list[dict[str, Any]]:
    return [document for path in MANIFESTS for document in yaml.safe_load_all(path.read_text())]


def pods() -> list[dict[str, Any]]:
    """The pod of every workload."""
    specs = [document.get("spec") for document in documents()]
    specs = [spec.get("jobTemplate", {}).get("spec", spec) for spec in specs if spec]
    return [spec["template"]["spec"] for spec in specs if "template" in spec]


@pytest.mark.systemd
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.write_text("#!/bin/sh\n")
    gate.chmod(0o755)
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/microdrama-gate/bin/gate", str(gate)))
    units = [str(tmp_path / unit.name.replace("@.", "@nightly-audit.")) for unit in UNITS]
    (tmp_path / "microdrama-gate@nightly-audit.service").symlink_to(tmp_path / "microdrama-gate@.service")
    told = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    ours = [line for line in told.stderr.splitlines() if "microdrama" in line]
    assert (told.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", ["microdrama-gate@.service", "microdrama-gate-schedule.service"])
def test_units_may_write_metrics_where_the_guide_puts_them(unit: str) -> None:
    """Under `ProtectSystem=strict` nothing but what is named can be written to."""
    guide = (DEPLOY.parent / "docs" / "guide.md").read_text()
    (folder,) = re.findall(r'^metrics = "(.+?)"', guide, re.MULTILINE)
    allowed = re.findall(r"^ReadWritePaths=-?(.+)$", (DEPLOY / "systemd" / unit).read_text(), re.MULTILINE)
    assert folder in allowed


@pytest.mark.systemd
def test_timers_come_when_the_jobs_are_due() -> None:
    """As often and at the same times as the shipped schedules: five times in a row, by systemd's own reckoning."""
    for job, schedule in JOBS.items():
        timer = DEPLOY / "systemd" / f"microdrama-gate-{job}.timer"
        said = re.search(r"^OnCalendar=(.*)$", timer.read_text(), re.MULTILINE)
        assert said is not None
        told = subprocess.run(
            ["systemd-analyze", "calendar", "--iterations=5", f"--base-time={START:%Y-%m-%d %H:%M:%S} UTC", said[1]],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        elapses = re.findall(r"\(in UTC\): \w+ (\S+ \S+) UTC", told) or re.findall(
            r"(?:Next elapse|Iter\. #\d+|Iteration #\d+): \w+ (\S+ \S+) UTC", told
        )
        due = [f"{tick:%Y-%m-%d %H:%M:%S}" for tick, _ in zip(ticks(schedule, START), range(5), strict=False)]
        assert elapses == due, job


@pytest.mark.promtool
@pytest.mark.parametrize("arguments", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]])
def test_prometheus_understands_the_alerts(arguments: list[str]) -> None:
    told = subprocess.run(["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_alerts_speak_of_metrics_that_there_are_and_of_parts_of_the_runbook() -> None:
    sources = "".join(path.read_text() for path in (Path(__file__).parents[2] / "jobs" / "signals").glob("*.py"))
    sources += (Path(__file__).parents[2] / "compliance" / "service" / "metrics.py").read_text()
    runbook = (DEPLOY / "runbook.md").read_text().lower()
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        for metric in re.findall(r"gate_\w+", rule["expr"]):
            assert f'"{metric}"' in sources, metric
        part = rule["annotations"]["runbook"].removeprefix("runbook.md: ")
        assert part in runbook, part


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_kubernetes_schemas_allow_the_manifests(path: Path, version: str) -> None:
    import kubernetes_validate

    for document in yaml.safe_load_all(path.read_text()):
        kubernetes_validate.validate(document, version, strict=True)


def test_every_pod_runs_without_rights_and_writes_only_where_it_may() -> None:
    assert len(pods()) == len(JOBS) + 2
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        allowed = container["securityContext"]
        assert (allowed["readOnlyRootFilesystem"], allowed["allowPrivilegeEscalation"]) == (True, False)
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} == set(container["resources"])
        assert "catalog" not in {mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")}


def test_there_is_a_cron_job_for_every_job_at_its_time() -> None:
    crons = [document["spec"] for document in documents() if document["kind"] == "CronJob"]
    said = {
        cron["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"][1]: cron["schedule"] for cron in crons
    }
    assert said == JOBS
    assert {cron["timeZone"] for cron in crons} == {"Asia/Shanghai"}


def test_the_configuration_in_kubernetes_is_one() -> None:
    (said,) = (document["data"]["gate.toml"] for document in documents() if document["kind"] == "ConfigMap")
    settings_of(tomllib.loads(said)["jobs"], Path()).on_their_terms(shipped_jobs())


SPARK = DEPLOY / "spark"


def of_spark(kind: str) -> dict[str, Any]:
    """The one document of that kind in the example for Spark."""
    (found,) = [
        document for document in yaml.safe_load_all((SPARK / "kubernetes.yaml").read_text()) if document["kind"] == kind
    ]
    return dict(found)


@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_kubernetes_schemas_allow_the_example_for_spark(version: str) -> None:
    import kubernetes_validate

    for document in yaml.safe_load_all((SPARK / "kubernetes.yaml").read_text()):
        kubernetes_validate.validate(document, version, strict=True)
    executor = yaml.safe_load(of_spark("ConfigMap")["data"]["executor.yaml"])
    kubernetes_validate.validate(executor, version, strict=True)


def test_drivers_and_executors_have_no_more_rights_than_they_need() -> None:
    """The driver alone bears a token, for pods of its own namespace: it starts the executors."""
    driver = of_spark("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    executor = yaml.safe_load(of_spark("ConfigMap")["data"]["executor.yaml"])["spec"]
    assert (driver["automountServiceAccountToken"], executor["automountServiceAccountToken"]) == (True, False)
    assert of_spark("ServiceAccount")["automountServiceAccountToken"] is False
    assert {resource for rule in of_spark("Role")["rules"] for resource in rule["resources"]} == {
        "pods", "configmaps", "persistentvolumeclaims",
    }  # fmt: skip
    for pod in (driver, executor):
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        allowed = container["securityContext"]
        assert (allowed["allowPrivilegeEscalation"], allowed["capabilities"]) == (False, {"drop": ["ALL"]})
    assert driver["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert of_spark("CronJob")["spec"]["schedule"] == JOBS["nightly-audit"]


def test_the_example_for_spark_is_configured_as_the_gate_and_its_service_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(of_spark("ConfigMap")["data"]["gate.toml"])
    monkeypatch.setenv("GATE_CONFIG", str(path))
    config = load_config()
    settings = config.cluster.settings
    service = of_spark("Service")
    assert (config.engine, config.cluster.master) == ("spark", "k8s://https://kubernetes.default.svc")
    assert settings["spark.driver.host"] == service["metadata"]["name"]
    ports = {str(port["port"]) for port in service["spec"]["ports"]}
    assert ports == {settings["spark.driver.port"], settings["spark.blockManager.port"]}
    labels = of_spark("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == labels


def test_the_image_for_spark_has_the_spark_that_is_pinned() -> None:
    (pinned,) = re.findall(r"^pyspark==(.*)$", (DEPLOY / "constraints.txt").read_text(), re.MULTILINE)
    lines = (SPARK / "Containerfile").read_text().splitlines()
    assert f"FROM docker.io/apache/spark:{pinned} AS spark" in lines
    assert "USER 10001:10001" in lines


@pytest.mark.spark
def test_spark_submit_starts_the_gate(tmp_path: Path) -> None:
    """The line of submit.sh, with a master of this machine and a catalog that is not there: the gate says so itself."""
    import pyspark

    programs = Path(pyspark.__file__).parent / "bin"
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "SPARK_MASTER": "local[1]",
        "GATE_HOME": sys.prefix,
        "CATALOG": str(tmp_path / "none"),
        "OUT": str(tmp_path / "out"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONPATH": str(DEPLOY.parent),
        "GATE_CONFIG": "",
    }
    told = subprocess.run(
        [str(SPARK / "submit.sh"), "--lang", "en"], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert told.returncode == 3, told.stderr[-2000:]
    assert "no such folder" in told.stdout + told.stderr


def test_the_linter_has_nothing_to_say_of_the_container_file(tmp_path: Path) -> None:
    linter = Path(sys.executable).parent / "hadolint"
    told = subprocess.run([linter, DEPLOY / "container" / "Containerfile"], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")
    (tmp_path / "Containerfile").write_text("FROM debian\nRUN sudo apt-get install python\n")
    assert subprocess.run([linter, tmp_path / "Containerfile"], capture_output=True).returncode == 1


def test_the_container_is_built_for_another_user_than_root() -> None:
    lines = (DEPLOY / "container" / "Containerfile").read_text().splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("FROM"))
    final = lines[last:]
    assert "USER 10001:10001" in final
    assert not any(line.startswith(("ADD", "RUN pip", "RUN curl")) for line in final)
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (DEPLOY.parent / source).exists(), source


def test_airflow_has_a_dag_for_every_job_at_its_time() -> None:
    """Read without Airflow, which is too large to install for this; only names that are defined may be used."""
    path = DEPLOY / "airflow" / "microdrama_gate.py"
    tree = ast.parse(path.read_text())
    (assigned,) = (
        node.value for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "JOBS"
    )  # fmt: skip
    assert isinstance(assigned, ast.Dict)
    said = {
        ast.literal_eval(key): ast.literal_eval(value.elts[0])
        for key, value in zip(assigned.keys, assigned.values, strict=True)
        if key is not None and isinstance(value, ast.Tuple)
    }
    # Airflow counts days of the week as cron does: Sunday is 0.
    assert said == {job: schedule.replace("sun", "0") for job, schedule in JOBS.items()}


def test_the_runbook_knows_every_exit_code_and_every_reason() -> None:
    runbook = (DEPLOY / "runbook.md").read_text()
    for code in (0, 1, 2, 3, 4, 130):
        assert f"| exit code {code} |" in runbook
    for reason in Reason:
        assert f"| {reason} |" in runbook
    for reading in set(type(load_policy().guard).model_fields) - {"on", "least_count", "proposer_may_approve"}:
        assert f"| {reading} |" in runbook


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
