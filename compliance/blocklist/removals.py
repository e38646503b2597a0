"""Why a title is no longer on the list: no entry leaves without a reason and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.blocklist.delta import Tombstone
from compliance.catalog.sources import literal
from compliance.embedded import connect
from compliance.errors import RunInvalidError
from compliance.language import worded
from compliance.outputs import SCANNED


@dataclass(frozen=True, slots=True)
class _Removed:
    """A title that has left the list: what was known of it then, and what is now."""

    title_id: str
    stage_before: str
    rules_before: list[str]
    grounds: list[str]
    """The rules for which it was listed; none where a bad row was why."""
    status: str | None
    kind: str | None
    updated_at: str | None
    """The title's, of a title that is still in the catalog, where the run tells it."""
    decision: str | None
    """None: it is not judged any more."""
    stage: str | None
    rules: list[str] | None
    waivers: list[tuple[str, str]]
    """Of each finding of it that is waived now, the rule and the waiver."""


def write_grounds(run: Path, listed: Path, target: Path) -> None:
    """Write what a run's list is founded on: title_id and rule of each finding for which a title is listed.

    The list itself names failed rules alone: none that nobody could tell, and also such as only warn.
    """
    with connect() as con:
        con.execute(f"""
COPY (
    SELECT title_id, rule FROM ({_findings(run)}) SEMI JOIN {_read(listed)} USING (title_id)
    WHERE action <> 'warn' ORDER BY title_id, rule
) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)""")


def tombstones(
    run: Path, *, before: Path, grounds: Path, now: Path, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Tombstone:
    """For each title that the list `before` has, founded on `grounds`, and `now` has not: `reason` and `evidence`.

    Reasons: `cured`, `waived`, `taken_down` (offline, gone from the catalog, or of another kind), `rule_changed`,
    `went_on_air` (held titles on air are not on the list). `old` and `new` are the manifests of the two versions.
    Raises RunInvalidError where a title has left the list that must stand on it.
    """
    unlisted = run / ".unlisted.parquet"
    with connect() as con:
        rows = con.execute(
            _REMOVED.format(
                before=_read(before),
                now=_read(now),
                grounds=_read(grounds),
                verdicts=_verdicts(run),
                waived=_waived(run),
                unlisted=_read(unlisted) if unlisted.exists() else _NO_UNLISTED,
            )
        ).fetchall()
    changed = {rule for rule, mark in old["rules"].items() if new["rules"].get(rule) != mark}
    known = {row[0]: _tombstone(_Removed(*row), changed, str(old["made_at"])) for row in rows}
    return known.__getitem__


_REMOVED = """
WITH removed AS (SELECT title_id, stage, rules FROM {before} ANTI JOIN {now} USING (title_id))
SELECT r.title_id, r.stage, r.rules, coalesce(g.rules, []), u.status, u.kind, CAST(u.updated_at AS VARCHAR),
    v.decision, v.stage, v.rules, coalesce(w.waivers, [])
FROM removed AS r
LEFT JOIN (SELECT title_id, list(rule ORDER BY rule) AS rules FROM {grounds} GROUP BY title_id) AS g USING (title_id)
LEFT JOIN {unlisted} AS u USING (title_id)
LEFT JOIN ({verdicts}) AS v USING (title_id)
LEFT JOIN (
    SELECT title_id, list([rule, waiver_id]) AS waivers FROM ({waived}) SEMI JOIN removed USING (title_id)
    GROUP BY title_id
) AS w USING (title_id)"""
_NO_UNLISTED = "(SELECT NULL::VARCHAR AS title_id, NULL AS status, NULL AS kind, NULL AS updated_at WHERE FALSE)"


def _tombstone(removed: _Removed, changed: set[str], made_at: str) -> dict[str, Any]:
    """`changed`: the rules that are judged otherwise than when the list before was made, at `made_at`."""
    if removed.decision is None:
        evidence = {"rules_before": removed.rules_before, "status": removed.status, "kind": removed.kind}
        return {"reason": "taken_down", "evidence": evidence}
    if removed.decision == "block" or (removed.decision, removed.stage) == ("hold", "prepublish"):
        raise _not_to_leave(removed)
    reason, more = _reason(removed, changed, made_at)
    evidence = {
        "rules_before": removed.rules_before,
        "listed_for": removed.grounds,
        "decision": removed.decision,
        "rules": removed.rules,
        **more,
    }
    return {"reason": reason, "evidence": evidence}


def _reason(removed: _Removed, changed: set[str], made_at: str) -> tuple[str, dict[str, Any]]:
    """The reason why a title that is judged has left the list, and what proves it."""
    grounds = set(removed.grounds)
    # What was a ground then was not waived then.
    if by := sorted({waiver for rule, waiver in removed.waivers if rule in grounds}):
        return "waived", {"waivers": by}
    if (removed.stage_before, removed.stage) == ("prepublish", "on_air") and removed.decision == "hold":
        return "went_on_air", {}
    untouched = removed.updated_at is None or removed.updated_at <= made_at
    if untouched and (by := sorted(changed & grounds)):
        return "rule_changed", {"changed": by}
    return "cured", {"updated_at": removed.updated_at}


def _not_to_leave(removed: _Removed) -> RunInvalidError:
    title, decision, stage = removed.title_id, removed.decision, removed.stage
    return RunInvalidError(
        worded(
            f"剧目 {title} 的判定是 {decision}（{stage}），本次的名单里却没有它；没有发布任何名单",
            f"title {title} is judged {decision} ({stage}), but the run's list lacks it: no list was published",
        ),
        remedy=worded("重新审核；若再出现，请报告", "audit again; if it happens again, report it"),
    )


def _read(path: Path) -> str:
    """The rows of a file as a relation in brackets: two names of one function would be taken for each other."""
    return f"(FROM read_parquet({literal(str(path))}))"


def _verdicts(run: Path) -> str:
    """title_id, decision, stage and rules of what the run has judged.

    What is on the audit's list and not on that of a scan was cleared by a scan before it, and has gone off the air
    since: the last one did not judge it any more, and the audit's verdict is over.
    """
    verdicts, scanned = _read(run / "verdicts.parquet"), run / SCANNED
    if not scanned.exists():
        return f"SELECT title_id, decision, stage, rules FROM {verdicts}"
    return f"""
SELECT title_id, decision, stage, rules FROM {_read(scanned)}
UNION ALL
SELECT title_id, decision, stage, rules FROM {verdicts} ANTI JOIN {_read(scanned)} USING (title_id)
WHERE decision = 'allow' OR (decision = 'hold' AND stage = 'on_air')"""


def _findings(run: Path) -> str:
    """title_id, rule and action (after waivers) of what the run has found."""
    by_audit = f"SELECT title_id, rule, action FROM {_read(run / 'findings.parquet')}"
    return _with_scan(run, by_audit, "finding ->> 'action'")


def _waived(run: Path) -> str:
    """title_id, rule and waiver_id of what the run has found and a waiver makes a warning."""
    by_audit = f"SELECT title_id, rule, waiver_id FROM {_read(run / 'waived.parquet')}"
    found = _with_scan(run, by_audit, "finding -> 'waived' ->> 'waiver'")
    return f"SELECT * FROM ({found}) WHERE waiver_id IS NOT NULL"


def _with_scan(run: Path, by_audit: str, told: str) -> str:
    """What the audit says of findings (title_id, rule, …); of titles that a scan has judged since, what that says."""
    scanned = run / SCANNED
    if not scanned.exists():
        return by_audit
    return f"""
SELECT * FROM ({by_audit}) ANTI JOIN {_read(scanned)} USING (title_id)
UNION ALL
SELECT title_id, finding ->> 'rule', {told}
FROM (SELECT title_id, unnest(json_extract(findings, '$[*]')) AS finding FROM {_read(scanned)})"""
