"""Cells that must not be taken for what they do not say: each is read rightly, or its row or file is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from tests.register.extracts import HEADER, fill_sheet, held, landed, number, row, sqlite, take
from tests.register.files import workbook

STATUSES = {"有效": "active", "已撤销": "revoked", "暂停": "suspended"}


def with_margins(path: Path, *columns: int) -> Path:
    """A table that begins in column B, and in other columns an empty cell merged over its rows."""

    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        rows = [row(serial, status=status) for serial, status in enumerate(STATUSES, start=1)]
        fill_sheet(book, sheet, [[None, *line] for line in (HEADER, *rows)])
        for column in columns:
            sheet.merge_range(1, column, 3, column, "", book.add_format({"border": 1}))

    return workbook(path, make)


def old_with_margins(path: Path, *columns: int) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    rows = [row(serial, status=status) for serial, status in enumerate(STATUSES, start=1)]
    for line, cells in enumerate((HEADER, *rows)):
        for column, cell in enumerate(cells):
            sheet.write(line, column + 1, cell)
    for column in columns:
        sheet.merge(1, 3, column, column)
    book.save(str(path))
    return path


Make = Callable[..., Path]


@pytest.mark.parametrize("columns", [(0,), (8,), (0, 8)])
@pytest.mark.parametrize(("make", "name"), [(with_margins, "a.xlsx"), (old_with_margins, "a.xls")])
def test_an_empty_merged_margin_gives_no_row_a_value(
    make: Make, name: str, columns: tuple[int, ...], tmp_path: Path
) -> None:
    store = sqlite(tmp_path)
    assert landed(take(store, make(tmp_path / name, *columns))) == {"imported": 3}
    assert held(store, tmp_path, "permit_number", "status") == [
        (number(serial), status) for serial, status in enumerate(STATUSES.values(), start=1)
    ]
