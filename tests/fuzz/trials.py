"""One trial: a catalog is written, audited by the command line, and the outputs held against plain reasoning.

What must hold whatever stands in the cells: the exit code is 0, 1 or 3, never a traceback; each row is accounted for;
each title that is to be judged has one verdict; what the single-title path says is the same; and no micro-drama is
allowed whose number cannot be read or stands in no row of the register.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.schema import RELATIONS
from compliance.cli.main import main
from compliance.engines.single.deciding import Decider
from compliance.engines.single.state import open_state
from compliance.permits import Permit, parse
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from tests.fuzz.mutations import Relations, Row

AS_OF = date(2026, 11, 22)
_WORST = ("warn", "hold", "block")


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one trial."""

    code: int
    judged: int = 0
    quarantined: int = 0
    decisions: Counter[str] | None = None
    wrong_numbers: int = 0
    """Micro-dramas whose number cannot be read or is registered nowhere; none of them was allowed."""


def read_catalog(folder: Path) -> dict[str, list[Row]]:
    """The rows of a catalog of Parquet files."""
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in RELATIONS}


def write_catalog(folder: Path, relations: Relations) -> Path:
    """Write the rows as Parquet, typed as the contract has it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in relations.items():
        pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(RELATIONS[name])), folder / f"{name}.parquet")
    return folder


def audit(catalog: Path, out: Path) -> tuple[int, str]:
    """The exit code of an audit, and what it said."""
    said = io.StringIO()
    arguments = ["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", AS_OF.isoformat(), "--no-reports"]
    with redirect_stderr(said), redirect_stdout(said):
        code = main([*arguments, "--lang", "en", "--debug"])
    return code, said.getvalue()


def try_catalog(relations: Relations, folder: Path) -> Tally:
    """Audit these rows in an empty folder. Raises AssertionError for whatever does not hold."""
    code, said = audit(write_catalog(folder / "catalog", relations), folder / "out")
    assert code in (0, 1, 3), said
    assert "Traceback" not in said, said
    assert "unexpected" not in said, said
    if not (folder / "out" / "summary.json").exists():
        assert code == 3, said
        assert "→" in said, said
        return Tally(code)
    return hold(relations, folder / "out", code)


def hold(relations: Relations, out: Path, code: int) -> Tally:
    """Hold the outputs against the rows. Raises AssertionError."""
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    verdicts = {row["title_id"]: row for row in _rows(out, "verdicts")}
    counts = summary["counts"]
    decisions = Counter(row["decision"] for row in verdicts.values())
    assert summary["exit_code"] == code
    assert summary["inputs"] == {name: len(relations.get(name, ())) for name in RELATIONS}
    assert len(_rows(out, "verdicts")) == len(verdicts) == counts["judged"]
    assert {name: counts[name] for name in ("allow", "hold", "block")} == {
        name: decisions[name] for name in ("allow", "hold", "block")
    }
    assert counts["titles"] == sum(counts[name] for name in ("judged", "offline", "other", "repeated", "nameless"))
    assert counts["quarantined"] == len(_rows(out, "quarantine"))
    assert code == (3 if counts["quarantined"] else 1 if decisions["block"] or decisions["hold"] else 0)
    assert set(verdicts) == {row["title_id"] for row in relations["titles"] if row["title_id"] and _is_judged(row)}
    _hold_decisions(out, verdicts)
    _hold_twin(out, verdicts)
    wrong = [
        row["title_id"] for row in relations["titles"] if row["title_id"] in verdicts and _is_wrong(row, relations)
    ]
    assert [title_id for title_id in wrong if verdicts[title_id]["decision"] == "allow"] == []
    return Tally(code, counts["judged"], counts["quarantined"], decisions, len(wrong))


def _is_judged(row: Row) -> bool:
    return row["kind"] != "other" and row["status"] != "offline"


def _is_wrong(row: Row, relations: Relations) -> bool:
    """Whether a micro-drama's number cannot be read, or stands in no row of the register."""
    permit = parse(row["permit_number"])
    return row["kind"] == "micro_drama" and (
        not isinstance(permit, Permit) or permit.canonical not in _registered(relations)
    )


_KEPT: dict[int, set[str]] = {}


def _registered(relations: Relations) -> set[str]:
    """The numbers of the register; asked of one catalog after the other."""
    key = id(relations)
    if key not in _KEPT:
        _KEPT.clear()
        permits = [parse(row["permit_number"]) for row in relations["register"]]
        _KEPT[key] = {permit.canonical for permit in permits if isinstance(permit, Permit)}
    return _KEPT[key]


def _hold_decisions(out: Path, verdicts: dict[str, Row]) -> None:
    """Decisions follow from findings, and the block list from decisions."""
    actions: dict[str, list[str]] = {}
    failed: dict[str, list[str]] = {}
    for row in _rows(out, "findings"):
        actions.setdefault(row["title_id"], []).append(row["action"])
        if row["outcome"] == "fail":
            failed.setdefault(row["title_id"], []).append(row["rule"])
    held = {title_id for title_id in verdicts if title_id in _quarantined_titles(out)}
    due = {}
    for title_id in verdicts:
        worst = max(actions.get(title_id, ["warn"]), key=_WORST.index)
        due[title_id] = "hold" if title_id in held else "allow" if worst == "warn" else worst
    assert {title_id: row["decision"] for title_id, row in verdicts.items()} == due
    assert {title_id: sorted(row["rules"]) for title_id, row in verdicts.items() if row["rules"]} == {
        title_id: sorted(rules) for title_id, rules in failed.items()
    }
    listed = {row["title_id"]: row["decision"] for row in _rows(out, "block_list")}
    assert listed == {
        title_id: row["decision"]
        for title_id, row in verdicts.items()
        if row["decision"] == "block" or title_id in held or (row["decision"], row["stage"]) == ("hold", "prepublish")
    }


def _hold_twin(out: Path, verdicts: dict[str, Row]) -> None:
    """The single-title path, which shares no line of SQL with the audit, says the same."""
    decider = Decider(open_state(out), load_rules(), load_policy(), AS_OF)
    found: dict[str, set[tuple[str, str, str]]] = {}
    for row in _rows(out, "findings"):
        found.setdefault(row["title_id"], set()).add((row["rule"], row["outcome"], row["action"]))
    for title_id, row in verdicts.items():
        single = decider.decide(title_id)
        findings = {(finding.rule.id, str(finding.outcome), finding.action) for finding in single.findings}
        assert (title_id, single.decision, single.stage, findings) == (
            title_id, row["decision"], row["stage"], found.get(title_id, set()),
        )  # fmt: skip


def _quarantined_titles(out: Path) -> set[str]:
    return {row["title_id"] for row in _rows(out, "quarantine") if row["title_id"]}


def _rows(out: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(out / f"{name}.parquet").to_pylist()
    return rows


def trials(cells: int, batch: int) -> Iterator[int]:
    """How many cells each trial changes."""
    while cells > 0:
        yield min(batch, cells)
        cells -= batch
