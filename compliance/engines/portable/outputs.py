"""From the relation `rulings` to findings, verdicts, block list and blocked placements (contract, section 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from compliance.catalog.sources import literal
from compliance.engines.bits import Bit
from compliance.engines.portable.contract import no_rows
from compliance.engines.portable.engine import Engine, Reading
from compliance.engines.portable.readings import EachRow
from compliance.engines.waived import WAIVED
from compliance.rules.facts import FACTS, FactType
from compliance.verdicts.canaries import RESERVED
from compliance.verdicts.waivers import Case, Waiver, Waivers, seen

_NO_RULES = "CAST([] AS VARCHAR[])"


def define_outputs(engine: Engine, bits: Sequence[Bit], waivers: Waivers, as_of: date) -> None:
    """Make `findings`, `waived`, `decided` (rulings after waivers, with their decision), `verdicts`, `listed`.

    The relations `rulings` and `held` (title_id, platform, stage) must be there. Canaries are still in all of them.
    `waivers`: those that the policy honours.
    `listed`: what goes on the block list (title_id, platform, decision, stage, rules, permit).
    """
    rules = [{"rule": bit.rule.id, "mask": bit.mask, "clause": bit.rule.clause} for bit in bits]
    schema = pa.schema([("rule", pa.string()), ("mask", pa.int64()), ("clause", pa.string())])
    engine.give("rule_bits", pa.Table.from_pylist(rules, schema=schema))
    engine.define("found", _found(engine, bits))
    _waive(engine, waivers, as_of)
    engine.define(
        "findings",
        """
SELECT f.title_id, f.rule, f.outcome, CASE WHEN w.rule IS NULL THEN f.action ELSE 'warn' END AS action,
    f.stage, f.regime, f.clause, f.evidence
FROM found AS f LEFT JOIN waived AS w ON w.title_id = f.title_id AND w.rule = f.rule""",
    )
    engine.define(
        "decided",
        """
SELECT r.title_id, r.platform, r.kind, r.stage, r.regime, r.tier, r.permit, r.applies, r.fails, r.unknown, r.broken,
    CASE WHEN r.blocks - (r.blocks & COALESCE(w.mask, 0)) <> 0 THEN 'block'
        WHEN r.holds - (r.holds & COALESCE(w.mask, 0)) <> 0 THEN 'hold' ELSE 'allow' END AS decision
FROM rulings AS r
LEFT JOIN (
    SELECT v.title_id, CAST(SUM(b.mask) AS BIGINT) AS mask
    FROM waived AS v JOIN rule_bits AS b ON b.rule = v.rule GROUP BY v.title_id
) AS w ON w.title_id = r.title_id""",
    )
    failed = _failed_rules(bits)
    engine.define(
        "verdicts",
        f"""
SELECT title_id, decision, stage, CAST(tier AS TINYINT) AS tier, regime, permit, {failed} AS rules FROM decided
UNION ALL
SELECT title_id, 'hold', stage, CAST(NULL AS TINYINT), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), {_NO_RULES}
FROM held""",
    )
    engine.define(
        "listed",
        f"""
SELECT title_id, platform, decision, stage, {failed} AS rules, permit
FROM decided WHERE decision = 'block' OR (decision = 'hold' AND stage = 'prepublish')
UNION ALL
SELECT title_id, platform, 'hold', stage, {_NO_RULES}, CAST(NULL AS VARCHAR) FROM held""",
    )


def without_canaries(relation: str) -> str:
    """A SELECT of the relation's rows that are not the audit's own."""
    return f"SELECT * FROM {relation} WHERE title_id NOT LIKE '{RESERVED}%'"


def _found(engine: Engine, bits: Sequence[Bit]) -> str:
    """One row per title and rule that failed or is unknown, with what the rule saw as JSON text."""
    seen = {bit.rule.id: {fact: _shown(engine, fact) for fact in bit.rule.evidence} for bit in bits}
    evidence = " ".join(f"WHEN {literal(rule)} THEN {engine.json_text(facts)}" for rule, facts in seen.items())
    return f"""
SELECT r.title_id, b.rule,
    CASE WHEN (r.fails & b.mask) <> 0 THEN 'fail' ELSE 'unknown' END AS outcome,
    CASE WHEN (r.blocks & b.mask) <> 0 THEN 'block' WHEN (r.holds & b.mask) <> 0 THEN 'hold' ELSE 'warn' END AS action,
    r.stage, r.regime, b.clause, CASE b.rule {evidence} END AS evidence,
    r.platform, r.seen_producer AS producer, r.permit
FROM (SELECT * FROM rulings WHERE fails <> 0 OR unknown <> 0) AS r
JOIN rule_bits AS b ON ((r.fails | r.unknown) & b.mask) <> 0"""


def _shown(engine: Engine, fact: str) -> str:
    name = f"r.seen_{fact}"
    return engine.as_text(name) if FACTS[fact].type in (FactType.DAY, FactType.INSTANT) else name


def _failed_rules(bits: Sequence[Bit]) -> str:
    listed = ", ".join(f"CASE WHEN (fails & {bit.mask}) <> 0 THEN {literal(bit.rule.id)} END" for bit in bits)
    return f"CASE WHEN fails = 0 THEN {_NO_RULES} ELSE LIST_FILTER([{listed}], lambda x: x IS NOT NULL) END"


def _waive(engine: Engine, waivers: Waivers, as_of: date) -> None:
    """`waived`: findings that a waiver takes out, with the action that they had. Only those it may be for are read."""
    in_force = waivers.in_force(as_of)
    if not in_force:
        engine.define("waived", no_rows({column.name: _SQL_TYPES[column.type] for column in WAIVED}))
        return
    schema = pa.schema(
        [("rule", pa.string()), ("title_id", pa.string()), ("platform", pa.string()), ("any_title", pa.bool_())]
    )
    engine.give("waiver_subjects", pa.Table.from_pylist([_subject(waiver) for waiver in in_force], schema=schema))
    candidates = f"""
SELECT f.title_id, f.platform, f.producer, f.rule, f.permit, f.evidence, f.action
FROM found AS f
WHERE f.action <> 'warn' AND f.title_id NOT LIKE '{RESERVED}%' AND EXISTS (
    SELECT 1 FROM waiver_subjects AS w
    WHERE w.rule = f.rule AND (w.title_id = f.title_id OR w.platform = f.platform OR w.any_title)
)"""
    engine.read("waived_rows", candidates, Reading(EachRow(Waived(waivers, as_of), WAIVED), WAIVED))
    engine.keep("waived", "SELECT * FROM waived_rows")


_SQL_TYPES = {pa.string(): "VARCHAR", pa.date32(): "DATE", pa.int32(): "INTEGER"}


@dataclass(frozen=True, slots=True)
class Waived:
    """Finds the waiver under which a finding does not count."""

    waivers: Waivers
    as_of: date

    def __call__(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The waived finding with its waiver; None where there is none."""
        case = Case(
            row["title_id"],
            row["platform"],
            row["producer"],
            row["rule"],
            row["permit"],
            seen(json.loads(row["evidence"])),
        )
        waiver = self.waivers.waiver_for(case, self.as_of)
        if waiver is None:
            return None
        return {
            "title_id": row["title_id"],
            "rule": row["rule"],
            "waiver_id": waiver.waiver_id,
            "action": row["action"],
            "last_on": waiver.last_on,
            "days_left": waiver.days_left(self.as_of),
        }


def _subject(waiver: Waiver) -> dict[str, object]:
    return {
        "rule": waiver.rule,
        "title_id": waiver.subject if waiver.scope == "title" else None,
        "platform": waiver.subject if waiver.scope == "platform" else None,
        "any_title": waiver.scope == "producer",
    }
