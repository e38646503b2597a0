"""What to do first: the lines with which the report begins, whatever its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb

from compliance.reports.lines import Coming, GuardLine, Share, SlotLine, Urgent, WaiverLine

ENDING = timedelta(days=30)
"""A platform whose registration ends within so many days is told at once."""

_FIRST_SCREEN = "SELECT count(*) FROM listed WHERE decision = 'block' AND list_contains(slots, 'first_screen')"
_NOBODY = Share("", 0, 0, 0)


def urgent(
    con: duckdb.DuckDBPyConnection,
    as_of: date,
    stages: Mapping[str, Share],
    slots: Sequence[SlotLine],
    waivers: Sequence[WaiverLine],
    guard: Sequence[GuardLine],
    coming: Sequence[Coming],
) -> tuple[Urgent, ...]:
    """What there is to do, the most urgent first; `con` has the relations of `files.opened`."""
    on_air, before = stages.get("on_air", _NOBODY), stages.get("prepublish", _NOBODY)
    ending = [day for day in coming if day.kind == "platform" and day.on <= as_of + ENDING]
    lines = (
        Urgent("list_held", sum(line.held for line in guard), section="guard"),
        Urgent("on_first_screen", con.execute(_FIRST_SCREEN).fetchall()[0][0], decision="block", slot="first_screen"),
        Urgent("block_on_air", on_air.block, decision="block", stage="on_air"),
        Urgent("placements_now", sum(slot.blocked for slot in slots), section="placements"),
        Urgent("block_before", before.block, decision="block", stage="prepublish"),
        Urgent("hold_before", before.hold, decision="hold", stage="prepublish"),
        Urgent("hold_on_air", on_air.hold, decision="hold", stage="on_air"),
        Urgent("waivers_ending", sum(line.state == "expiring" for line in waivers), section="waivers"),
        Urgent("platforms_ending", len(ending), section="coming"),
    )
    return tuple(line for line in lines if line.number)
