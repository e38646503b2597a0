"""Waivers as the report tells them: in use, about to end, not honoured by the policy, never used, ended."""

from __future__ import annotations

from datetime import date

import duckdb

from compliance.policy.settings import WaiverSettings
from compliance.reports.lines import WaiverLine, WaiverState
from compliance.verdicts.waivers import Waiver, Waivers, is_honoured

EXPIRING_DAYS = 14
"""A waiver in use with at most so many days left is told as expiring."""

_ORDER: tuple[WaiverState, ...] = ("expiring", "not_honoured", "in_use", "unused", "expired", "revoked")


def waiver_lines(
    con: duckdb.DuckDBPyConnection, waivers: Waivers, settings: WaiverSettings, as_of: date
) -> tuple[WaiverLine, ...]:
    """All waivers with what they were used for in the run; `con` has the relations of `files.opened`.

    `settings` are the policy's: it may no longer let a waiver count that was granted, and used, under an earlier one.
    """
    used = dict(con.execute("SELECT waiver_id, count(*) FROM waived GROUP BY waiver_id").fetchall())
    lines = [_line(waiver, used.get(waiver.waiver_id, 0), settings, as_of) for waiver in waivers.all]
    return tuple(sorted(lines, key=lambda line: (_ORDER.index(line.state), line.last_on, line.waiver_id)))


def _line(waiver: Waiver, used: int, settings: WaiverSettings, as_of: date) -> WaiverLine:
    state = _state(waiver, used, settings, as_of)
    return WaiverLine(
        waiver.waiver_id,
        waiver.scope,
        waiver.subject,
        waiver.rule,
        waiver.approved_by,
        waiver.last_on,
        0 if state == "not_honoured" else waiver.days_left(as_of),
        used,
        state,
    )


def _state(waiver: Waiver, used: int, settings: WaiverSettings, as_of: date) -> WaiverState:
    state = waiver.state(as_of)
    if state != "in_force":
        return state
    if not is_honoured(waiver, settings):
        return "not_honoured"
    if not used:
        return "unused"
    return "expiring" if waiver.days_left(as_of) <= EXPIRING_DAYS else "in_use"
