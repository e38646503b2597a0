"""Canary titles in the portable audit: mixed into the sound rows, proved in the outputs, left out of the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import pyarrow as pa

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.schema import RELATIONS, Column, Type
from compliance.engines.portable.engine import Engine
from compliance.policy import Policy
from compliance.verdicts.canaries import RESERVED, Canaries, Ruled, breed

_THEIRS = f"title_id LIKE '{RESERVED}%'"


def release(
    engine: Engine, *, as_of: date, policy: Policy, rules: Collection[str], stale: Collection[str], run_id: str
) -> Canaries:
    """Define each relation as its sound rows and the rows of this run's canaries.

    `rules` are the ids of the enabled rules. The contract check has refused catalogs that use the canaries' ids.
    """
    canaries = breed(as_of=as_of, policy=policy, rules=rules, stale=stale, run_id=run_id)
    for name, relation in RELATIONS.items():
        rows = [{c.name: _value(c, row[c.name]) for c in relation.columns} for row in canaries.rows.get(name, ())]
        names = ", ".join(column.name for column in relation.columns)
        select = f"SELECT {names} FROM sound_{name}"
        if rows:
            engine.give(f"canary_{name}", pa.Table.from_pylist(rows, schema=arrow_schema(relation)))
            select += f" UNION ALL SELECT {names} FROM canary_{name}"
        engine.define(name, select)
    return canaries


def prove(engine: Engine, canaries: Canaries) -> None:
    """Raise RunInvalidError unless the outputs, which still hold the canaries, say of them what they must."""
    rows = engine.rows(_FOUND)
    said = {what: _grouped(row[1:] for row in rows if row[0] == what) for what in _WHAT}
    verdicts = {title_id: next(iter(values)) for title_id, values in said["verdict"].items()}
    canaries.prove(
        {
            title_id: Ruled(
                decision=decision,
                stage=stage,
                regime=regime,
                tier=None if tier is None else int(tier),
                findings=frozenset((rule, outcome, action) for rule, outcome, action, *_ in said["finding"][title_id]),
                rules=tuple(sorted(filter(None, rules.split(";")))),
                listed=next((decision for decision, *_ in said["listed"][title_id]), None),
                placements=frozenset(placement for placement, *_ in said["placement"][title_id]),
            )
            for title_id, (decision, stage, regime, tier, rules) in verdicts.items()
        }
    )


_WHAT = ("verdict", "finding", "listed", "placement")
_NO = "CAST(NULL AS VARCHAR)"
_FOUND = f"""
SELECT 'verdict' AS what, title_id, decision AS a, stage AS b, regime AS c, CAST(tier AS VARCHAR) AS d,
    ARRAY_TO_STRING(rules, ';') AS e
FROM verdicts WHERE {_THEIRS}
UNION ALL SELECT 'finding', title_id, rule, outcome, action, {_NO}, {_NO} FROM findings WHERE {_THEIRS}
UNION ALL SELECT 'listed', title_id, decision, {_NO}, {_NO}, {_NO}, {_NO} FROM listed WHERE {_THEIRS}
UNION ALL SELECT 'placement', title_id, placement_id, {_NO}, {_NO}, {_NO}, {_NO}
FROM blocked_placements WHERE {_THEIRS}"""


def _grouped(rows: Iterable[tuple[Any, ...]]) -> Mapping[str, set[Any]]:
    grouped: defaultdict[str, set[Any]] = defaultdict(set)
    for title_id, *rest in rows:
        grouped[title_id].add(tuple(rest))
    return grouped


def _value(column: Column, value: Any) -> Any:  # noqa: ANN401 - a cell of any type
    if column.type is Type.INSTANT and isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value
