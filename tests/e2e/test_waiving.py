"""Waivers from the command line to the verdicts of an audit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import time_machine

from tests.catalogs import write_catalog
from tests.e2e.test_ledger_commands import AS_OF, gate

UNLABELLED = {"title_id": "t1"}
GRANTED = datetime.fromisoformat(f"{AS_OF}T12:00:00+08:00")
"""When waivers are granted, unless a test says otherwise."""
UNTIL = GRANTED.date() + timedelta(days=30)
GRANT = ("--reason", "label is being made", "--ticket", "OPS-7", "--by", "Li", "--approved-by", "Wang")


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No configuration of the working folder or the environment, on the day that is judged."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    with time_machine.travel(GRANTED):
        yield


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


def test_whoever_grants_hears_how_far_it_reaches_and_what_else_waives_the_same(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[UNLABELLED, {"title_id": "t2"}], labels=())
    gate("audit", "--catalog", catalog, "--out", tmp_path / "out", "--as-of", AS_OF, code=1)
    assert "for 2 title(s)" in waive("--platform", "fanqie")
    assert "see that the platform 'fanqei' is spelt right" in waive("--platform", "fanqei")
    assert "W1 still waives the same rule for the same platform" in waive("--platform", "fanqie")
    told = gate("waive", "revoke", "W1", "--by", "Li", "--reason", "made", "--out", "out")
    assert "W3 still waives the same" in told
    assert "see that" not in waive("--producer", "某某影视有限公司")


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


def test_a_waiver_counts_in_every_audit_that_is_made_while_it_stands(tmp_path: Path) -> None:
    """Of whatever day: what was decided before it was granted is what the ledger says."""
    audit(tmp_path, UNLABELLED, code=1)
    with time_machine.travel(GRANTED + timedelta(days=3)):
        waive("--title", "t1")
        arguments = ("audit", "--catalog", "catalog", "--out", "out", "--no-reports", "--as-of", AS_OF)
        for how in ((), ("--incremental",)):
            gate(*arguments, *how, code=0)
            assert pq.read_table("out/waived.parquet").num_rows == 1
        assert decided("--state", "out", code=0)["decision"] == "allow"


def test_there_must_be_something_to_waive(tmp_path: Path) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    assert "nothing to waive" in waive("--title", "t9", code=2)
    assert "one of --title" in waive("--title", "t1", "--platform", "fanqie", code=2)
    assert "one of --title" in waive(code=2)
    assert "there is no rule label-mising" in waive("--rule", "label-mising", "--title", "t1", code=2)


def decided(*more: object, code: int) -> dict[str, Any]:
    return dict(json.loads(gate("check", "t1", "--as-of", AS_OF, "--json", *more, code=code)))


def test_a_single_title_is_decided_after_the_same_waivers(tmp_path: Path) -> None:
    audit(tmp_path, UNLABELLED, code=1)
    assert decided("--state", "out", code=1)["decision"] == "block"
    waive("--title", "t1")
    verdict = decided("--state", "out", code=0)
    (finding,) = verdict["findings"]
    assert (verdict["decision"], finding["action"]) == ("allow", "warn")
    assert (finding["waived"]["waiver"], finding["waived"]["until"]) == ("W1", UNTIL.isoformat())
    assert "waived (W1)" in gate("check", "t1", "--as-of", AS_OF, "--state", "out")
    assert decided("--catalog", "catalog", code=1)["decision"] == "block"  # without a ledger nothing is waived


@pytest.mark.parametrize(
    "title",
    [
        {"title_id": "t1", "online_at": datetime(2026, 9, 2, 10, 30, 15, 250_000), "reviewed_at": None},  # noqa: DTZ001 - wall time
        {"title_id": "t1", "permit_number": None, "producer": None},
        {"title_id": "t1", "name": '归来 "之后" / \u2028', "investment_yuan": None},
    ],
)
def test_whatever_the_rules_saw_batch_and_single_title_agree_on_what_is_waived(
    tmp_path: Path, title: dict[str, Any]
) -> None:
    found = audit(tmp_path, title, code=1)["findings"]
    for row in found:
        if row["action"] != "warn" and row["rule"] != "label-missing":
            gate("waive", "add", "--rule", row["rule"], "--until", UNTIL, *GRANT, "--out", "out", "--title", "t1")
    waive("--title", "t1", code=0 if any(row["rule"] == "label-missing" for row in found) else 2)
    after = audit(tmp_path, title, code=0)
    assert {row["action"] for row in after["findings"]} == {"warn"}
    findings = decided("--state", "out", code=0)["findings"]
    assert {finding["rule"] for finding in findings if "waived" in finding} == {row["rule"] for row in after["waived"]}
