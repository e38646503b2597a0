"""The numbered steps that build the facts: one SELECT a file in `sql/facts/`, run in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, get_args

from compliance.catalog.schema import SYSTEMS
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy import Policy
from compliance.resources import sql_folder

Value = bool | int | float | str | date | list[str]

_HEAD = re.compile(r"^-- ([a-z]+): ([a-z_]+)(, joined as written)?$")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


Kind = Literal["view", "table", "scratch", "repeated"]
"""A scratch table serves later steps alone and is dropped when the facts are gathered; `repeated` is one of the whole
numbers that a SELECT of one column gives more than once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file: a relation that it makes."""

    kind: Kind
    relation: str
    select: str
    path: Path
    as_written: bool
    """Joins are made in the order in which they stand, the right side kept and the left one streamed past it: over
    views of views DuckDB guesses sizes wrong and turns them round."""


def read_steps(folder: Path | None = None) -> list[Step]:
    """The steps in order of their file names. Raises ConfigurationError for a file without a head line."""
    return [_step(path) for path in sorted((folder or sql_folder() / "facts").glob("*.sql"))]


def _step(path: Path) -> Step:
    head, _, select = path.read_text(encoding="utf-8").partition("\n")
    named = _HEAD.match(head)
    for kind in get_args(Kind):
        if named is not None and named[1] == kind:
            return Step(kind, named[2], select, path, as_written=named[3] is not None)
    kinds = ", ".join(f"`-- {kind}: name`" for kind in get_args(Kind))
    raise ConfigurationError(
        worded(f"{path}:1：第一行必须是以下之一：{kinds}", f"{path}:1: the first line must be one of {kinds}")
    )


def step_values(policy: Policy, as_of: date, stale: Collection[str]) -> dict[str, Value]:
    """What the steps may name as `:name`: the as-of day and the one after, stale systems, settings of the policy."""
    return {
        **{name: setting.value for name, setting in policy.settings.items()},
        "as_of": as_of,
        "day_after": as_of + timedelta(days=1),
        **{f"{system}_stale": system in stale for system in SYSTEMS},
    }


def with_values(sql: str, values: Mapping[str, Value]) -> str:
    """The SQL with every `:name` written as a literal. Raises KeyError for a name without a value."""
    return _PARAMETER.sub(lambda found: literal(values[found[1]]), sql)


def literal(value: Value | None) -> str:
    """A value as an SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]::VARCHAR[]"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    quoted = value.replace("'", "''")
    return f"'{quoted}'"
