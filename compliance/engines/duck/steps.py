"""The numbered steps that build the facts: one SELECT a file in `sql/facts/`, run in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from compliance.errors import ConfigurationError
from compliance.resources import sql_folder

Value = bool | int | float | str | date | list[str]

_HEAD = re.compile(r"^-- (table|view): ([a-z_]+)$")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Step:
    """One file: a relation that it makes, as a view or a table."""

    kind: Literal["table", "view"]
    relation: str
    select: str
    path: Path


def read_steps(folder: Path | None = None) -> list[Step]:
    """The steps in order of their file names. Raises ConfigurationError for a file without a head line."""
    return [_step(path) for path in sorted((folder or sql_folder() / "facts").glob("*.sql"))]


def _step(path: Path) -> Step:
    head, _, select = path.read_text(encoding="utf-8").partition("\n")
    named = _HEAD.match(head)
    if named is None:
        raise ConfigurationError(f"{path}:1: the first line must be `-- table: name` or `-- view: name`")
    return Step("table" if named[1] == "table" else "view", named[2], select, path)


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
