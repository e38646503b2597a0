"""What stands in deploy/ is read by the program it is for, or held against its schema."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.engines.single.judging import Reason
from compliance.policy import load_policy
from jobs.clockwork.ticks import ticks
from jobs.registry import shipped_jobs
from jobs.settings import settings_of
from tests.clockworks import START

pytestmark = pytest.mark.deploy

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
JOBS = {job.name: job.terms.schedule for job in shipped_jobs()}


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
