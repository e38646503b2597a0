"""Waivers as the report tells them: in use, about to end, ended, never used."""

from __future__ import annotations

from datetime import date
from typing import Literal

import duckdb

from compliance.reports.lines import WaiverLine
from compliance.verdicts.waivers import Waiver, Waivers

EXPIRING_DAYS = 14
"""A waiver in use with at most so many days left is told as expiring."""

_ORDER = ("expiring", "in_use", "unused", "expired", "revoked")


def waiver_lines(con: duckdb.DuckDBPyConnection, waivers: Waivers, as_of: date) -> tuple[WaiverLine, ...]:
    """All waivers with what they were used for in the run; `con` has the relations of `files.opened`."""
    used = dict(con.execute("SELECT waiver_id, count(*) FROM waived GROUP BY waiver_id").fetchall())
    lines = [_line(waiver, used.get(waiver.waiver_id, 0), as_of) for waiver in waivers.all]
    return tuple(sorted(lines, key=lambda line: (_ORDER.index(line.state), line.last_on, line.waiver_id)))


def _line(waiver: Waiver, used: int, as_of: date) -> WaiverLine:
    return WaiverLine(
        waiver.waiver_id,
        waiver.scope,
        waiver.subject,
        waiver.rule,
        waiver.approved_by,
        waiver.last_on,
        waiver.days_left(as_of),
        used,
        _state(waiver, used, as_of),
    )


def _state(waiver: Waiver, used: int, as_of: date) -> Literal["in_use", "expiring", "unused", "expired", "revoked"]:
    state = waiver.state(as_of)
    if state != "in_force":
        return state
    if not used:
        return "unused"
    return "expiring" if waiver.days_left(as_of) <= EXPIRING_DAYS else "in_use"
