"""How a text file is to be read: its encoding, its delimiter, and where its header stands."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance.language import Message, worded
from compliance.register.errors import ExtractError
from compliance.register.headers import Header, find_header
from compliance.register.vocabulary import LIMITS

_HEAD_BYTES = 1 << 20
_DELIMITERS = (",", "\t", ";", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
SAVE_AGAIN = Message("重新导出，或用 Excel 另存为 .xlsx", "export it again, or save it in Excel as .xlsx")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is to be read."""

    delimiter: str
    header: Header
    rows: int
    """Rows up to and with the header."""
    lines: int
    """Physical lines of these rows."""
    line_end: str
    """The character with which a line ends."""

    def is_plain(self, encoding: str) -> bool:
        """Whether DuckDB can read the file in that encoding from the header on, and there is nothing to see to."""
        return encoding.startswith("utf-8") and self.rows == self.lines and self.header.raw_text is None


def encoding_of(path: Path) -> str:
    """The encoding by its mark, or by what its first bytes can be. Raises ExtractError for what is no text."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise ExtractError(
            worded(f"{path}：既不是工作簿也不是文本", f"{path}: neither a workbook nor text"), remedy=SAVE_AGAIN()
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def find_layout(path: Path, encoding: str, chosen: Mapping[str, str]) -> tuple[Layout, list[list[str]]]:
    """The layout, whose delimiter is the one by which most fields of a header are found; and the rows above the header.

    Raises ExtractError where there is no header.
    """
    head = _head(path, encoding)
    line_end = "\n" if "\n" in head else "\r"
    best: tuple[Layout, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        rows, ends = _first_rows(head, delimiter)
        header = find_header(rows, chosen, path.name)
        if header and (best is None or len(header.columns) > len(best[0].header.columns)):
            best = Layout(delimiter, header, header.line + 1, ends[header.line], line_end), rows[: header.line]
    if best is None:
        raise _no_header(path)
    return best


def _no_header(path: Path) -> ExtractError:
    lines = LIMITS["header_lines"]
    if path.suffix.lower() in _WORKBOOKS:
        return ExtractError(
            worded(
                f"{path}：是文本，不是工作簿，前 {lines} 行中也没有含备案号和节目名称的表头",
                f"{path}: text, no workbook, and without a header with a permit number and a title name in its first"
                f" {lines} lines",
            ),
            remedy=SAVE_AGAIN(),
        )
    return ExtractError(
        worded(
            f"{path}：前 {lines} 行中没有含备案号和节目名称的表头",
            f"{path}: no header with a permit number and a title name in the first {lines} lines",
        ),
        remedy=worded(
            "核对是否备案系统导出的文件；少见的表头用 --column FIELD=HEADER 指明",
            "see that it is an extract of a filing system; name unusual headers with --column FIELD=HEADER",
        ),
    )


def _head(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError as error:
        raise ExtractError(
            worded(
                f"{path}：文本既不是 UTF-8 也不是 GB18030（第 {error.start:,} 字节）",
                f"{path}: text in neither UTF-8 nor GB18030 (byte {error.start:,})",
            ),
            remedy=worded("另存为 CSV UTF-8", "save it as CSV UTF-8"),
        ) from None


def _first_rows(head: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The first rows, and after how many physical lines each ends."""
    rows, ends = [], []
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) == LIMITS["header_lines"]:
                break
    except csv.Error:
        pass  # not this delimiter, or a stray quotation mark further down: what was read so far decides
    return rows, ends
