"""TOML files that people write: read whole, with the line of each place in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.errors import ConfigurationError
from compliance.language import worded

Location = tuple[str | int, ...]
"""A place in a file, such as ('regimes', 2, 'periods', 0, 'until')."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_NAME})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"^\s*({_NAME})\s*=")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """The text of a file, and what it says."""

    name: str
    text: str
    data: Mapping[str, Any]

    def line(self, location: Location) -> int:
        """The line (from 1) of a location; of the deepest table or key around it where the text does not have it.

        tomllib keeps no line numbers. What stands inside braces or brackets has the line of their key, and a table that
        has no line of its own that of the first one in it.
        """
        best_line, best_depth = 1, 0
        for number, found in _places(self.text):
            depth = min(len(found), len(location))
            if depth > best_depth and found[:depth] == location[:depth]:
                best_line, best_depth = number, depth
        return best_line


def read_toml(path: Path) -> TomlFile:
    """Raises ConfigurationError for a file that cannot be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of Windows put a mark before a text in UTF-8
    except (OSError, ValueError) as error:  # no UTF-8, or a name with a NUL
        raise ConfigurationError(
            worded(f"{path}：无法读取：{error}", f"{path}: cannot be read: {error}"),
            remedy=worded("指定可读的 UTF-8 TOML 文件", "name a readable TOML file in UTF-8"),
        ) from None
    try:
        return TomlFile(str(path), text, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # of ValueErrors one is for no TOML, one for numbers of 5,000 digits
        raise ConfigurationError(
            worded(f"{path}：不是有效的 TOML：{error}", f"{path}: not valid TOML: {error}"),
            remedy=worded(
                "文字加引号，日期不加；每行一个 键 = 值", "texts stand in quotes, days do not; one key = value a line"
            ),
        ) from None


def _places(text: str) -> Iterator[tuple[int, Location]]:
    """Each line that begins a table or has a key, with its location."""
    table: Location = ()
    counts: dict[Location, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _table(_parts(header[2]), counts, repeated=header[1] == "[[")
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def _parts(name: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, name)]


def _table(parts: list[str], counts: dict[Location, int], *, repeated: bool) -> Location:
    """The location of a table header, with the index of each array of tables on the way."""
    path: Location = ()
    for depth, part in enumerate(parts, start=1):
        path = (*path, part)
        if repeated and depth == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
