"""Text files: CSV and tab-separated, in UTF-8, UTF-16 or GB18030, read in a stream.

DuckDB reads a file that is well-formed from end to end, while its rows are cleaned. A file with anything odd in it, be
it one short row, is taken apart row by row instead and written anew, so that each odd row can be mended or told by its
line.
"""

from __future__ import annotations

import csv
import os
from array import array
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TextIO

import duckdb

from compliance.catalog.sources import literal, signature
from compliance.language import worded
from compliance.register.errors import ExtractError
from compliance.register.found import ODD, Found, Source, Stream, selection
from compliance.register.headers import Header, extracted_on
from compliance.register.layouts import SAVE_AGAIN, Layout, encoding_of, find_layout
from compliance.register.swallowing import swallowed, swallows_rows, unused_swallow_rows
from compliance.register.vocabulary import LIMITS


def read_text(found: Found, path: Path, chosen: Mapping[str, str], work: Path) -> None:
    """Add the rows of a text file. Raises ExtractError for one that is no extract, cut off or too large."""
    size = path.stat().st_size
    if size > LIMITS["text_bytes"]:
        raise ExtractError(
            worded(
                f"{path}：{size:,} 字节，超过 {LIMITS['text_bytes']:,}",
                f"{path}: {size:,} bytes, more than {LIMITS['text_bytes']:,}",
            ),
            remedy=worded("拆成几个文件，一次导入时全部列出", "split the extract and name all parts in one import"),
        )
    encoding = encoding_of(path)
    layout, above = find_layout(path, encoding, chosen)
    found.tell(extracted_on(above))
    found.add_header(path.name, layout.header)
    copy = partial(_copy, found, path, encoding, layout, work)
    if layout.is_plain(encoding) and not _ends_in_number(path, layout.header):
        select = _guarded(_select_plain(path, layout), layout)
        found.add_stream(Stream(path, layout.lines + 1, layout.header.fields, select, signature(path), copy))
    else:
        copy()


def _ends_in_number(path: Path, header: Header) -> bool:
    """Whether the file ends without a line end in a column of numbers, so that its last row needs to be seen to."""
    if header.columns["permit_number"] != header.width - 1:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) not in b"\r\n"


def _copy(found: Found, path: Path, encoding: str, layout: Layout, work: Path) -> None:
    """Put all rows into the table `found`."""
    first, odd = found.rows(), not layout.is_plain(encoding) or _ends_in_number(path, layout.header)
    if not odd:
        try:
            _insert(found.con, _select_plain(path, layout))
            found.sources.append(Source(path.name, first, layout.lines + 1, layout.header.fields))
        except ODD:
            odd = True
    if odd:
        _read_rows(found, path, encoding, layout, work)
    _refuse_open_quotes(found, layout, first)


def _select_plain(path: Path, layout: Layout) -> str:
    """A SELECT of all rows of an extract that raises one of ODD where one does not fit, holds others, or says more
    than its header."""
    beside = [f"NOT regexp_full_match(trim(c{column}), '[0-9]*')" for column in layout.header.unnamed]
    odd = " OR ".join([*unused_swallow_rows(layout), *beside])
    return _select(path, layout.delimiter, layout.header, skip=layout.lines, damaged=_refused(odd))


def _refused(test: str) -> str:
    """FALSE, or one of ODD."""
    return f"CASE WHEN {test} THEN error('odd') ELSE FALSE END" if test else "FALSE"


def _select(path: Path, delimiter: str, header: Header, *, skip: int, damaged: str = "FALSE") -> str:
    """A SELECT of all rows that raises one of ODD where one does not fit."""
    named = ", ".join(f"'c{column}': 'VARCHAR'" for column in range(header.width))
    rows = (
        f"read_csv({literal(_plain(path))}, columns = {{{named}}}, auto_detect = false, header = false,"
        f" skip = {skip}, delim = {literal(delimiter)}, quote = '\"', escape = '\"', compression = 'none',"
        f" max_line_size = {LIMITS['line_bytes']})"
    )
    return f"SELECT {selection(header.columns)}, {damaged} AS damaged FROM {rows}"


def _guarded(select: str, layout: Layout) -> str:
    """The SELECT, which then raises one of ODD at an open quotation mark, too."""
    refused = _refused(swallows_rows(layout, layout.line_end))
    return f"SELECT * REPLACE (damaged OR {refused} AS damaged) FROM ({select})"


def _insert(con: duckdb.DuckDBPyConnection, select: str) -> None:
    con.execute(f"INSERT INTO found {select}")


def _plain(path: Path) -> str:
    """DuckDB takes a path for a pattern: its special characters stand in brackets."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in str(path))


def _read_rows(found: Found, path: Path, encoding: str, layout: Layout, work: Path) -> None:
    """Write a well-formed copy, and add it; what cannot be mended goes to `broken`."""
    copy = work / "rows.csv"
    broken: list[tuple[str, str, str]] = []
    lines = array("Q")
    with _opened(path, encoding) as file, copy.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line, cells in _rows(file, path, layout, broken):
            writer.writerow(cells)
            lines.append(line)
    if broken:
        found.con.executemany("INSERT INTO broken VALUES (?, ?, ?)", broken)
    if lines:
        found.sources.append(Source(path.name, found.rows(), 0, layout.header.fields, lines))
        _insert(found.con, _select(copy, ",", layout.header, skip=0))
    copy.unlink()


def _opened(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _rows(
    file: TextIO, path: Path, layout: Layout, broken: list[tuple[str, str, str]]
) -> Iterator[tuple[int, list[str]]]:
    """Each row with its first line, as many cells as the header has, and at least one that is not empty."""
    width = layout.header.width
    taken = _Lines(file, path.name)
    reader = csv.reader(taken, delimiter=layout.delimiter, strict=True)
    short = 0
    for line, cells in _taken_apart(reader, taken, path, broken):
        if line <= layout.lines or not any(map(str.strip, cells)):
            continue
        if any(cell.strip() for cell in cells[width:]):
            broken.append((f"{path.name}:{line}", taken.text(), "columns"))
            continue
        if swallowed(cells, layout):
            raise _open_quote(f"{path.name}:{line}", 1)
        if len(cells) < width and taken.unended and not short:
            raise ExtractError(
                worded(
                    f"{path.name}:{line}：文件在一行中间结束，是否被截断？",
                    f"{path.name}:{line}: the file ends inside a row: cut off?",
                ),
                remedy=worded("取得完整的文件", "get the whole file"),
            )
        short += len(cells) < width
        row = [*cells[:width], *[""] * (width - len(cells))]
        if taken.unended and _may_be_cut(cells, layout.header):
            broken.append((f"{path.name}:{line}", taken.text(), "cut"))
        elif text := layout.header.uncorrected(row):
            broken.append((f"{path.name}:{line}", text, "uncorrected"))
        elif layout.header.says_more(row):
            broken.append((f"{path.name}:{line}", taken.text(), "columns"))
        else:
            yield line, row


def _may_be_cut(cells: list[str], header: Header) -> bool:
    """Whether a row that ends with the file ends within its number: one that is cut off may be another's."""
    last = header.columns["permit_number"]
    return len(cells) == last + 1 and not cells[last].rstrip().endswith(("号", "號"))


class _Lines:
    """The lines of a file, remembering those of the row at hand."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file, self._name = file, name
        self._row: list[str] = []
        self.number = 0
        """Lines taken so far."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LIMITS["line_bytes"] + 1)
        if not line:
            raise StopIteration
        if len(line) > LIMITS["line_bytes"]:
            raise ExtractError(
                worded(
                    f"{self._name}:{self.number + 1}：一行超过 {LIMITS['line_bytes']:,} 个字符",
                    f"{self._name}:{self.number + 1}: a line of more than {LIMITS['line_bytes']:,} characters",
                ),
                remedy=SAVE_AGAIN(),
            )
        self.number += 1
        self._row.append(line)
        return line

    @property
    def unended(self) -> bool:
        """Whether the row at hand is the last of the file and has no line end."""
        return not self._row[-1].endswith(("\n", "\r"))

    def text(self) -> str:
        """The row at hand as it stands in the file."""
        return "".join(self._row).strip("\r\n")

    def next_row(self) -> None:
        """Forget the row at hand."""
        self._row.clear()


def _taken_apart(
    reader: Iterator[list[str]], taken: _Lines, path: Path, broken: list[tuple[str, str, str]]
) -> Iterator[tuple[int, list[str]]]:
    while True:
        taken.next_row()
        line = taken.number + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except UnicodeError as error:
            raise ExtractError(
                worded(
                    f"{path.name}：第 {line} 行附近不是有效的文本：{error}",
                    f"{path.name}: near line {line}: not valid text: {error}",
                ),
                remedy=SAVE_AGAIN(),
            ) from None
        except csv.Error as error:
            if "end of data" in str(error) or taken.number > line:
                raise ExtractError(
                    worded(
                        f"{path.name}:{line}：引号没有闭合，或文件被截断",
                        f"{path.name}:{line}: a quotation mark is left open, or the file is cut off",
                    ),
                    remedy=worded("改正这一行，或取得完整的文件", "mend that line, or get the whole file"),
                ) from None
            broken.append((f"{path.name}:{line}", taken.text(), "quotes"))


def _refuse_open_quotes(found: Found, layout: Layout, first: int) -> None:
    """A quotation mark left open swallows the rows up to the next one: they would be lost in one cell."""
    swallows = " OR ".join(swallows_rows(layout, line_end) for line_end in "\n\r")  # a file may have both
    swallowing, at = found.con.execute(
        f"SELECT count(*), min(rowid) FROM found WHERE rowid >= {first} AND ({swallows})"
    ).fetchall()[0]
    if swallowing:
        raise _open_quote(found.place(at), swallowing)


def _open_quote(place: str, rows: int) -> ExtractError:
    return ExtractError(
        worded(
            f"{place}：一个单元格中有其他行的内容（共 {rows} 行如此）；是否引号没有闭合？",
            f"{place}: a cell holds what looks like other rows ({rows} such row(s)); is a quotation mark left open?",
        ),
        remedy=worded(
            "改正引号，或去掉该单元格中的换行，或重新导出",
            "mend the quotation marks, take the line breaks out of that cell, or export the file again",
        ),
    )
