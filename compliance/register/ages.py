"""How old an extract is, as people and metrics are told: a day that is still to come tells no age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from compliance.catalog.schema import SYSTEMS

_SLACK = timedelta(days=1)
"""What is of tomorrow may be of today in another zone, or by a clock that is a little fast; an import accepts it."""

Standing = Literal["fresh", "stale", "ahead", "absent"]
"""`ahead`: dated in the future, so that nobody can tell how old it is. `absent`: no rows."""


@dataclass(frozen=True, slots=True)
class Age:
    """One filing system's extract: how old it is, and what that makes it."""

    system: str
    newest: date | None
    days: int | None
    """Never below 0; None where it is ahead or absent."""
    state: Standing


def ages(newest: Mapping[str, date], as_of: date, bound: float, *, today: date | None = None) -> list[Age]:
    """How old each system's extract is on a day, by its newest; stale where that is more days than the bound.

    `today`: where the day is a past one, whose extracts may be newer than itself: they are as good as fresh.
    """
    return [_age(system, newest.get(system), as_of, bound, max(as_of, today or as_of)) for system in SYSTEMS]


def _age(system: str, newest: date | None, as_of: date, bound: float, today: date) -> Age:
    if newest is None:
        return Age(system, None, None, "absent")
    if newest > today + _SLACK:
        return Age(system, newest, None, "ahead")
    days = max(0, (as_of - newest).days)
    return Age(system, newest, days, "stale" if days > bound else "fresh")
