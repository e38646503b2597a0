"""Workbooks: xlsx and xls, read by calamine once they have been looked through."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from compliance.language import worded
from compliance.register.archives import Inside, Lost, look_inside
from compliance.register.errors import ExtractError
from compliance.register.found import Found, Source, selection
from compliance.register.headers import Header, extracted_on, find_header
from compliance.register.vocabulary import LIMITS, NEEDED_FIELDS

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


_BATCH_ROWS = 50_000
_EXACT_DIGITS = 15
"""Excel keeps no more digits of a number."""
_TEXTS = ("permit_number", "title_name", "alt_name", "producer")
"""Fields in which a day or a rounded number means that Excel has changed what somebody typed."""
_TIMES = ("issued_on", "reported_at", "updated_at")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_FOUR_YEARS = 1462
"""Days between the days from which Excel counts: from 1900, and on old Macs from 1904."""
_LOST = object()
"""A cell in error, or a formula without its result: what it said is not known, so it is not empty."""


def read_workbook(found: Found, path: Path, chosen: Mapping[str, str]) -> None:
    """Add the rows of every visible sheet that has a header. Raises ExtractError for what is refused or has none."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    inside = look_inside(path)
    taken = 0
    try:
        with CalamineWorkbook.from_path(path) as book:
            for sheet in book.sheets_metadata:
                if sheet.visible != SheetVisibleEnum.Visible:
                    found.note(
                        f"{path.name}：工作表“{sheet.name}”是隐藏的，未读取",
                        f"{path.name}: sheet {sheet.name} is hidden and was not read",
                    )
                    continue
                taken += _read_sheet(found, path, book.get_sheet_by_name(sheet.name), chosen, inside)
    except PasswordError:
        raise ExtractError(
            worded(f"{path}：有密码", f"{path}: locked with a password"),
            remedy=worded("去掉密码后另存", "save it without one"),
        ) from None
    except CalamineError as error:
        raise ExtractError(
            worded(f"{path}：损坏或被截断：{error}", f"{path}: damaged or cut off: {error}"),
            remedy=worded("取得完整的文件", "get the whole file"),
        ) from None
    if not taken:
        raise ExtractError(
            worded(
                f"{path}：没有一张工作表的前 {LIMITS['header_lines']} 行中有含备案号和节目名称的表头",
                f"{path}: no sheet has a header with a permit number and a title name in its first"
                f" {LIMITS['header_lines']} lines",
            ),
            remedy=worded(
                "核对是否备案系统导出的文件；少见的表头用 --column FIELD=HEADER 指明",
                "see that it is an extract of a filing system; name unusual headers with --column FIELD=HEADER",
            ),
        )


def _read_sheet(found: Found, path: Path, sheet: CalamineSheet, chosen: Mapping[str, str], inside: Inside) -> int:
    """Add the sheet's rows; 1 if it has a header, else 0."""
    name = f"{path.name}[{sheet.name}]"
    lost = inside.lost_in(sheet.name)
    rows = _marked(sheet, lost) if lost else _rows(sheet)
    head = list(itertools.islice(rows, LIMITS["header_lines"]))
    texts = [[_text(cell) for cell in row] for row in head]
    header = find_header(texts, chosen, name)
    if header is None:
        if any(any(row) for row in texts):
            found.note(f"{name}：没有表头，未读取", f"{name}: no header, not read")
        return 0
    found.tell(extracted_on(texts[: header.line]))
    found.add_header(name, header)
    found.sources.append(Source(name, found.rows(), header.line + 2, header.fields))
    filled = _Merged(sheet).fill(itertools.chain(head[header.line + 1 :], rows), header.line + 1)
    columns = selection({field: place for place, field in enumerate(header.columns)})
    line = header.line + 2
    while batch := list(itertools.islice(filled, _BATCH_ROWS)):
        _set_apart(found, name, header, batch, line)
        line += len(batch)
        found.con.register("cells", _table(batch, header, from_1904=inside.from_1904))
        found.con.execute(f"INSERT INTO found SELECT {columns}, damaged FROM cells")
        found.con.unregister("cells")
    return 1


def _set_apart(found: Found, name: str, header: Header, rows: list[list[Any]], line: int) -> None:
    """Reject rows that fit no column; the first of `rows` stands in that line. Blank rows stay in their stead, so that
    the others keep their places."""
    if header.raw_text is None and not header.unnamed:
        return
    told = []
    for n, row in enumerate(rows):
        texts = ["#N/A" if cell is _LOST else _text(cell) for cell in row]
        if text := header.uncorrected(texts):
            told.append((f"{name}:{line + n}", text, "uncorrected"))
        elif header.says_more(texts):
            told.append((f"{name}:{line + n}", "\t".join(texts).strip("\t"), "columns"))
            rows[n] = [""] * len(row)
    if told:
        found.con.executemany("INSERT INTO broken VALUES (?, ?, ?)", told)


def _rows(sheet: CalamineSheet) -> Iterator[list[Any]]:
    return iter(sheet.iter_rows()) if sheet.height else iter(())


def _marked(sheet: CalamineSheet, lost: Lost) -> Iterator[list[Any]]:
    """The rows, with _LOST for each cell that calamine gives as an empty one though it has lost what stood in it.

    Where nothing else stands in the last rows, calamine does not give these at all.
    """
    left, width = _left(sheet), sheet.width
    last = max(sheet.end[0] if sheet.end else 0, *lost)
    unread = ([""] * width for _ in itertools.count())
    for line, row in zip(range(last + 1), itertools.chain(_rows(sheet), unread), strict=False):
        for column in lost.get(line, ()):
            if 0 <= column - left < width:
                row[column - left] = _LOST
        yield row


def _left(sheet: CalamineSheet) -> int:
    """How many empty columns at the left calamine leaves out; it leaves out no rows."""
    return sheet.start[1] if sheet.start else 0


@dataclass(frozen=True, slots=True)
class _Span:
    column: int
    first: int
    last: int


class _Merged:
    """Cells merged downwards hold their value in the first row only: the rows below get it, too."""

    def __init__(self, sheet: CalamineSheet) -> None:
        left = _left(sheet)
        ranges = sheet.merged_cell_ranges or ()
        spans = (_Span(start[1] - left, start[0], end[0]) for start, end in ranges if end[0] > start[0])
        # Merged cells without content, as in a margin, may stand beside all columns that were read.
        self._spans = sorted((span for span in spans if 0 <= span.column < sheet.width), key=lambda span: span.first)

    def fill(self, rows: Iterator[list[Any]], first: int) -> Iterator[list[Any]]:
        """The rows, of which the first stands in line `first` of the sheet."""
        if not self._spans:
            yield from rows
            return
        waiting = [span for span in self._spans if span.first >= first]
        running: list[tuple[_Span, Any]] = []
        for line, row in enumerate(rows, start=first):
            running = [(span, value) for span, value in running if span.last >= line]
            for span, value in running:
                row[span.column] = value
            while waiting and waiting[0].first == line:
                span = waiting.pop(0)
                running.append((span, row[span.column]))
            yield row


def _table(rows: list[list[Any]], header: Header, *, from_1904: bool) -> pa.Table:
    """The cells of the header's fields as texts, c0 and so on in the fields' order."""
    columns = list(zip(*rows, strict=True))
    damaged = [False] * len(rows)
    texts = []
    for field, place in header.columns.items():
        cells = columns[place]
        if not all(type(cell) is str for cell in cells):
            is_damaged = _is_damaged if field in _TEXTS else _is_lost
            damaged = [bad or is_damaged(cell) for bad, cell in zip(damaged, cells, strict=True)]
        said = [cell if type(cell) is str else _text(cell) for cell in cells]
        if from_1904 and field in _TIMES:
            said = list(map(_from_1900, said))
        texts.append(pa.array(said, pa.string()))
    # Formulas drawn down further than the table stand in rows of nothing: no row is lost with these.
    needed = [header.columns[field] for field in NEEDED_FIELDS]
    damaged = [bad and any(row[place] != "" for place in needed) for bad, row in zip(damaged, rows, strict=True)]
    names = [f"c{place}" for place in range(len(texts))]
    return pa.table([*texts, pa.array(damaged, pa.bool_())], names=[*names, "damaged"])


def _is_lost(cell: object) -> bool:
    return cell is _LOST


def _is_damaged(cell: object) -> bool:
    if isinstance(cell, float):
        return abs(cell) >= float(10**_EXACT_DIGITS)
    return not isinstance(cell, str | int)


def _from_1900(text: str) -> str:
    """Excel's number of a day from 1904 as the one from 1900. calamine converts only cells that are shown as days."""
    return str(float(text) + _FOUR_YEARS) if _SERIAL.fullmatch(text) else text


def _text(cell: object) -> str:
    """A cell as one would have typed it; a whole number has no point."""
    if isinstance(cell, str):
        return cell
    if cell is _LOST:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
