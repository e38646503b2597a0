"""A workbook being written row by row, so that memory stays bounded; its cells hold values, never formulas or links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from compliance.reports.cells import rows_as_xml
from compliance.reports.texts import TEXTS, clean

SHEET_ROWS = 1_000_000
"""Rows of one sheet, below the header; Excel holds 1,048,576."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_CELL_LIMIT = 32_767
"""Characters (of UTF-16) that Excel takes in one cell."""
_CODED = re.compile("(_x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; widths are in characters of Latin text, of which Chinese takes two."""

    header: str
    width: int
    fill_in: bool = False
    """To be filled in by whoever gets the workbook."""


@contextmanager
def opened_book(path: Path, language: str) -> Iterator[Book]:
    """A workbook at `path`, closed at the end, in which words are in `language` (zh or en)."""
    book = Book(path, language)
    try:
        yield book
    finally:
        book.book.close()


class Book:
    """A workbook being written."""

    def __init__(self, path: Path, language: str) -> None:
        self.language = language
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._head = self.book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F2F4", "text_wrap": True})
        self._asked = self.book.add_format({"bold": True, "bottom": 1, "bg_color": "#FFF2CC", "text_wrap": True})
        self._blank = self.book.add_format({"bg_color": "#FFFBEB", "border": 1, "border_color": "#D9DDE1"})
        self._number = self.book.add_format({"num_format": "#,##0"})
        self._share = self.book.add_format({"num_format": "0.0%"})
        self._day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self._instant = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        # The mark that Excel itself sets for text typed after an apostrophe: editing the cell keeps it text.
        self._quoted = self.book.add_format({"quote_prefix": True, "num_format": "@"})

    def word(self, key: str) -> str:
        """A text of the report in the workbook's language."""
        return TEXTS[key][self.language]

    def columns(self, *columns: tuple[str, int], fill_in: Sequence[tuple[str, int]] = ()) -> list[Column]:
        """Columns by the keys of their headers; those to be filled in come last."""
        given = [Column(self.word(key), width) for key, width in columns]
        return given + [Column(self.word(key), width, fill_in=True) for key, width in fill_in]

    def sheets(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], size: int) -> list[Worksheet]:
        """One table over as many sheets as it needs, each with header, filter and frozen panes."""
        waiting = iter(rows)
        written = []
        for part in range(max(1, -(-size // SHEET_ROWS))):
            sheet = self._sheet(name if part == 0 else f"{name} {part + 1}", columns)
            last = 0
            for last, row in enumerate(islice(waiting, SHEET_ROWS), start=1):
                for place, value in enumerate(row):
                    self._put(sheet, last, place, value)
            sheet.autofilter(0, 0, last, len(columns) - 1)
            written.append(sheet)
        return written

    def listed(
        self, name: str, columns: Sequence[Column], con: duckdb.DuckDBPyConnection, query: str, size: int
    ) -> list[Worksheet]:
        """The rows of a query in the same way; DuckDB makes the cells, for lists may be very long."""
        styles = {"DATE": _style(self._day), "TIMESTAMP": _style(self._instant), "INTEGER": _style(self._number)}
        rows = rows_as_xml(con, query, sheet_rows=SHEET_ROWS, styles=styles, careful=self._text_cell)
        written = []
        for part in range(max(1, -(-size // SHEET_ROWS))):
            sheet = self._sheet(name if part == 0 else f"{name} {part + 1}", columns)
            sheet._write_single_row(1)  # noqa: SLF001 - the header goes out before the rows that follow it
            last = sum(1 for row in islice(rows, SHEET_ROWS) if sheet.fh.write(row))
            sheet.dim_rowmax = max(sheet.dim_rowmax, last)
            sheet.autofilter(0, 0, last, len(columns) - 1)
            written.append(sheet)
        return written

    def _sheet(self, name: str, columns: Sequence[Column]) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, self._blank if column.fill_in else None)
            sheet.write_string(0, place, column.header, self._asked if column.fill_in else self._head)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        return sheet

    def _put(self, sheet: Worksheet, row: int, column: int, value: object) -> None:
        """Write one cell; nothing for None."""
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._instant)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._day)
        elif isinstance(value, Share):
            sheet.write_number(row, column, value.of_one, self._share)
        elif isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
            sheet.write_number(row, column, value, self._number)
        elif value is not None:
            text = clean(str(value), _CELL_LIMIT // 2)
            sheet.write_string(row, column, text, self._quoted if starts_formula(text) else None)

    def _text_cell(self, value: str) -> str:
        """A text's cell as XML, after its place."""
        text = clean(value, _CELL_LIMIT)
        if len(text.encode("utf-16-le")) > 2 * _CELL_LIMIT:
            text = text[: _CELL_LIMIT // 2]
        style = _style(self._quoted) if starts_formula(text) else ""
        space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "")
        # Excel reads _x0041_ as a character given by its code: the first underscore is given by its own.
        if "_x" in escaped:
            escaped = _CODED.sub(r"_x005F\1", escaped)
        return f'{style} t="inlineStr"><is><t{space}>{escaped}</t></is></c>'


def _style(form: Format) -> str:
    return f' s="{form._get_xf_index()}"'  # noqa: SLF001 - the only way to name a format in XML


@dataclass(frozen=True, slots=True)
class Share:
    """A part of one, shown in percent."""

    of_one: float


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula where it was typed."""
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
