"""The cases of the rules as examples for their reference: what differs from a flawless title, what the rule says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

Cell = bool | int | float | str | date
_ABOUT = ("name", "outcome", "action")


@dataclass(frozen=True, slots=True)
class Example:
    """One case of a rule."""

    name: str
    differences: tuple[str, ...]
    """What the case says that the flawless title does not, each as one line of text."""
    outcome: str
    action: str | None


def read_examples(folder: Path, rule: str) -> tuple[Example, ...]:
    """The examples of a rule, from the file of its cases. Raises OSError, tomllib.TOMLDecodeError, KeyError."""
    written = tomllib.loads((folder / f"{rule}.toml").read_text(encoding="utf-8"))
    return tuple(_example(case) for case in written["case"])


def _example(case: Mapping[str, Any]) -> Example:
    unknown_holds = "hold" if case["outcome"] == "unknown" else None
    differences = [line for key, value in case.items() if key not in _ABOUT for line in _lines(key, value)]
    return Example(case["name"], tuple(differences), case["outcome"], case.get("action", unknown_holds))


def _lines(key: str, value: Cell | dict[str, Cell] | list[dict[str, Cell]]) -> Iterator[str]:
    if key == "title" and isinstance(value, dict):
        yield from (f"{column} = {_text(cell)}" for column, cell in value.items())
    elif isinstance(value, dict | list):
        rows = [value] if isinstance(value, dict) else value
        yield f"{key}: " + ("; ".join(_row(row) for row in rows) or "—")
    else:
        yield f"{key} = {_text(value)}"


def _row(row: Mapping[str, Cell]) -> str:
    return ", ".join(f"{column} = {_text(cell)}" for column, cell in row.items()) or "✓"


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | int | float):
        return str(cell)
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cell) + '"'
