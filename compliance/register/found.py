"""Rows as found: one DuckDB table of texts for all files of an extract, and the rows that could not be taken apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from compliance.catalog.sources import quoted
from compliance.register.vocabulary import FIELDS


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet, or one text file: the rows of `found` from `first` on."""

    name: str
    """The file, and for a workbook the sheet."""
    first: int
    """The rowid of its first row in `found`."""
    line: int
    """The line (from 1) on which that row stands."""
    lines: Sequence[int] | None = None
    """The line of each row, where they do not follow each other."""


@dataclass(slots=True)
class Found:
    """Everything that was read, in the connection's tables `found` and `broken`.

    `found`: a VARCHAR column for each of FIELDS, NULL where the file has no such column, and `damaged`, true where a
    cell is known to have lost what stood in it. `broken` (place, text, reason): rows that fit no column.
    """

    con: duckdb.DuckDBPyConnection
    sources: list[Source] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    """Fields that some file has a column for."""
    notes: list[str] = field(default_factory=list)
    """What was left out: sheets without a header, hidden sheets, columns of no field."""
    extracted_on: date | None = None
    """The latest day that a file says it was taken on."""

    def rows(self) -> int:
        """Rows in `found`."""
        (count,) = self.con.execute("SELECT count(*) FROM found").fetchall()[0]
        return int(count)

    def place(self, rowid: int) -> str:
        """Where a row of `found` stands: file, sheet and line, blank lines not counted."""
        source = self.sources[bisect_right([source.first for source in self.sources], rowid) - 1]
        offset = rowid - source.first
        line = source.line + offset if source.lines is None else source.lines[offset]
        return f"{source.name}:{line}"

    def tell(self, day: date | None) -> None:
        """Note the day on which a file was taken."""
        if day is not None and (self.extracted_on is None or day > self.extracted_on):
            self.extracted_on = day


def new_found(con: duckdb.DuckDBPyConnection) -> Found:
    """Make the empty tables."""
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in FIELDS)
    con.execute(f"CREATE OR REPLACE TABLE found ({columns}, damaged BOOLEAN)")
    con.execute("CREATE OR REPLACE TABLE broken (place VARCHAR, text VARCHAR, reason VARCHAR)")
    return Found(con)


def selection(columns: Mapping[str, int], *, prefix: str = "c") -> str:
    """The columns of `found` from those of a source named c0, c1 …"""
    return ", ".join(
        f"{prefix}{columns[name]} AS {quoted(name)}" if name in columns else f"NULL AS {quoted(name)}"
        for name in FIELDS
    )


def shown(path: Path) -> str:
    """A file's name in messages."""
    return path.name
