"""Rows as found: one DuckDB relation of texts for all files of an extract, and rows that could not be taken apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from compliance.catalog.sources import Signature, quoted, signature
from compliance.language import worded
from compliance.register.errors import ExtractError
from compliance.register.headers import Header
from compliance.register.vocabulary import FIELDS, SHEET_WORDS
from compliance.rules.model import Bilingual


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet, or one text file: the rows of `found` from `first` on."""

    name: str
    """The file, and for a workbook the sheet."""
    first: int
    """The rowid of its first row in `found`."""
    line: int
    """The line (from 1) on which that row stands."""
    fields: frozenset[str]
    """Fields that it has a column for."""
    lines: Sequence[int] | None = None
    """The line of each row, where they do not follow each other."""


ODD = (duckdb.InvalidInputException, duckdb.ConversionException)
"""What DuckDB raises in the middle of a text file that is not well-formed."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A text file that looks well-formed, not read yet."""

    path: Path
    line: int
    """The line (from 1) on which the first row stands."""
    fields: frozenset[str]
    """Fields that it has a column for."""
    select: str
    """A SELECT of the columns of `found`; it raises one of ODD where the file is odd after all."""
    signature: Signature
    copy: Callable[[], None]
    """Puts its rows into the table `found`, however odd the file is."""


@dataclass(slots=True)
class Found:
    """Everything that was read, in the connection's relations `found` and `broken`.

    `found`: a VARCHAR column for each of FIELDS, NULL where the file has no such column, and `damaged`, true where a
    cell is known to have lost what stood in it. `broken` (place, text, reason): rows that fit no column.
    An extract of one text file is not copied: `found` is a view of the file until somebody needs to go back to a row.
    """

    con: duckdb.DuckDBPyConnection
    sources: list[Source] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    """Fields that some file has a column for."""
    headers: list[str] = field(default_factory=list)
    """What stands in the headers of all files."""
    notes: list[Bilingual] = field(default_factory=list)
    """What was left out: sheets without a header, hidden sheets, columns of no field."""
    extracted_on: date | None = None
    """The latest day that a file says it was taken on."""
    stream: Stream | None = None
    """The file that `found` is a view of."""

    def add_stream(self, stream: Stream) -> None:
        """Take a text file's rows: by and by if it is the first file of the extract, at once if there are others."""
        if self.sources:
            stream.copy()
            return
        self.stream = stream
        self.sources.append(Source(stream.path.name, 0, stream.line, stream.fields))
        self.con.execute("DROP TABLE found")
        self.con.execute(f"CREATE VIEW found AS {stream.select}")

    def settle(self) -> None:
        """Make a table of `found`, whose rows stand in the order of the file."""
        stream, self.stream = self.stream, None
        if stream is None:
            return
        self.con.execute("DROP VIEW found")
        self.sources.clear()
        _new_table(self.con)
        stream.copy()
        if signature(stream.path) != stream.signature:
            raise ExtractError(
                worded(f"{stream.path}：读取期间被改动", f"{stream.path}: changed while it was read"),
                remedy=worded("重新导入", "repeat the import"),
            )

    def rows(self) -> int:
        """Rows in the table `found`."""
        self.settle()
        (count,) = self.con.execute("SELECT count(*) FROM found").fetchall()[0]
        return int(count)

    def place(self, rowid: int) -> str:
        """Where a row of `found` stands: file, sheet and line, blank lines not counted."""
        source = self.sources[bisect_right([source.first for source in self.sources], rowid) - 1]
        offset = rowid - source.first
        line = source.line + offset if source.lines is None else source.lines[offset]
        return f"{source.name}:{line}"

    def filled(self) -> list[Source]:
        """The sources that have rows."""
        if len(self.sources) < 2:
            return self.sources
        ends = [*(source.first for source in self.sources[1:]), self.rows()]
        return [source for source, end in zip(self.sources, ends, strict=True) if source.first < end]

    def told(self) -> dict[str, str]:
        """For each of `fields` a condition on row_no: whether a row's own source has a column for it.

        What a row is not told it does not deny: another file or sheet of the extract may have the column.
        """
        sources = self.filled()
        lacking = {name: any(name not in source.fields for source in sources) for name in self.fields}
        return {name: _in_some(sources, name) if lacks else "TRUE" for name, lacks in lacking.items()}

    def note(self, zh: str, en: str) -> None:
        """Note what a person should know and what is no error."""
        self.notes.append(Bilingual(zh, en))

    def add_header(self, name: str, header: Header) -> None:
        """Take the fields of a file or sheet, and note its columns that name none.

        Those that the gate itself adds to rejected rows are no news.
        """
        self.fields |= set(header.columns)
        self.headers += header.cells
        if unused := [header for header in header.ignored if header not in SHEET_WORDS.values()]:
            listed = ", ".join(unused)
            self.note(f"{name}：未使用的列：{listed}", f"{name}: columns not used: {listed}")

    def tell(self, day: date | None) -> None:
        """Note the day on which a file was taken."""
        if day is not None and (self.extracted_on is None or day > self.extracted_on):
            self.extracted_on = day


def new_found(con: duckdb.DuckDBPyConnection) -> Found:
    """Make the empty tables."""
    _new_table(con)
    con.execute("CREATE OR REPLACE TABLE broken (place VARCHAR, text VARCHAR, reason VARCHAR)")
    return Found(con)


def _in_some(sources: Sequence[Source], field: str) -> str:
    """Whether row_no is among the rows of a source that has the field; `sources` have all rows, in their order."""
    ends = [f"row_no < {source.first}" for source in sources[1:]] + ["TRUE"]
    cases = " ".join(f"WHEN {end} THEN {field in source.fields}" for source, end in zip(sources, ends, strict=True))
    return f"CASE {cases} END"


def _new_table(con: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in FIELDS)
    con.execute(f"CREATE TABLE found ({columns}, damaged BOOLEAN)")


def selection(columns: Mapping[str, int], *, prefix: str = "c") -> str:
    """The columns of `found` from those of a source named c0, c1 …"""
    return ", ".join(
        f"{prefix}{columns[name]} AS {quoted(name)}" if name in columns else f"NULL AS {quoted(name)}"
        for name in FIELDS
    )
