"""Why a title has left the list: told by what it was listed for, not by all that is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from compliance.blocklist.versions import DELTA, GROUNDS, MANIFEST, Version, open_version, write_version
from compliance.errors import RunInvalidError
from tests.ledgers import VERDICTS
from tests.lists import AT, LISTED

FOUND = pa.schema([(name, pa.string()) for name in ("title_id", "rule", "outcome", "action")])
WAIVED = pa.schema([(name, pa.string()) for name in ("title_id", "rule", "waiver_id", "action")])
UNLISTED = pa.schema(
    [("title_id", pa.string()), ("status", pa.string()), ("kind", pa.string()), ("updated_at", pa.timestamp("us"))]
)
SCANNED = pa.schema([*list(VERDICTS)[:3], VERDICTS.field("rules"), pa.field("findings", pa.string())])

MADE_AT, LAW = "2026-11-20 01:00:00", {"a": "a1", "b": "b1", "c": "c1"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at a title; `waived` names the waiver that makes a warning of it."""

    rule: str
    action: str = "block"
    outcome: str = "fail"
    waived: str | None = None

    @property
    def acts_as(self) -> str:
        return "warn" if self.waived else self.action


@dataclass(frozen=True, slots=True)
class Title:
    """A title as a run has judged it."""

    findings: Sequence[Finding] = ()
    stage: str = "prepublish"

    @property
    def decision(self) -> str:
        acting = {finding.acts_as for finding in self.findings}
        return "block" if "block" in acting else "hold" if "hold" in acting else "allow"

    @property
    def listed(self) -> bool:
        return self.decision == "block" or (self.decision, self.stage) == ("hold", "prepublish")

    def verdict(self) -> dict[str, Any]:
        failed = [finding.rule for finding in self.findings if finding.outcome == "fail"]
        return {"decision": self.decision, "stage": self.stage, "rules": failed}


CLEAR = Title()


def write_run(folder: Path, titles: Mapping[str, Title], listed: Sequence[str] | None = None) -> Path:
    """An audit's files, as far as a version is made of them."""
    folder.mkdir(parents=True)
    on_it = [name for name, title in titles.items() if title.listed] if listed is None else listed
    verdicts = [
        {"title_id": name, **title.verdict(), "platform": "fanqie", "first_listed_at": AT}
        for name, title in sorted(titles.items())
    ]
    found = [
        {"title_id": name, "rule": one.rule, "outcome": one.outcome, "action": one.acts_as, "waiver_id": one.waived}
        for name, title in titles.items()
        for one in title.findings
    ]
    entries = pa.Table.from_pylist([row for row in verdicts if row["title_id"] in on_it], schema=LISTED)
    pq.write_table(entries, folder / "block_list.parquet")
    pa.csv.write_csv(entries.drop_columns(["rules"]), folder / "block_list.csv")
    write(folder / "verdicts.parquet", verdicts, VERDICTS)
    write(folder / "findings.parquet", found, FOUND)
    write(folder / "waived.parquet", [row for row in found if row["waiver_id"]], WAIVED)
    return folder


def write_scan(folder: Path, audit: Mapping[str, Title], scanned: Mapping[str, Title]) -> Path:
    """The files of a scan that stands on an audit."""
    now = {**audit, **scanned}
    run = write_run(folder, audit, listed=[name for name, title in now.items() if title.listed])
    rows = [
        {"title_id": name, **title.verdict(), "findings": json.dumps([told(one) for one in title.findings])}
        for name, title in scanned.items()
    ]
    write(run / "prepublish.parquet", rows, SCANNED)
    return run


def told(finding: Finding) -> dict[str, Any]:
    waived = {"waived": {"waiver": finding.waived}} if finding.waived else {}
    return {"rule": finding.rule, "outcome": finding.outcome, "action": finding.acts_as, **waived}


def write(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> None:
    pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), path)


def version_of(home: Path, run: Path, before: Version | None = None, law: Mapping[str, str] = LAW) -> Version:
    number = before.number + 1 if before else 1
    folder = home / "versions" / f"{number:06}"
    folder.mkdir(parents=True)
    said = {"version": number, "made_at": MADE_AT, "rules": dict(law)}
    return Version(folder, write_version(folder, run, before, said))


def removed(version: Version) -> dict[str, tuple[str, dict[str, Any]]]:
    """Reason and evidence of each title that a version does without."""
    lines = [json.loads(line) for line in (version.folder / DELTA).read_text(encoding="utf-8").splitlines()]
    return {line["title_id"]: (line["reason"], line["evidence"]) for line in lines if line["op"] == "drop"}


def why(home: Path, before: Title, now: Title, law: Mapping[str, str] = LAW) -> tuple[str, dict[str, Any]]:
    """Why a title has left the list between two audits."""
    first = version_of(home, write_run(home / "r1", {"t1": before}))
    return removed(version_of(home, write_run(home / "r2", {"t1": now}), first, law))["t1"]


ON_AIR = "on_air"
OTHER_LAW = {**LAW, "a": "a2"}
CASES: Mapping[str, tuple[Title, Title, Mapping[str, str], str]] = {
    "cured": (Title([Finding("a")]), CLEAR, LAW, "cured"),
    "waived since": (Title([Finding("a")]), Title([Finding("a", waived="W1")]), LAW, "waived"),
    "waived long before, and what it was listed for is cured": (
        Title([Finding("a", waived="W1"), Finding("b")]), Title([Finding("a", waived="W1")]), LAW, "cured",
    ),
    "waived long before, and what it was listed for is another law's": (
        Title([Finding("b", waived="W1"), Finding("a")]), Title([Finding("b", waived="W1")]), OTHER_LAW, "rule_changed",
    ),
    "waived where it had not failed before": (
        Title([Finding("b")]), Title([Finding("a", waived="W1")]), LAW, "cured",
    ),
    "what nobody could tell is waived": (
        Title([Finding("a", "hold", "unknown")]), Title([Finding("a", "hold", "unknown", "W1")]), LAW, "waived",
    ),
    "what nobody could tell is told by another law": (
        Title([Finding("a", "hold", "unknown")]), CLEAR, OTHER_LAW, "rule_changed",
    ),
    "the law of a warning is another": (Title([Finding("a", "warn"), Finding("b")]), CLEAR, OTHER_LAW, "cured"),
    "another action on air": (
        Title([Finding("a")], ON_AIR), Title([Finding("a", "hold")], ON_AIR), OTHER_LAW, "rule_changed",
    ),
    "cured on air, and held for something else": (
        Title([Finding("a"), Finding("b", "hold")], ON_AIR), Title([Finding("b", "hold")], ON_AIR), LAW, "cured",
    ),
    "went on air": (Title([Finding("b", "hold")]), Title([Finding("b", "hold")], ON_AIR), LAW, "went_on_air"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_reason_of_a_removal(case: str, tmp_path: Path) -> None:
    before, now, law, reason = CASES[case]
    assert why(tmp_path, before, now, law)[0] == reason


def test_the_evidence_names_waivers_and_rules_that_made_the_difference(tmp_path: Path) -> None:
    listed = Title([Finding("a"), Finding("b"), Finding("c", "warn")])
    now = Title([Finding("a", waived="W2"), Finding("c", waived="W1")])
    _, evidence = why(tmp_path / "waived", listed, now)
    assert evidence["waivers"] == ["W2"]
    assert evidence["listed_for"] == ["a", "b"]
    _, evidence = why(tmp_path / "changed", listed, CLEAR, {"b": "b2", "c": "c2"})
    assert evidence["changed"] == ["a", "b"]


def test_a_title_that_was_touched_since_is_cured_whatever_the_law(tmp_path: Path) -> None:
    first = version_of(tmp_path, write_run(tmp_path / "r1", {"t1": Title([Finding("a")])}))
    run = write_run(tmp_path / "r2", {"t1": CLEAR})
    row = {"title_id": "t1", "status": "draft", "kind": "micro_drama", "updated_at": AT.replace(hour=2)}
    write(run / ".unlisted.parquet", [row], UNLISTED)
    assert removed(version_of(tmp_path, run, first, OTHER_LAW))["t1"][0] == "cured"


@pytest.mark.parametrize("still", [Title([Finding("a")]), Title([Finding("a")], ON_AIR), Title([Finding("a", "hold")])])
def test_a_title_that_must_stand_on_the_list_does_not_leave_it(still: Title, tmp_path: Path) -> None:
    first = version_of(tmp_path, write_run(tmp_path / "r1", {"t1": still}))
    with pytest.raises(RunInvalidError, match="t1 is judged"):
        version_of(tmp_path, write_run(tmp_path / "r2", {"t1": still}, listed=[]), first)


def test_what_a_scan_has_judged_is_told_by_the_scan(tmp_path: Path) -> None:
    audit = {name: Title([Finding("a")]) for name in ("mended", "waived", "stays")}
    first = version_of(tmp_path, write_run(tmp_path / "audit", audit))
    scanned = {"mended": CLEAR, "waived": Title([Finding("a", waived="W1")])}
    second = version_of(tmp_path, write_scan(tmp_path / "scan", audit, scanned), first)
    assert {title: reason for title, (reason, _) in removed(second).items()} == {"mended": "cured", "waived": "waived"}
    third = version_of(tmp_path, write_run(tmp_path / "later", {**audit, "stays": CLEAR}), second)
    assert list(removed(third)) == ["stays"]


def test_what_a_scan_has_found_is_a_ground_of_the_list_that_it_refreshed(tmp_path: Path) -> None:
    audit = {"t1": Title([Finding("a")])}
    first = version_of(tmp_path, write_scan(tmp_path / "scan", audit, {"t1": Title([Finding("b", "hold", "unknown")])}))
    second = version_of(tmp_path, write_run(tmp_path / "next", {"t1": CLEAR}), first, {**LAW, "b": "b2"})
    assert removed(second)["t1"][0] == "rule_changed"
    assert removed(second)["t1"][1]["listed_for"] == ["b"]


def test_what_a_scan_cleared_and_the_next_did_not_judge_is_off_the_air(tmp_path: Path) -> None:
    audit = {"t1": Title([Finding("a")])}
    first = version_of(tmp_path, write_run(tmp_path / "audit", audit))
    run = write_scan(tmp_path / "scan", audit, {"t1": CLEAR})
    write(run / "prepublish.parquet", [], SCANNED)
    assert removed(version_of(tmp_path, run, first))["t1"][0] == "taken_down"


def test_a_version_without_grounds_is_followed_by_a_whole_list(tmp_path: Path) -> None:
    """As one of an earlier release: then nobody can tell why a title has left it."""
    first = version_of(tmp_path, write_run(tmp_path / "r1", {"t1": Title([Finding("a")])}))
    (first.folder / GROUNDS).unlink()
    manifest = json.loads((first.folder / MANIFEST).read_text(encoding="utf-8"))
    del manifest["files"][GROUNDS]
    (first.folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    second = version_of(tmp_path, write_run(tmp_path / "r2", {"t1": CLEAR}), open_version(tmp_path / "versions", 1))
    assert second.said["delta"] is None
