"""Rows as they come in JSON: held to the same contract as those of a catalog (contract, section 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from compliance.catalog.schema import (
    EARLIEST_YEAR,
    EPISODES,
    LABELS,
    LATEST_YEAR,
    PLACEMENTS,
    RELATIONS,
    TITLES,
    Column,
    Relation,
    Type,
)
from compliance.clock import SHANGHAI
from compliance.engines.single.evidence import Row

_UNASKED = {
    "titles": ("updated_at",),
    "labels": ("title_id", "read_at", "episode_no"),
    "episodes": ("title_id", "episode_no", "duration_s"),
    "placements": ("title_id", "placement_id"),
}
"""Columns that no fact depends on: they may be left out."""

_BOUNDS = {Type.INTEGER: 2**63, Type.SMALL: 2**31}


class BrokenRowError(ValueError):
    """A row that breaks the contract: all its problems, each naming its column."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class GivenTitle:
    """A title's row with the rows that came along; None: none came, and those of the state count."""

    row: Row
    labels: Sequence[Row] | None
    episodes: Sequence[Row] | None
    placements: Sequence[Row] | None


def read_title(values: object) -> GivenTitle:
    """A JSON object with the columns of `titles`, and lists of `labels`, `episodes`, `placements` if it likes.

    Raises BrokenRowError.
    """
    if not isinstance(values, Mapping):
        raise BrokenRowError([f"a title is a JSON object, not {_shown(values)}"])
    problems: list[str] = []
    along = {
        relation.name: _children(relation, values[relation.name], problems) if relation.name in values else None
        for relation in (LABELS, EPISODES, PLACEMENTS)
    }
    own = {name: value for name, value in values.items() if name not in along}
    row = _row(TITLES, own, "", problems)
    if row.get("status") in ("online", "scheduled") and row.get("online_at") is None:
        problems.append(f"online_at: a title that is {row['status']} has one")
    if problems:
        raise BrokenRowError(problems)
    return GivenTitle(row, along["labels"], along["episodes"], along["placements"])


def _children(relation: Relation, values: object, problems: list[str]) -> list[Row]:
    if not isinstance(values, list):
        problems.append(f"{relation.name}: a list is expected, not {_shown(values)}")
        return []
    rows: list[Row] = []
    for place, value in enumerate(values):
        where = f"{relation.name}[{place}]"
        if isinstance(value, Mapping):
            rows.append(_row(relation, value, f"{where}.", problems))
        else:
            problems.append(f"{where}: an object is expected, not {_shown(value)}")
    return rows


def _row(relation: Relation, values: Mapping[Any, object], where: str, problems: list[str]) -> dict[str, Any]:
    known = {column.name for column in RELATIONS[relation.name].columns}
    problems += [f"{where}{_shown(name)}: {relation.name} has no such column" for name in values if name not in known]
    row: dict[str, Any] = {}
    for column in relation.columns:
        try:
            value = _value(column, values.get(column.name))
            if value is None and not column.nullable and column.name not in _UNASKED[relation.name]:
                raise ValueError("must have a value")  # noqa: TRY301 - gathered with the others below
            row[column.name] = value
        except ValueError as error:
            problems.append(f"{where}{column.name}: {error}")
    return row


def _value(column: Column, value: object) -> Any:  # noqa: ANN401 - the type is the column's
    if value is None or (value == "" and (column.nullable or column.name in ("title_id", "platform"))):
        return None
    read = _READERS[column.type](value)
    if column.values and read not in column.values:
        raise ValueError(f"{_shown(value)} is none of {', '.join(column.values)}")
    if column.floor is not None and read < column.floor:
        raise ValueError(f"{_shown(value)} is less than {column.floor:g}")
    if column.ceiling is not None and read > column.ceiling:
        raise ValueError(f"{_shown(value)} is more than {column.ceiling:g}")
    return read


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is expected, not {_shown(value)}")  # noqa: TRY004 - a row's fault, not the program's
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("half a character (a lone surrogate) stands in the text") from None
    return value


def _whole(type_: Type) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"a whole number is expected, not {_shown(value)}")  # noqa: TRY004
        if not -_BOUNDS[type_] <= value < _BOUNDS[type_]:
            raise ValueError(f"{_shown(value)} is too large")
        return value

    return read


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ValueError(f"a number is expected, not {_shown(value)}")
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"true or false is expected, not {_shown(value)}")  # noqa: TRY004
    return value


def _instant(value: object) -> datetime:
    """Wall time in Asia/Shanghai; an instant with a zone is converted to it."""
    try:
        instant = datetime.fromisoformat(_text(value))
        wall = instant if instant.tzinfo is None else instant.astimezone(SHANGHAI).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError(f"an instant such as 2026-11-23T08:00:00 is expected, not {_shown(value)}") from None
    _in_range(wall)
    return wall


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(_text(value))
    except ValueError:
        raise ValueError(f"a day such as 2026-11-23 is expected, not {_shown(value)}") from None
    _in_range(day)
    return day


def _in_range(day: date) -> None:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"the year {day.year} is before {EARLIEST_YEAR} or after {LATEST_YEAR}")


_READERS: Mapping[Type, Callable[[object], Any]] = {
    Type.TEXT: _text,
    Type.INTEGER: _whole(Type.INTEGER),
    Type.SMALL: _whole(Type.SMALL),
    Type.REAL: _real,
    Type.FLAG: _flag,
    Type.INSTANT: _instant,
    Type.DAY: _day,
}


def _shown(value: object) -> str:
    """A value as it may stand in a message: short, and on one line."""
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
