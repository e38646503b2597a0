"""What is inside a workbook, seen before a cell is read: what must not be opened, and which cells have lost their text.

calamine gives a cell in error (#N/A), and a formula whose result was not saved, as an empty one. An empty cell says
that there is nothing, which may be taken for true; these do not say it.
"""

from __future__ import annotations

import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from compliance.language import Message, worded
from compliance.register.errors import ExtractError
from compliance.register.vocabulary import LIMITS

_ZIP_MARK = b"PK\x03\x04"
_SAVE_PLAIN = Message(
    "在安全的环境打开，另存为普通 .xlsx 再导入", "open it where that is safe, save it as a plain .xlsx, and import that"
)
_SAVE_AGAIN = Message("用 Excel 打开，另存为 .xlsx 再导入", "open it in Excel, save it as .xlsx, and import that")
_HOLDS = Message("工作簿含有{what}", "the workbook holds {what}")
_MACROS = Message("宏", "macros")
_LINKS = Message("指向其他文件的链接", "links to other files")
_PASSWORD = Message("密码", "a password")
_BOOK, _TARGETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_BLOCK = 1 << 22
_OVERLAP = 64
_LONGEST_CELL = 1 << 17
"""A formula has 8,192 characters, of which each may be written in several bytes."""
_LONGEST_TAG = 200
_ERROR = re.compile(rb"""t=(?:"e"|'e')""")
_TEXT = re.compile(rb"""\bt=(?:"str"|'str')""")
_PREFIX = re.compile(rb"<(\w{1,20}:)?worksheet\b")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERRORS = rb"[\0\x07\x0f\x17\x1d\x24\x2a]"
_OLD_ERROR = re.compile(
    # The records BoolErr, and Formula with an error as its result, of [MS-XLS]: row, column and format stand between.
    rb"\x05\x02\x08\0.{6}%b\x01|\x06\0.[\0-\x20].{6}\x02.%b.{3}\xff\xff" % (_ERRORS, _ERRORS),
    re.DOTALL,
)
_OLD_1904 = re.compile(rb"\x22\0\x02\0\x01\0\x0e\0\x02\0")
"""The records Date1904, with its bit set, and CalcPrecision, which must follow it."""

Lost = Mapping[int, set[int]]
"""By row (from 0): the columns (from 0) of cells that have lost what stood in them."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What calamine does not tell of a workbook."""

    lost: Mapping[str, Lost] | None = None
    """By sheet; None for an xls, which has none where it is not refused."""
    from_1904: bool = False
    """Whether days are counted from 1904, as on old Macs, not from 1900."""

    def lost_in(self, sheet: str) -> Lost:
        """The cells of a sheet that have lost what stood in them. Raises ExtractError for a sheet that there is not."""
        if self.lost is None:
            return {}
        if sheet not in self.lost:
            raise ExtractError(
                worded(f"工作表“{sheet}”在文件中找不到", f"sheet {sheet} is not found in the file"),
                remedy=_SAVE_AGAIN(),
            )
        return self.lost[sheet]


def look_inside(path: Path) -> Inside:
    """Look through a workbook.

    Raises ExtractError for one that must not be opened, that is damaged or of another kind, and for an xls with cells
    in error or days from 1904: which cells are meant is not told.
    """
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
    if not mark.startswith(_ZIP_MARK):
        _refuse_old(path)
        return Inside()
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_parts(path, archive.infolist())
            return _look_through(path, archive)
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, ElementTree.ParseError, EOFError, NotImplementedError, ValueError
    ) as error:  # fmt: skip
        raise ExtractError(
            worded(f"{path}：损坏或被截断：{error}", f"{path}: damaged or cut off: {error}"),
            remedy=worded("取得完整的文件", "get the whole file"),
        ) from None
    except RuntimeError as error:  # zipfile's word for a locked part
        raise ExtractError(f"{path}: {error}", remedy=worded("去掉密码后另存", "save it without a password")) from None


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


def _look_through(path: Path, archive: zipfile.ZipFile) -> Inside:
    """Unpack every part once, in a stream: its size and checksum must be what the list says, its cells few enough."""
    book, targets = _book(path, archive)
    parts = _sheets(book, targets)
    lost: dict[str, Lost] = {}
    for part in archive.infolist():
        name = _plain_name(part.filename)
        with archive.open(part) as stream:
            if name in parts.values() or name.startswith("xl/worksheets/"):
                lost[name] = _look_through_sheet(path, name, stream)
            else:
                while stream.read(_BLOCK):
                    pass
    counted = book.find("{*}workbookPr")
    from_1904 = counted is not None and counted.get("date1904", "0").strip() in {"1", "true"}
    return Inside({sheet: lost[part] for sheet, part in parts.items() if part in lost}, from_1904)


def _book(path: Path, archive: zipfile.ZipFile) -> tuple[ElementTree.Element, ElementTree.Element]:
    """The part that lists the sheets, and the one that tells where they stand."""
    there = {_plain_name(name): name for name in archive.namelist()}
    if not {_BOOK, _TARGETS} <= set(there):
        raise ExtractError(worded(f"{path}：不是 .xlsx 工作簿", f"{path}: not an .xlsx workbook"), remedy=_SAVE_AGAIN())
    return _tree(archive, there[_BOOK]), _tree(archive, there[_TARGETS])


def _sheets(book: ElementTree.Element, targets: ElementTree.Element) -> dict[str, str]:
    """The part in which each sheet stands."""
    parts = {target.get("Id"): target.get("Target", "") for target in targets}
    named = {}
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        # The attribute's namespace differs between the two kinds of xlsx, transitional and strict.
        part = parts[next((value for name, value in sheet.items() if name.endswith("}id")), "")]
        named[sheet.get("name", "")] = _plain_name(part if part.startswith(("/", "xl/")) else f"xl/{part}")
    return named


def _plain_name(name: str) -> str:
    return posixpath.normpath(name.lower().replace("\\", "/").lstrip("/"))


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as stream:
        content = stream.read(_BLOCK + 1)
    if len(content) > _BLOCK:
        raise ValueError(name)
    return ElementTree.fromstring(content)  # noqa: S314 - a short text, and expat bounds what its entities may grow to


@dataclass(frozen=True, slots=True)
class _Patterns:
    """What to look for in a sheet whose elements have a certain prefix.

    A search is quick where the pattern begins with a literal text. What is repeated has a bound or ends at the next
    element: a text may be made to tire the search.
    """

    cell: bytes
    formula: bytes
    wide: re.Pattern[bytes]
    row: re.Pattern[bytes]
    endings: tuple[re.Pattern[bytes], ...]
    """How a cell ends whose formula has no result."""


@cache
def _patterns(prefix: bytes) -> _Patterns:
    p = re.escape(prefix)
    ending = rb"\s*(?:<%bv\b[^<>]{0,40}>\s*</%bv>\s*)?</%bc>" % (p, p, p)
    return _Patterns(
        b"<%bc" % prefix,
        b"<%bf" % prefix,
        re.compile(rb'<%bc\b[^>]{0,40}?\br="([A-Z]{2,3})[0-9]' % p),
        re.compile(rb'<%brow\b[^>]{0,40}?\br="([0-9]{1,9})"' % p),
        (re.compile(rb"</%bf>%b" % (p, ending)), re.compile(rb"/>%b" % ending)),
    )


def _look_through_sheet(path: Path, name: str, stream: IO[bytes]) -> Lost:
    """The cells that have lost what stood in them.

    A sheet is read into a rectangle that reaches from its first cell to its last: two cells can fill the memory.
    """
    width, height, rest, lost = 26, 0, b"", dict[int, set[int]]()
    seek: _Patterns | None = None
    while block := stream.read(_BLOCK):
        text = rest + block
        seek = seek or _patterns((first[1] or b"") if (first := _PREFIX.search(text)) else b"")
        width = max([width, *(_column(letters) for letters in set(seek.wide.findall(text)))])
        height = max([height, *map(int, seek.row.findall(text))])
        if width * height > LIMITS["cells"]:
            raise _too_wide(path, name, width, height)
        for column, line in _lost_cells(path, name, text, seek):
            lost.setdefault(line, set()).add(column)
        cut = text.rfind(seek.cell, max(0, len(text) - _LONGEST_CELL))
        rest = text[cut:] if cut >= 0 else text[-_OVERLAP:]
    return lost


def _lost_cells(path: Path, name: str, text: bytes, seek: _Patterns) -> Iterator[tuple[int, int]]:
    """Column and row of each, from 0."""
    for tag in itertools.chain(_in_error(text, seek), _without_result(text, seek)):
        place = _PLACE.search(tag)
        if place is None:
            raise ExtractError(
                worded(
                    f"{path}：{name} 中有出错的单元格，文件没有注明位置",
                    f"{path}: {name} has a cell in error, and the file does not tell where",
                ),
                remedy=_SAVE_AGAIN(),
            )
        yield _column(place[1]) - 1, int(place[2]) - 1


def _in_error(text: bytes, seek: _Patterns) -> Iterator[bytes]:
    """The opening tags of cells that hold an error."""
    for mark in _ERROR.finditer(text):
        start = text.rfind(seek.cell, max(0, mark.start() - _LONGEST_TAG), mark.start())
        tag, closed, _ = text[max(0, start) : mark.end() + _LONGEST_TAG].partition(b">")
        if start >= 0 and closed and start + len(tag) > mark.start():
            yield tag


def _without_result(text: bytes, seek: _Patterns) -> Iterator[bytes]:
    """The opening tags of cells that hold a formula and no result. An empty text as a result is said to be a text."""
    for ending in seek.endings if seek.formula in text else ():
        last = 0
        for end in ending.finditer(text):
            start = max(last, text.rfind(seek.cell, last, end.start()))
            last = end.end()
            cell = text[start:last]
            tag = cell.partition(b">")[0]
            if seek.formula in cell and not _TEXT.search(tag):
                yield tag


def _too_wide(path: Path, name: str, width: int, height: int) -> ExtractError:
    return ExtractError(
        worded(
            f"{path}：{name} 跨 {height:,} 行、{width:,} 列",
            f"{path}: {name} spans {height:,} rows and {width:,} columns",
        ),
        remedy=worded("删去远离表格的内容，或另存为 CSV", "delete what stands far from the table, or save it as CSV"),
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
    if _OLD_ERROR.search(content):
        raise ExtractError(
            worded(
                f"{path}：有公式出错的单元格（如 #N/A）；.xls 文件不便查明在哪里",
                f"{path}: has cells in error (such as #N/A), of which an .xls does not readily tell where they stand",
            ),
            remedy=_SAVE_AGAIN(),
        )
    if _OLD_1904.search(content):
        raise ExtractError(
            worded(
                f"{path}：日期从 1904 年起计；.xls 文件不便查明哪些数字是日期",
                f"{path}: counts days from 1904; of an .xls it is not readily told which numbers are days",
            ),
            remedy=_SAVE_AGAIN(),
        )
