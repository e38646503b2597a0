"""How old an extract is, as people and metrics are told: a day that is still to come tells no age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from compliance.catalog.schema import SYSTEMS
from compliance.engines.freshness import Extract, Extracts

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
    to_come: int = 0
    """Rows dated in the future beside others; they tell nothing."""


def ages(newest: Mapping[str, date], today: date, bound: float) -> list[Age]:
    """How old each system's extract is by the day it was taken on; stale where that is more days ago than the bound."""
    return [_taken(system, newest.get(system), today, bound) for system in SYSTEMS]


def ages_of(extracts: Extracts, bound: float) -> list[Age]:
    """How old each system's extract is in a catalog, by the rows that an audit goes by."""
    return [_found(system, extracts.systems.get(system), extracts, bound) for system in SYSTEMS]


def _taken(system: str, day: date | None, today: date, bound: float) -> Age:
    if day is None:
        return Age(system, None, None, "absent")
    return Age(system, day, None, "ahead") if day > today + _SLACK else _aged(system, day, today, bound)


def _found(system: str, extract: Extract | None, extracts: Extracts, bound: float) -> Age:
    if extract is None:
        return Age(system, None, None, "absent")
    if extract.newest is None:
        return Age(system, extract.latest, None, "ahead")
    to_come = extract.to_come if extract.latest > extracts.last_on + _SLACK else 0
    return _aged(system, extract.newest, extracts.as_of, bound, to_come)


def _aged(system: str, newest: date, as_of: date, bound: float, to_come: int = 0) -> Age:
    days = max(0, (as_of - newest).days)
    return Age(system, newest, days, "stale" if days > bound else "fresh", to_come)
