"""What the ledger knows of a title: its verdict on any past night, and every change with the reason for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance.embedded import connect
from compliance.language import worded
from compliance.ledger.errors import LedgerError
from compliance.ledger.runs import RecordedRun, recorded_runs
from compliance.ledger.store import SNAPSHOTS, Ledger
from compliance.ledger.tables import INTERVALS

Verdict = dict[str, Any]
"""decision, stage, tier, regime, permit, rules (failed), waived (rules; None where there is none)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A run in which a title's verdict became another."""

    run: RecordedRun
    before: Verdict | None
    """None: the title was not judged."""
    after: Verdict | None
    why: tuple[str, ...]
    """Words such as `+permit-missing`, `-label-missing`, `waived label-stale`, `policy 2026-09-01 → 2026-11-23`."""


def history(ledger: Ledger, title_id: str) -> list[Change]:
    """Every change of a title's verdict, the oldest first."""
    runs = {run.seq: run for run in recorded_runs(ledger)}
    changes: list[Change] = []
    before: Verdict | None = None
    earlier: RecordedRun | None = None
    for seq, after in _states(ledger, list(runs.values()), title_id):
        if after != before:
            changes.append(Change(runs[seq], before, after, tuple(_reasons(before, after, earlier, runs[seq]))))
        before, earlier = after, runs[seq]
    return changes


def verdict_as_of(ledger: Ledger, title_id: str, run_id: str) -> Verdict | None:
    """The title's verdict as the run had it; None where it did not judge it. Raises LedgerError for an unknown run."""
    runs = recorded_runs(ledger)
    asked = next((run for run in runs if run.run_id == run_id), None)
    if asked is None:
        raise LedgerError(
            worded(f"台账中没有这次审核：{run_id}", f"the ledger knows no run {run_id}"),
            problems=[
                worded(f"{run.run_id}，判定日 {run.as_of}", f"{run.run_id} as of {run.as_of}") for run in runs[-5:]
            ],
            remedy=worded("指定其中一次；最近几次如上", "name one of its runs; the last ones are listed"),
        )
    verdict: Verdict | None = None
    for seq, state in _states(ledger, [run for run in runs if run.seq <= asked.seq], title_id):
        if seq <= asked.seq:
            verdict = state
    return verdict


def _states(ledger: Ledger, runs: Sequence[RecordedRun], title_id: str) -> Iterator[tuple[int, Verdict | None]]:
    """The runs from which on something is known of the title, and what, in order."""
    if not runs:
        return
    with ledger.reading() as connection:
        rows = connection.execute(
            sa.select(INTERVALS.c.from_seq, INTERVALS.c.verdict).where(INTERVALS.c.title_id == title_id)
        ).all()
    known = {seq: None if verdict is None else json.loads(verdict) for seq, verdict in rows}
    for run in runs:
        if run.said.get("baseline"):
            yield run.seq, _in_file(kept_verdicts(ledger, run.run_id), title_id)
        elif run.seq in known:
            yield run.seq, known[run.seq]


def kept_verdicts(ledger: Ledger, run_id: str) -> Path:
    """The file with all verdicts of a run that gave them whole. Raises LedgerError where it is missing."""
    path = ledger.folder / SNAPSHOTS / f"{run_id}.parquet"
    if not path.exists():
        raise LedgerError(
            worded(
                f"缺少 {path}：后续变化所依据的判定", f"{path} is missing: the verdicts that later changes start from"
            ),
            remedy=worded(
                "从备份放回；gate verify 可查是否正确",
                "put it back from your backup; `gate verify` tells whether it is the right one",
            ),
        )
    return path


def _in_file(path: Path, title_id: str) -> Verdict | None:
    waived = path.with_name(path.name.replace(".parquet", ".waived.parquet"))
    with connect() as con:
        found = con.execute("FROM read_parquet($1) WHERE title_id = $2", [str(path), title_id])
        columns = [name for name, *_ in found.description or ()]
        rows = found.fetchall()
        rules: list[str] = []
        if waived.exists():
            asked = "SELECT rule FROM read_parquet($1) WHERE title_id = $2 ORDER BY rule"
            rules = [rule for (rule,) in con.execute(asked, [str(waived), title_id]).fetchall()]
    if not rows:
        return None
    verdict = {name: value for name, value in zip(columns, rows[0], strict=True) if name != "title_id"}
    return {**verdict, "waived": rules or None}


def _reasons(
    before: Verdict | None, after: Verdict | None, earlier: RecordedRun | None, run: RecordedRun
) -> Iterator[str]:
    if after is None:
        yield "no longer judged: gone from the catalog, offline, or of another kind"
        return
    if before is None:
        yield "first judged" if earlier is None else "judged from here on"
    old, new = before or {}, after
    yield from (f"+{rule}" for rule in new["rules"] if rule not in old.get("rules", ()))
    yield from (f"-{rule}" for rule in old.get("rules", ()) if rule not in new["rules"])
    yield from (f"waived {rule}" for rule in new["waived"] or () if rule not in (old.get("waived") or ()))
    yield from (f"waiver of {rule} over" for rule in old.get("waived") or () if rule not in (new["waived"] or ()))
    for name in ("stage", "tier", "regime", "permit"):
        if before is not None and old[name] != new[name]:
            yield f"{name} {_shown(old[name])} → {_shown(new[name])}"
    if earlier is not None and earlier.said["policy"] != run.said["policy"]:
        yield f"policy {earlier.said['policy']} → {run.said['policy']}"


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
