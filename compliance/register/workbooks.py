"""Workbooks: xlsx and xls by calamine, looked through for what must not be opened before a cell is read."""

from __future__ import annotations

import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from compliance.language import Message, worded
from compliance.register.errors import ExtractError
from compliance.register.found import Found, Source, selection
from compliance.register.headers import Header, extracted_on, find_header
from compliance.register.vocabulary import LIMITS

if TYPE_CHECKING:
    from python_calamine import CalamineSheet


_ZIP_MARK = b"PK\x03\x04"
_SAVE_PLAIN = Message(
    "在安全的环境打开，另存为普通 .xlsx 再导入", "open it where that is safe, save it as a plain .xlsx, and import that"
)
_HOLDS = Message("工作簿含有{what}", "the workbook holds {what}")
_MACROS = Message("宏", "macros")
_LINKS = Message("指向其他文件的链接", "links to other files")
_PASSWORD = Message("密码", "a password")
_BLOCK = 1 << 22
_OVERLAP = 64
_WIDE_CELL = re.compile(rb'<c\b[^>]{0,40}?\br="([A-Z]{2,3})[0-9]')
_ROW = re.compile(rb'<row\b[^>]{0,40}?\br="([0-9]{1,9})"')
_BATCH_ROWS = 50_000
_EXACT_DIGITS = 15
"""Excel keeps no more digits of a number."""
_TEXTS = ("permit_number", "title_name", "alt_name", "producer")
"""Fields in which a day or a rounded number means that Excel has changed what somebody typed."""


def read_workbook(found: Found, path: Path, chosen: Mapping[str, str]) -> None:
    """Add the rows of every visible sheet that has a header. Raises ExtractError for what is refused or has none."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    _refuse_dangerous(path)
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
                taken += _read_sheet(found, path, book.get_sheet_by_name(sheet.name), chosen)
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


def _refuse_dangerous(path: Path) -> None:
    with path.open("rb") as file:
        mark = file.read(8)
    size = path.stat().st_size
    if size > LIMITS["workbook_bytes"]:
        raise ExtractError(
            worded(
                f"{path}：{size:,} 字节，超过工作簿的上限 {LIMITS['workbook_bytes']:,}",
                f"{path}: {size:,} bytes, more than {LIMITS['workbook_bytes']:,} for a workbook",
            ),
            remedy=worded("另存为 CSV，或拆分", "save it as CSV, or split it"),
        )
    if mark.startswith(_ZIP_MARK):
        try:
            with zipfile.ZipFile(path) as archive:
                _refuse_parts(path, archive.infolist())
                _look_through(path, archive)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, ValueError) as error:
            raise ExtractError(
                worded(f"{path}：损坏或被截断：{error}", f"{path}: damaged or cut off: {error}"),
                remedy=worded("取得完整的文件", "get the whole file"),
            ) from None
        except RuntimeError as error:  # zipfile's word for a locked part
            raise ExtractError(
                f"{path}: {error}", remedy=worded("去掉密码后另存", "save it without a password")
            ) from None
    else:
        _refuse_old(path)


def _refuse_parts(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """What the list of contents tells: macros, links to other files, and more than may be unpacked."""
    names = [part.filename.lower().lstrip("/") for part in parts]
    for what, word in (
        (_MACROS, "vbaproject"),
        (_LINKS, "xl/externallinks/"),
        (_MACROS, "macrosheets/"),
    ):
        if any(word in name for name in names):
            raise ExtractError(f"{path}: " + _HOLDS(what=what()), remedy=_SAVE_PLAIN())
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, path.stat().st_size)
    if unpacked > LIMITS["unpacked_bytes"] or unpacked / packed > LIMITS["unpacked_ratio"]:
        raise ExtractError(
            worded(
                f"{path}：{packed:,} 字节解开后为 {unpacked:,}；上限为 {LIMITS['unpacked_bytes']:,} 字节、"
                f"{LIMITS['unpacked_ratio']} 倍",
                f"{path}: {packed:,} bytes would unpack to {unpacked:,}; the bounds are {LIMITS['unpacked_bytes']:,}"
                f" bytes and {LIMITS['unpacked_ratio']} times",
            ),
            remedy=worded("如确系导出的文件，另存为 CSV", "if it is an honest extract, save it as CSV"),
        )


def _look_through(path: Path, archive: zipfile.ZipFile) -> None:
    """Unpack every part once, in a stream: its size and checksum must be what the list says, its cells few enough.

    A sheet is read into a rectangle that reaches from its first cell to its last: two cells can fill the memory.
    """
    for part in archive.infolist():
        sheet = part.filename.lower().startswith("xl/worksheets/")
        width, height, rest = 26, 0, b""
        with archive.open(part) as stream:
            while block := stream.read(_BLOCK):
                if not sheet:
                    continue
                text = rest + block
                width = max([width, *(_column(letters) for letters in set(_WIDE_CELL.findall(text)))])
                height = max([height, *map(int, _ROW.findall(text))])
                rest = text[-_OVERLAP:]
        if width * height > LIMITS["cells"]:
            raise ExtractError(
                worded(
                    f"{path}：{part.filename} 跨 {height:,} 行、{width:,} 列",
                    f"{path}: {part.filename} spans {height:,} rows and {width:,} columns",
                ),
                remedy=worded(
                    "删去远离表格的内容，或另存为 CSV", "delete what stands far from the table, or save it as CSV"
                ),
            )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refuse_old(path: Path) -> None:
    """An xls is a small file system; its folders are named in UTF-16."""
    content = path.read_bytes()
    for what, name in ((_MACROS, "_VBA_PROJECT"), (_PASSWORD, "EncryptedPackage")):
        if name.encode("utf-16-le") in content:
            raise ExtractError(f"{path}: " + _HOLDS(what=what()), remedy=_SAVE_PLAIN())


def _read_sheet(found: Found, path: Path, sheet: CalamineSheet, chosen: Mapping[str, str]) -> int:
    """Add the sheet's rows; 1 if it has a header, else 0."""
    name = f"{path.name}[{sheet.name}]"
    rows = iter(sheet.iter_rows()) if sheet.height else iter(())
    head = list(itertools.islice(rows, LIMITS["header_lines"]))
    texts = [[_text(cell) for cell in row] for row in head]
    header = find_header(texts, chosen, name)
    if header is None:
        if any(any(row) for row in texts):
            found.note(f"{name}：没有表头，未读取", f"{name}: no header, not read")
        return 0
    found.tell(extracted_on(texts[: header.line]))
    found.add_header(name, header)
    found.sources.append(Source(name, found.rows(), header.line + 2))
    filled = _Merged(sheet).fill(itertools.chain(head[header.line + 1 :], rows), header.line + 1)
    columns = selection({field: place for place, field in enumerate(header.columns)})
    while batch := list(itertools.islice(filled, _BATCH_ROWS)):
        found.con.register("cells", _table(batch, header))
        found.con.execute(f"INSERT INTO found SELECT {columns}, damaged FROM cells")
        found.con.unregister("cells")
    return 1


@dataclass(frozen=True, slots=True)
class _Span:
    column: int
    first: int
    last: int


class _Merged:
    """Cells merged downwards hold their value in the first row only: the rows below get it, too."""

    def __init__(self, sheet: CalamineSheet) -> None:
        left = sheet.start[1] if sheet.start else 0  # calamine leaves out empty columns at the left, but no rows
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


def _table(rows: list[list[Any]], header: Header) -> pa.Table:
    """The cells of the header's fields as texts, c0 and so on in the fields' order."""
    columns = list(zip(*rows, strict=True))
    damaged = [False] * len(rows)
    texts = []
    for field, place in header.columns.items():
        cells = columns[place]
        if not all(type(cell) is str for cell in cells) and field in _TEXTS:
            damaged = [bad or _is_damaged(cell) for bad, cell in zip(damaged, cells, strict=True)]
        texts.append(pa.array([cell if type(cell) is str else _text(cell) for cell in cells], pa.string()))
    names = [f"c{place}" for place in range(len(texts))]
    return pa.table([*texts, pa.array(damaged, pa.bool_())], names=[*names, "damaged"])


def _is_damaged(cell: object) -> bool:
    if isinstance(cell, float):
        return abs(cell) >= float(10**_EXACT_DIGITS)
    return not isinstance(cell, str | int)


def _text(cell: object) -> str:
    """A cell as one would have typed it; a whole number has no point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
