"""Sheets that people open: CSV with a byte order mark, or xlsx, by the file's name; nothing in them is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.errors import ConfigurationError
from compliance.language import worded

if TYPE_CHECKING:
    from xlsxwriter import Workbook

Cell = object

_FORMULA = re.compile(r"^'*[=+@-]")


def write_sheet(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str = "Sheet1") -> Path:
    """Write one sheet, whole or not at all. Raises ConfigurationError for another kind of file."""
    return write_sheets(path, [(title, headers, rows)])


def write_sheets(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> Path:
    """Write a workbook of several sheets (title, headers, rows), or the first of them as CSV."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise ConfigurationError(
            worded(f"{path}：不是 .csv 或 .xlsx", f"{path}: neither .csv nor .xlsx"),
            remedy=worded("写成其中一种文件", "name a file of one of these kinds"),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        if kind == ".csv":
            _write_csv(unfinished, *sheets[0][1:])
        else:
            _write_workbook(unfinished, sheets)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows([_guarded(_plain(cell)) for cell in row] for row in rows)


def _write_workbook(path: Path, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> None:
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    try:
        with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
            _fill(book, sheets)
    except FileCreateError as error:
        raise error.args[0] from None  # the OSError, as where a CSV file cannot be written


def _fill(book: Workbook, sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> None:
    bold = book.add_format({"bold": True})
    for title, headers, rows in sheets:
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            sheet.set_column(column, column, 22)
            sheet.write_string(0, column, header, bold)
        for line, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if (text := _plain(cell)) != "":
                    sheet.write_string(line, column, _guarded(text) if text.startswith("'") else text)


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _guarded(text: str) -> str:
    """What a spreadsheet would take for a formula, with an apostrophe before it; the import takes one away again."""
    return f"'{text}" if _FORMULA.match(text) else text
