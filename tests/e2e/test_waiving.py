"""Waivers from the command line to the verdicts of an audit."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from compliance import clock
from tests.catalogs import write_catalog
from tests.e2e.test_ledger_commands import AS_OF, gate

UNLABELLED = {"title_id": "t1"}
UNTIL = clock.today() + timedelta(days=30)
GRANT = ("--reason", "label is being made", "--ticket", "OPS-7", "--by", "Li", "--approved-by", "Wang")


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)


def audit(folder: Path, *titles: dict[str, Any], code: int, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Audit titles without labels; gives the rows of verdicts, findings, block list and waived."""
    catalog = write_catalog(folder / "catalog", titles=titles, labels=(), **more)
    out = folder / "out"
    gate("audit", "--catalog", catalog, "--out", out, "--as-of", AS_OF, "--no-reports", code=code)
    names = ("verdicts", "findings", "block_list", "waived")
    return {name: pq.read_table(out / f"{name}.parquet").to_pylist() for name in names}


def waive(*more: object, code: int = 0) -> str:
    return gate("waive", "add", "--rule", "label-missing", "--until", UNTIL, *GRANT, "--out", "out", *more, code=code)


def test_a_waived_finding_stays_and_does_not_decide(tmp_path: Path) -> None:
    assert [row["decision"] for row in audit(tmp_path, UNLABELLED, code=1)["verdicts"]] == ["block"]
    assert "W1 granted" in waive("--title", "t1")
    after = audit(tmp_path, UNLABELLED, code=0)
    assert [(row["decision"], row["rules"]) for row in after["verdicts"]] == [("allow", ["label-missing"])]
    assert [(row["rule"], row["outcome"], row["action"]) for row in after["findings"]] == [
        ("label-missing", "fail", "warn")
    ]
    assert after["block_list"] == []
    assert [(row["rule"], row["waiver_id"], row["action"], row["last_on"]) for row in after["waived"]] == [
        ("label-missing", "W1", "block", UNTIL)
    ]
    changes = json.loads(gate("history", "t1", "--out", "out", "--json"))
    assert changes[-1]["why"] == ["waived label-missing"]


def test_other_findings_of_the_title_still_decide(tmp_path: Path) -> None:
    titles = ({"title_id": "t1", "reviewed_at": None},)
    audit(tmp_path, *titles, code=1)
    waive("--title", "t1")
    assert [row["decision"] for row in audit(tmp_path, *titles, code=1)["verdicts"]] == ["hold"]


def test_a_new_number_voids_the_waiver(tmp_path: Path) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    waive("--title", "t1")
    number = "（番茄）网微剧备字（2026）第847206号"
    after = audit(tmp_path, {**UNLABELLED, "permit_number": number}, register=({"permit_number": number},), code=1)
    assert after["waived"] == []
    assert [row["decision"] for row in after["verdicts"]] == ["block"]


@pytest.mark.parametrize("scope", [("--platform", "fanqie"), ("--producer", "某某影视有限公司")])
def test_a_platform_or_producer_is_waived_as_a_whole(tmp_path: Path, scope: tuple[str, str]) -> None:
    titles = (UNLABELLED, {"title_id": "t2"})
    audit(tmp_path, *titles, code=1)
    waive(*scope)
    after = audit(tmp_path, *titles, code=0)
    assert [row["title_id"] for row in after["waived"]] == ["t1", "t2"]


def test_a_revoked_waiver_no_longer_counts(tmp_path: Path) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    waive("--title", "t1")
    gate("waive", "revoke", "W1", "--by", "Zhao", "--reason", "mistake", "--out", "out")
    audit(tmp_path, UNLABELLED, code=1)
    assert json.loads(gate("waive", "list", "--out", "out", "--json")) == []
    (listed,) = json.loads(gate("waive", "list", "--all", "--out", "out", "--json"))
    assert (listed["waiver_id"], listed["state"], listed["days_left"]) == ("W1", "revoked", 0)


def test_there_must_be_something_to_waive(tmp_path: Path) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    assert "nothing to waive" in waive("--title", "t9", code=2)
    assert "one of --title" in waive("--title", "t1", "--platform", "fanqie", code=2)
    assert "one of --title" in waive(code=2)
