"""Cells of a sample catalog changed at random: to other valid values, to nasty ones, and numbers into wrong numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from compliance.catalog.schema import RELATIONS, Column, Type
from compliance.permits import Permit, parse

Row = dict[str, Any]
Relations = Mapping[str, list[Row]]

# ruff: noqa: DTZ001, DTZ901 - instants are wall time in Asia/Shanghai

SHARES = {
    "titles": 55, "register": 18, "labels": 12, "episodes": 7, "placements": 5, "dossiers": 2, "issuers": 0.5,
    "platforms": 0.2,
}  # fmt: skip
"""How often a relation is hit; one bad platform takes all its titles with it."""
_NUMBERS = 0.4
"""Of the changes to titles, how many change a number into a wrong one."""

_TEXTS = [
    None, "", " ", "　", "\u200b", "\x00", "\x01\x02\x1b[2J", "\u202e片短", "🎬" * 50, "a'b\"c\\d;--", "%s{0}$1",
    "\n\r\t\v\f", "=1+1", "无", "N/A", "ﬀ", "İ", "ß", "\ufeff", "𠮷" * 9, "é", "e\u0301", "（", "网微剧备字",
    "<script>", "x" * 10_000, "政治", "都市，军事", "NULL", "V11004342001101", "（番茄）网微剧备字（2026）第1号",
    "（番茄）网微剧备字（2026）第" + "9" * 400 + "号",
]  # fmt: skip
_WHOLE = [None, -1, 0, 1, 2, 3, 4, 1_199, 1_200, 299_999, 300_000, 999_999, 1_000_000, 2**31 - 1, -(2**31)]
_LONG = [*_WHOLE, 2**63 - 1, -(2**63), 2**53 + 1, 800_000, 3_000_000]
_REAL = [None, 0.0, 0.5, 0.49999, 1.0, 1.5, -0.1, float("nan"), float("inf"), -float("inf"), 5e-324]
_DAYS = [
    None, date.min, date.max, date(1989, 12, 31), date(1990, 1, 1), date(2100, 12, 31), date(2101, 1, 1),
    date(2024, 5, 31), date(2024, 6, 1), date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1), date(2026, 8, 31),
    date(2026, 9, 1),
]  # fmt: skip
_INSTANTS = [
    *(None if day is None else datetime(day.year, day.month, day.day) for day in _DAYS), datetime.max,
    datetime(2026, 11, 22, 23, 59, 59, 999_999), datetime(2026, 11, 23), datetime(1, 1, 1, 0, 0, 0, 1),
]  # fmt: skip
_CHARACTERS = "0123456789０９OＯoVvＶ（）()【】[]〔〕第號号审備备網网微劇剧字番茄沪 　\u200b\x00\u202e。-,，、ab"
_LOOK_ALIKES = ["影剧备字", "剧审字", "电审故字", "网文网游备字", "网械平台备字", "ICP备"]
_ISSUERS = ["总局", "沪", "抖音", "番茄", "快手", "没有这个主体", "", "广州", "政", "第一"]


class Mutator:
    """Changes cells; the same seed changes the same cells in the same way."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def mutate(self, relations: Relations, cells: int) -> None:
        """Change that many cells of these rows, in place."""
        names, weights = zip(*((name, SHARES[name]) for name, rows in relations.items() if rows), strict=True)
        for name in self._random.choices(names, weights, k=cells):
            row = self._random.choice(relations[name])
            if name == "titles" and self._random.random() < _NUMBERS:
                row["permit_number"] = self.wrong_number(row["permit_number"])
            else:
                column = self._random.choice(RELATIONS[name].columns)
                row[column.name] = self._cell(column, row[column.name], relations[name])

    def break_column(self, relations: Relations) -> None:
        """Put an unknown word where the contract has a closed list: a run must stop at it."""
        closed = [(name, column) for name in relations for column in RELATIONS[name].columns if column.values]
        name, column = self._random.choice(closed)
        self._random.choice(relations[name])[column.name] = self._random.choice(["onlin", "未知", "ＡＩ", "\x00"])

    def wrong_number(self, number: str | None) -> str | None:
        """Another number, or none: what it was is no longer to be read from it."""
        permit = parse(number)
        if not isinstance(permit, Permit) or number is None:
            return self._random.choice(_TEXTS)
        wrongs: Sequence[Callable[[str, Permit], str | None]] = (
            self._other_serial, self._other_year, self._other_issuer, self._look_alike, self._cut, self._edited,
            self._framed, lambda *_: self._random.choice(_TEXTS),
        )  # fmt: skip
        return self._random.choice(wrongs)(number, permit)

    def _other_serial(self, number: str, permit: Permit) -> str:
        place = self._random.randrange(len(permit.serial))
        digit = self._random.choice([d for d in "0123456789" if d != permit.serial[place]])
        return number.replace(permit.serial, permit.serial[:place] + digit + permit.serial[place + 1 :])

    def _other_year(self, number: str, permit: Permit) -> str:
        return number.replace(str(permit.year), str(self._random.choice([0, 1999, 2021, 2022, 2025, 2027, 9999])))

    def _other_issuer(self, number: str, permit: Permit) -> str:
        return number.replace(permit.issuer or "V", self._random.choice(_ISSUERS))

    def _look_alike(self, number: str, permit: Permit) -> str:
        return number.replace(permit.words or "V", self._random.choice(_LOOK_ALIKES))

    def _cut(self, number: str, _: Permit) -> str:
        start, end = sorted(self._random.choices(range(len(number) + 1), k=2))
        return number[start:end]

    def _edited(self, number: str, _: Permit) -> str:
        return self._edit(number)

    def _framed(self, number: str, _: Permit) -> str:
        return self._random.choice(["《剧》{}", "{}出品", "{0}{0}", "{0}、{0}", "编{}", "{}第2季"]).format(number)

    def _cell(self, column: Column, old: Any, rows: Sequence[Row]) -> Any:
        if self._random.random() < 0.3:
            return self._random.choice(rows)[column.name]
        if column.values:
            return self._random.choice([*column.values] * 5 + [None])
        return {
            Type.TEXT: self._text,
            Type.INTEGER: self._long,
            Type.SMALL: self._small,
            Type.REAL: self._real,
            Type.FLAG: lambda _: self._random.choice([True, False, None]),
            Type.INSTANT: self._instant,
            Type.DAY: self._day,
        }[column.type](old)

    def _text(self, old: str | None) -> str | None:
        way = self._random.random()
        if way < 0.35 or not old:
            return self._random.choice(_TEXTS)
        if way < 0.8:
            return self._edit(old)
        return "".join(map(self._any_character, range(self._random.randrange(1, 40))))

    def _edit(self, text: str) -> str:
        """The text with one or two characters put in, left out or put in another's place."""
        for _ in range(self._random.choice([1, 1, 2])):
            place = self._random.randrange(len(text) + 1)
            text = text[:place] + self._random.choice(["", *_CHARACTERS]) + text[place + self._random.choice([0, 1]) :]
        return text

    def _any_character(self, _: int) -> str:
        code = self._random.choice(
            [self._random.randrange(0x80), self._random.randrange(0x3400, 0xA000), self._random.randrange(0x110000)]
        )
        return chr(code) if not 0xD800 <= code < 0xE000 else "�"

    def _long(self, _: object) -> int | None:
        return self._random.choice([*_LONG, self._random.randrange(-(2**63), 2**63), self._random.randrange(4_000_000)])

    def _small(self, _: object) -> int | None:
        return self._random.choice([*_WHOLE, self._random.randrange(-(2**31), 2**31), self._random.randrange(3_000)])

    def _real(self, _: object) -> float | None:
        return self._random.choice([*_REAL, self._random.random()])

    def _instant(self, old: datetime | None) -> datetime | None:
        near = old if old is not None and 1990 < old.year < 2100 else datetime(2026, 1, 1)
        moved = near + timedelta(seconds=self._random.randrange(-40_000_000, 40_000_000))
        return self._random.choice([*_INSTANTS, *[moved] * 8])

    def _day(self, old: date | None) -> date | None:
        near = old if old is not None and 1990 < old.year < 2100 else date(2026, 1, 1)
        return self._random.choice([*_DAYS, *[near + timedelta(days=self._random.randrange(-400, 400))] * 8])
