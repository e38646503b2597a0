"""The example for Spark in deploy/ is understood by Kubernetes, by the gate and by spark-submit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.cli.config import load_config
from tests.e2e.test_deploy import DEPLOY, JOBS

pytestmark = pytest.mark.deploy

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
