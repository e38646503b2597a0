"""Where the header of an extract stands, and which column holds which field."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from compliance.errors import ConfigurationError
from compliance.language import nearest, worded
from compliance.register.errors import ExtractError
from compliance.register.vocabulary import EXTRACTED_WORDS, FIELDS, LIMITS, NEEDED_FIELDS, SHEET_WORDS, field_of, fold

Line = Sequence[str]

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")


@dataclass(frozen=True)
class Header:
    """One header: the last of its lines (from 0), and the column (from 0) of each field."""

    line: int
    columns: Mapping[str, int]
    cells: tuple[str, ...]
    ignored: tuple[str, ...]
    """Headers that name no field of the register."""
    height: int = 1

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.cells)

    @cached_property
    def unused(self) -> tuple[int, ...]:
        """Columns of no field, but for the one of raw texts."""
        used = {*self.columns.values(), self.raw_text}
        return tuple(column for column in range(self.width) if column not in used)

    @cached_property
    def raw_text(self) -> int | None:
        """In the gate's own sheets of rejected rows: the column of rows that could not be taken apart."""
        used = set(self.columns.values())
        return next((n for n, text in enumerate(self.cells) if text == SHEET_WORDS["value"] and n not in used), None)

    def uncorrected(self, cells: Sequence[str]) -> str:
        """The raw text of a rejected row that nobody has written into the columns of the fields; '' of any other."""
        if self.raw_text is None or any(cells[column].strip() for column in self.columns.values()):
            return ""
        return cells[self.raw_text].strip()

    @cached_property
    def unnamed(self) -> tuple[int, ...]:
        """Columns without a header."""
        return tuple(column for column, text in enumerate(self.cells) if not text.strip())

    def says_more(self, cells: Sequence[str]) -> bool:
        """Whether a row that names a filing has content in a column without header: it may say the contrary of the
        rest, as 已撤销 under a cell 状态 that is merged over two columns. A bare number only counts rows."""
        beside = (cells[column].strip() for column in self.unnamed)
        return any(text and not text.isdecimal() for text in beside) and any(
            cells[self.columns[field]].strip() for field in NEEDED_FIELDS
        )

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it has a column for."""
        return frozenset(self.columns)

    @property
    def first(self) -> int:
        """The first of its lines."""
        return self.line + 1 - self.height


def chosen_columns(options: Sequence[str]) -> Mapping[str, str]:
    """`FIELD=HEADER` options as folded header → field. Raises ConfigurationError."""
    chosen: dict[str, str] = {}
    for option in options:
        field, equals, header = option.partition("=")
        if not equals or field not in FIELDS or not fold(header):
            raise ConfigurationError(
                worded(f"无法识别 --column {option}", f"--column {option} is not understood"),
                remedy=worded(
                    f"写成 FIELD=表头；可用的 FIELD：{'、'.join(FIELDS)}",
                    f"write FIELD=HEADER; the fields are {', '.join(FIELDS)}",
                ),
            )
        chosen[fold(header)] = field
    return chosen


def refuse_unseen(chosen: Mapping[str, str], headers: Iterable[str]) -> None:
    """Raises ConfigurationError for a header chosen on the command line that is none of those that the files have."""
    there = {fold(header): header.strip() for header in headers if header.strip()}
    if unseen := [(header, field) for header, field in chosen.items() if header not in there]:
        raise ConfigurationError(
            worded("--column 指定的表头在文件中没有", "--column names headers that no file has"),
            problems=[f"{field}={header}{nearest(header, there)}" for header, field in unseen],
            remedy=worded(
                f"文件中的表头：{'、'.join(there.values())}", f"the headers are: {', '.join(there.values())}"
            ),
        )


def find_header(lines: Sequence[Line], chosen: Mapping[str, str], where: str) -> Header | None:
    """The header among the first lines: the one that names most fields; of equals, the first.

    `where` is the file, and of a workbook the sheet. Raises ExtractError for a header with two columns of one field,
    and where another header heads rows of its own: they would be lost, or read by the wrong columns.

    Two lines may be one header: under a merged cell such as 备案信息 the fields stand in the next line.
    """
    best: Header | None = None
    there: list[Header] = []
    for place, line in enumerate(lines[: LIMITS["header_lines"]]):
        for header in (_header(place, line, chosen, where), _two_lines(place, lines, chosen, where)):
            if header:
                there.append(header)
                if best is None or len(header.columns) > len(best.columns):
                    best = header
    for other in there:
        if best and other.columns != best.columns:
            _refuse_two_tables(sorted((other, best), key=lambda header: header.line), lines, where)
    return best


def _refuse_two_tables(headers: Sequence[Header], lines: Sequence[Line], where: str) -> None:
    upper, lower = headers
    if not any(cell.strip() for line in lines[upper.line + 1 : lower.first] for cell in line):
        return
    raise ExtractError(
        worded(
            f"{where}：第 {upper.line + 1} 行和第 {lower.line + 1} 行都是表头，其间有内容：是两张表",
            f"{where}: lines {upper.line + 1} and {lower.line + 1} are both headers, with content between: two tables",
        ),
        remedy=worded(
            "每个文件（工作表）只放一张表，一次导入",
            "put each table into a file or sheet of its own, and import them together",
        ),
    )


def extracted_on(lines: Sequence[Line]) -> date | None:
    """The day on which the extract was taken, where a line above the header tells it."""
    for line in lines:
        text = "".join(line)
        for word in EXTRACTED_WORDS:
            if (at := text.find(word)) >= 0 and (found := _DAY.search(text, at)):
                try:
                    return date(int(found[1]), int(found[2]), int(found[3]))
                except ValueError:
                    continue
    return None


def _two_lines(place: int, lines: Sequence[Line], chosen: Mapping[str, str], where: str) -> Header | None:
    if place == 0:
        return None
    upper, lower = lines[place - 1], lines[place]
    if not any(fold(text) in chosen or field_of(text) for text in lower):
        return None
    width = max(len(upper), len(lower))
    padded = [[*line, *[""] * (width - len(line))] for line in (upper, lower)]
    header = _header(place, [below or above for above, below in zip(*padded, strict=True)], chosen, where)
    return replace(header, height=2) if header else None


def _header(place: int, line: Line, chosen: Mapping[str, str], where: str) -> Header | None:
    picked = [chosen.get(fold(text)) for text in line]
    # A synonym counts unless another column of this very line was chosen for its field.
    fields = [
        pick or (field if field not in picked else None)
        for pick, field in zip(picked, map(field_of, line), strict=True)
    ]
    if not set(NEEDED_FIELDS) <= set(fields):
        return None
    if twice := [field for field, count in Counter(fields).items() if field and count > 1]:
        raise _several(where, place, twice, [(text, field) for text, field in zip(line, fields, strict=True) if field])
    ignored = tuple(text for text, field in zip(line, fields, strict=True) if text.strip() and not field)
    return Header(place, {field: column for column, field in enumerate(fields) if field}, tuple(line), ignored)


def _several(where: str, place: int, twice: Sequence[str], named: Sequence[tuple[str, str]]) -> ExtractError:
    """Several columns of one field: no choice tells apart those whose headers are the same."""
    doubled = [(text, field) for text, field in named if field in twice]
    headers = [text for text, _ in doubled]
    alike = Counter(map(fold, headers))
    remedy = worded("表头相同，改掉其中一个的名称", "the headers are the same: rename one of them")
    if choices := [f"--column {field}={text}" for text, field in doubled if alike[fold(text)] == 1]:
        remedy = worded("选定一列：", "choose one: ") + choices[0]
    return ExtractError(
        worded(
            f"{where}:{place + 1}：{len(headers)} 列都是 {'、'.join(twice)}：{'、'.join(headers)}",
            f"{where}:{place + 1}: {len(headers)} columns say {', '.join(twice)}: {', '.join(headers)}",
        ),
        remedy=remedy,
    )
