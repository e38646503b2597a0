"""Why a title is no longer on the list: no entry leaves without a reason and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from compliance.blocklist.delta import Tombstone
from compliance.embedded import connect

_REMOVED = """
SELECT o.title_id, o.rules, u.status, u.kind, CAST(u.updated_at AS VARCHAR), v.decision, v.stage, v.rules, w.waivers
FROM read_parquet($before) AS o
ANTI JOIN read_parquet($now) USING (title_id)
LEFT JOIN {verdicts} AS v USING (title_id)
LEFT JOIN {unlisted} AS u USING (title_id)
LEFT JOIN (
    SELECT title_id, list(waiver_id ORDER BY waiver_id) AS waivers FROM read_parquet($waived) GROUP BY title_id
) AS w USING (title_id)"""
_NO_UNLISTED = "(SELECT NULL::VARCHAR AS title_id, NULL AS status, NULL AS kind, NULL AS updated_at WHERE FALSE)"

_PREPUBLISHED = """(
    SELECT title_id, decision, stage, rules FROM read_parquet($prepublish)
    UNION ALL
    SELECT title_id, decision, stage, rules FROM read_parquet($verdicts)
    ANTI JOIN read_parquet($prepublish) USING (title_id)
)"""


def tombstones(run: Path, before: Path, now: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Tombstone:
    """For each title that `before` lists and `now` does not: `reason` and `evidence`.

    Reasons: `cured`, `waived`, `taken_down` (offline, gone from the catalog, or of another kind), `rule_changed`,
    `went_on_air` (held titles on air are not on the list). `old` and `new` are the manifests' `rules` and `policy`.
    """
    unlisted = run / ".unlisted.parquet"
    asked = {name: str(path) for name, path in (("before", before), ("now", now))}
    asked |= {name: str(run / f"{name}.parquet") for name in ("verdicts", "waived")}
    source, verdicts = _NO_UNLISTED, "read_parquet($verdicts)"
    if unlisted.exists():
        source, asked["unlisted"] = "read_parquet($unlisted)", str(unlisted)
    if (run / "prepublish.parquet").exists():  # judged later than the audit
        verdicts, asked["prepublish"] = _PREPUBLISHED, str(run / "prepublish.parquet")
    with connect() as con:
        rows = con.execute(_REMOVED.format(unlisted=source, verdicts=verdicts), asked).fetchall()
    changed = {rule for rule, mark in old["rules"].items() if new["rules"].get(rule) != mark}
    known = {row[0]: _tombstone(changed, old, *row[1:]) for row in rows}
    return known.__getitem__


def _tombstone(
    changed: set[str],
    old: Mapping[str, Any],
    rules: list[str],
    status: str | None,
    kind: str | None,
    updated_at: str | None,
    decision: str | None,
    stage: str | None,
    rules_now: list[str] | None,
    waivers: list[str] | None,
) -> dict[str, Any]:
    evidence: dict[str, Any] = {"rules_before": rules, "decision": decision, "rules": rules_now}
    if decision is None:
        return {"reason": "taken_down", "evidence": {"rules_before": rules, "status": status, "kind": kind}}
    if waivers:
        return {"reason": "waived", "evidence": {**evidence, "waivers": waivers}}
    if decision == "hold" and stage == "on_air":
        return {"reason": "went_on_air", "evidence": evidence}
    untouched = updated_at is None or updated_at <= str(old["made_at"])
    if untouched and (by := sorted(changed & set(rules))):
        return {"reason": "rule_changed", "evidence": {**evidence, "changed": by}}
    return {"reason": "cured", "evidence": {**evidence, "updated_at": updated_at}}
