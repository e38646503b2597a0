"""Files for tests that no extract should look like, and yet some do; GOOD rows and how they are SEEN once imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
import xlwt

from tests.register.extracts import HEADER, number, row

GOOD = (HEADER, row(1), row(2))
SEEN = [
    (number(1), "剧1", "某某影视", date(2026, 5, 25), "active"),
    (number(2), "剧2", "某某影视", date(2026, 5, 25), "active"),
]
SHOWN = ("permit_number", "title_name", "producer", "issued_on", "status")


def raw(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def old_workbook(path: Path, lines: Sequence[Sequence[Any]]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for line, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            sheet.write(line, column, cell, *([day] if isinstance(cell, date) else []))
    book.save(str(path))
    return path


def workbook(path: Path, make: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        make(book)
    return path
