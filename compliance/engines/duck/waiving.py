"""Waivers over a whole catalog: findings that do not count, between rulings and verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from compliance.engines.bits import Bit
from compliance.engines.waived import WAIVED
from compliance.verdicts.canaries import RESERVED
from compliance.verdicts.waivers import Case, Waiver, Waivers, seen

_BATCH = 10_000


def apply_waivers(con: duckdb.DuckDBPyConnection, bits: Sequence[Bit], waivers: Waivers, as_of: date) -> None:
    """Make `waived`, turn waived findings into warnings, and take their bits out of `rulings`.

    `waived`: title_id, rule, waiver_id, action (that the finding had), last_on, days_left. The relations `findings`
    and `rulings` are there. `waivers`: those that the policy honours. Without one in force no title is looked at.
    """
    con.execute(
        "CREATE TEMP TABLE waived (title_id VARCHAR, rule VARCHAR, waiver_id VARCHAR, action VARCHAR, last_on DATE,"
        " days_left INTEGER)"
    )
    in_force = waivers.in_force(as_of)
    if not in_force:
        return
    rows = list(_waived(con, in_force, waivers, as_of))
    con.register("waived_rows", pa.Table.from_pylist(rows, schema=WAIVED))
    con.execute("INSERT INTO waived FROM waived_rows")
    con.unregister("waived_rows")
    con.execute(
        "UPDATE findings SET action = 'warn' FROM waived AS w"
        " WHERE findings.title_id = w.title_id AND findings.rule = w.rule"
    )
    con.execute("CREATE TEMP TABLE rule_masks (rule VARCHAR, mask BIGINT)")
    con.executemany("INSERT INTO rule_masks VALUES (?, ?)", [(bit.rule.id, bit.mask) for bit in bits])
    con.execute("""
UPDATE rulings SET blocks = blocks & ~w.mask, holds = holds & ~w.mask
FROM (SELECT title_id, bit_or(mask) AS mask FROM waived JOIN rule_masks USING (rule) GROUP BY title_id) AS w
WHERE rulings.title_id = w.title_id""")


def _waived(
    con: duckdb.DuckDBPyConnection, in_force: Sequence[Waiver], waivers: Waivers, as_of: date
) -> Iterator[dict[str, object]]:
    """The findings that a waiver takes out; only those that one may be for are looked at."""
    con.execute(
        "CREATE TEMP TABLE waiver_subjects (rule VARCHAR, title_id VARCHAR, platform VARCHAR, any_title BOOLEAN)"
    )
    con.executemany("INSERT INTO waiver_subjects VALUES (?, ?, ?, ?)", [_subject(waiver) for waiver in in_force])
    asked = con.execute(
        """
SELECT f.title_id, r.platform, t.producer, f.rule, r.permit, f.evidence, f.action
FROM findings AS f JOIN rulings AS r USING (title_id) JOIN titles AS t USING (title_id)
WHERE f.action <> 'warn' AND NOT starts_with(f.title_id, $1) AND EXISTS (
    SELECT 1 FROM waiver_subjects AS w
    WHERE w.rule = f.rule AND (w.title_id = f.title_id OR w.platform = r.platform OR w.any_title)
)""",
        [RESERVED],
    )
    while batch := asked.fetchmany(_BATCH):
        for title_id, platform, producer, rule, permit, evidence, action in batch:
            case = Case(title_id, platform, producer, rule, permit, seen(json.loads(evidence)))
            waiver = waivers.waiver_for(case, as_of)
            if waiver is not None:
                yield {
                    "title_id": title_id,
                    "rule": rule,
                    "waiver_id": waiver.waiver_id,
                    "action": action,
                    "last_on": waiver.last_on,
                    "days_left": waiver.days_left(as_of),
                }


def _subject(waiver: Waiver) -> tuple[object, ...]:
    """rule, title_id, platform, and whether any title's producer may be meant."""
    return (
        waiver.rule,
        waiver.subject if waiver.scope == "title" else None,
        waiver.subject if waiver.scope == "platform" else None,
        waiver.scope == "producer",
    )
