"""How old an extract is, as people and metrics are told: a day that is still to come tells no age."""

from __future__ import annotations

from datetime import date, timedelta

_SLACK = timedelta(days=1)
"""What is of tomorrow may be of today in another zone, or by a clock that is a little fast; an import accepts it."""


def days_since(day: date, today: date) -> int | None:
    """Days from one to the other, never below 0; None where nothing can be of that day yet, so that nobody can tell."""
    return None if day > today + _SLACK else max(0, (today - day).days)
