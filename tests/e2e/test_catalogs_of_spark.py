"""A catalog that Spark alone reads: what reads catalogs without it says so, and what to do; jobs may have another."""

from __future__ import annotations

import json
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest

from compliance import clock
from compliance.catalog.addresses import only_spark_reads
from compliance.catalog.sources import open_catalog
from compliance.cli.config import load_config
from compliance.cli.main import main
from compliance.errors import ConfigurationError
from tests.catalogs import write_catalog

OF_SPARK = (
    "hive:warehouse",
    "hdfs:///warehouse/catalog",
    "hdfs:/warehouse/catalog",
    "s3a://key:hunter2@bucket/catalog",
)
"""As docs/scale.md has them, and such as Hadoop's clients take."""
SAYS = "is read by Spark alone"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    return tmp_path


def configured(folder: Path, text: str) -> None:
    (folder / "gate.toml").write_text(f'out = "out"\n{text}')


@pytest.mark.parametrize("address", OF_SPARK)
def test_whoever_opens_it_says_so_and_what_to_do(address: str) -> None:
    with pytest.raises(ConfigurationError, match=SAYS) as told:
        open_catalog(address)
    assert "[jobs.terms.JOB]" in told.value.remedy
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("address", ["catalog", "/data/2026:11", "file:///data/catalog", "postgresql://db/catalog"])
def test_folders_and_databases_are_read_by_others_too(address: str) -> None:
    assert not only_spark_reads(address)


@pytest.mark.parametrize(
    "arguments",
    [
        ["prepublish"],
        ["check", "t1", "--catalog", "hive:warehouse"],
        ["policy", "forecast", "--until", "2099-01-01"],
        ["register", "dossiers"],
    ],
)
def test_commands_tell_it_in_both_languages(
    arguments: list[str], place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(place, 'engine = "spark"\ncatalog = "hive:warehouse"\n')
    for language, says in (("en", SAYS), ("zh", "只有 Spark 能读")):
        assert main([*arguments, "--lang", language]) == 2
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(("engine", "level", "code"), [("spark", "warn", 0), ("duckdb", "fail", 2)])
def test_doctor_leaves_it_to_the_audit_that_can_read_it(
    engine: str, level: str, code: int, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(place, f'engine = "{engine}"\ncatalog = "hive:warehouse"\n')
    assert main(["doctor", "--json", "--lang", "en"]) == code
    (line,) = [line for line in json.loads(capsys.readouterr().out) if line["about"] == "catalog"]
    assert line["level"] == level
    assert "by Spark alone" in line["says"]
    assert "[jobs.terms.JOB]" in line["remedy"]


def test_its_address_is_no_path_beside_the_configuration(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "etc").mkdir()
    configured(place / "etc", 'catalog = "hdfs:/warehouse/catalog"\n')
    monkeypatch.setenv("GATE_CONFIG", str(place / "etc" / "gate.toml"))
    assert load_config().catalog == "hdfs:/warehouse/catalog"


def runs_of(job: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["runs", "--job", job, "--json"]) == 0
    return list(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("job", ["prepublication-scan", "register-freshness"])
def test_a_job_says_so_and_works_by_a_catalog_of_its_own(
    job: str, place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For which the mapping of a database is not."""
    monkeypatch.setenv("GATE_CONFIG", str(place / "etc" / "gate.toml"))
    rows = [
        {"system": system, "updated_at": datetime.combine(clock.today(), time())}
        for system in ("key", "ordinary", "other")
    ]
    write_catalog(place / "etc" / "export", register=rows)
    said = f'engine = "spark"\ncatalog = "hive:warehouse"\nmapping = "none"\n[jobs.terms.{job}]\nattempts = 1\n'
    configured(place / "etc", said)
    run = ["--lang", "en", "run", job]
    assert main(run) == 2
    (failed,) = runs_of(job, capsys)
    assert SAYS in failed["says"]
    configured(place / "etc", f'{said}catalog = "export"\n')
    assert main([*run, "--again"]) == 0
