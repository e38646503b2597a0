"""What the pods of deploy/ need to be given: secrets, one database for all, tokens, and one of them for Prometheus."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from litestar.testing import TestClient

from compliance.cli.config import Config, load_config
from compliance.cli.main import main
from compliance.service.app import create_app
from tests.e2e.test_deploy import DEPLOY, MANIFESTS
from tests.services import make_place

pytestmark = pytest.mark.deploy

SPARK = DEPLOY / "spark" / "kubernetes.yaml"
SCRAPE = DEPLOY / "prometheus" / "scrape.yml"
MOUNTED = "/run/secrets/microdrama-gate/"


def documents(*paths: Path) -> list[dict[str, Any]]:
    return [document for path in paths for document in yaml.safe_load_all(path.read_text())]


def templates(*paths: Path) -> Iterator[dict[str, Any]]:
    """The template of every workload's pods."""
    for document in documents(*paths):
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        if "template" in spec:
            yield spec["template"]


def configured(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """What the gate makes of the gate.toml of the one ConfigMap there."""
    (said,) = (document["data"]["gate.toml"] for document in documents(path) if document["kind"] == "ConfigMap")
    (folder / "gate.toml").write_text(said)
    monkeypatch.setenv("GATE_CONFIG", str(folder / "gate.toml"))
    return load_config()


def made_secrets() -> dict[str, set[str]]:
    """The keys of each Secret that a line of the files makes."""
    made: dict[str, set[str]] = {}
    for path in (*MANIFESTS, SPARK, SCRAPE):
        for name, files in re.findall(r"kubectl create secret generic (\S+)((?: --from-file=\S+)+)", path.read_text()):
            made[name] = set(re.findall(r"--from-file=(\S+)", files))
    return made


def needed_secrets() -> Iterator[tuple[str, str]]:
    """Each Secret and key that a pod reads, as its arguments name them, or the gate.toml that it has."""
    (told,) = (document["data"]["gate.toml"] for document in documents(*MANIFESTS) if "data" in document)
    for template in templates(*MANIFESTS, SPARK):
        (container,) = template["spec"]["containers"]
        for variable in container["env"]:
            reference = variable["valueFrom"]["secretKeyRef"]
            yield reference["name"], reference["key"]
        (mounted,) = (volume["secret"]["secretName"] for volume in template["spec"]["volumes"] if "secret" in volume)
        said = " ".join(container["args"])
        yield from ((mounted, key) for key in re.findall(rf"{MOUNTED}([\w.]+)", said if MOUNTED in said else told))


def test_a_line_makes_every_secret_that_a_pod_reads() -> None:
    made = made_secrets()
    assert set(needed_secrets()) == {
        ("microdrama-gate", "channels"), ("microdrama-gate", "ping"),
        ("microdrama-gate-database", "password"), ("microdrama-gate-tokens", "tokens.json"),
    }  # fmt: skip
    assert {(name, key) for name, key in needed_secrets() if key not in made.get(name, ())} == set()


@pytest.mark.parametrize("path", [DEPLOY / "kubernetes" / "configuration.yaml", SPARK], ids=["gate", "spark"])
def test_pods_on_several_nodes_share_one_database(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of SQLite on a shared volume is none: hosts would not see each other's locks."""
    url = sa.make_url(configured(path, tmp_path, monkeypatch).ledger.url or "sqlite://")
    assert (url.drivername, url.username, url.password) == ("postgresql", "gate_writer", None)
    for template in templates(*MANIFESTS, SPARK):
        assert [variable["name"] for variable in template["spec"]["containers"][0]["env"]] == ["PGPASSWORD"]


def test_the_tokens_that_are_made_let_prometheus_read_the_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = re.findall(r"^# {5}gate (serve .+)$", (DEPLOY / "kubernetes" / "service.yaml").read_text(), re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    tokens = []
    for line in lines:
        assert main(shlex.split(line)) == 0
        tokens.append(capsys.readouterr().out.strip())
    place = make_place(tmp_path / "audited")
    with TestClient(create_app(place.settings(tokens=tmp_path / "tokens.json"))) as client:
        headers: list[dict[str, str]] = [{}, *({"Authorization": f"Bearer {token}"} for token in tokens)]
        answers = [client.get("/metrics", headers=header).status_code for header in headers]
        assert answers == [401, 403, 200]
        assert client.get("/v1/decisions/t1", headers=headers[1]).status_code == 200


@pytest.mark.promtool
def test_prometheus_understands_where_the_metrics_are(tmp_path: Path) -> None:
    """Debian's is built without Kubernetes: how the pods are found is left out here."""
    found = SCRAPE.read_text().replace("kubernetes_sd_configs: [{role: pod}]", "static_configs: []")
    (tmp_path / "prometheus.yml").write_text(found)
    told = subprocess.run(
        ["promtool", "check", "config", "--syntax-only", "prometheus.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_what_is_scraped_is_what_the_pods_offer_and_the_alerts_ask_for() -> None:
    offered = {
        ";".join([*template["metadata"]["labels"].values(), port["name"]])
        for template in templates(*MANIFESTS)
        for port in template["spec"]["containers"][0].get("ports", [])
    }
    jobs = yaml.safe_load(SCRAPE.read_text())["scrape_configs"]
    assert {job["relabel_configs"][0]["regex"] for job in jobs} == offered
    labels = ["app_kubernetes_io_name", "app_kubernetes_io_component"]
    for job in jobs:
        (kept,) = job["relabel_configs"]
        assert kept["source_labels"] == [
            *(f"__meta_kubernetes_pod_label_{label}" for label in labels), "__meta_kubernetes_pod_container_port_name",
        ]  # fmt: skip
    asked = set(re.findall(r'up\{job="([\w-]+)"\}', (SCRAPE.parent / "alerts.yml").read_text()))
    assert asked <= {job["job_name"] for job in jobs}
    (token,) = (job["authorization"]["credentials_file"] for job in jobs if "authorization" in job)
    *_, secret, key = token.split("/")
    assert key in made_secrets()[secret]
