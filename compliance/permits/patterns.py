"""The regular expressions of permit numbers, built once from the packaged data.

One text of each expression serves Python's `re`, RE2 (DuckDB) and Java (Spark), so it keeps to what all three read
alike: literals, classes spelt out, groups, alternatives, repetition, `^` and `$`. Each literal is spelt as the class of
its variants (full-width, traditional, other brackets), so that a text needs no folding but the loss of its white
space and zero-width characters before it is matched. These hold every line end, so `$` means the end in Java, too.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


_CHARACTERS = _read("characters.toml")
_PATTERNS = _read("patterns.toml")

OPEN: str = _CHARACTERS["brackets"]["open"]
CLOSE: str = _CHARACTERS["brackets"]["close"]
SIMPLIFIED: Mapping[str, str] = {
    traditional: simplified for simplified, many in _CHARACTERS["traditional"].items() for traditional in many
}
"""Traditional character of the vocabulary → simplified one."""
NARROW: Mapping[str, str] = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}
"""Full-width ASCII character → ASCII character."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a family is written."""

    family: str
    words: str
    """The official words between issuer and year."""
    spellings: tuple[str, ...]
    """The official words and the other spellings of them, in simplified characters."""


FAMILIES = tuple(
    Words(entry["family"], entry["words"], (entry["words"], *entry.get("also", ()))) for entry in _PATTERNS["families"]
)
ONLINE_FILING: str = _PATTERNS["online_filing"]["family"]
ONLINE_LETTER: str = _PATTERNS["online_filing"]["letter"]
UNKNOWN_OPERATORS = frozenset(["", *_PATTERNS["unknown_operator"]["words"]])
"""What stands in an operator's place where nobody knows it, folded and in lower case."""
WORDS_BY_SPELLING: Mapping[str, Words] = {spelling: words for words in FAMILIES for spelling in words.spellings}


def _bare_issuers() -> tuple[str, ...]:
    """Who may stand before the family's words without brackets: 总局 and the one-character provinces."""
    with (DATA / "issuers.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            row["short_name"]
            for row in csv.DictReader(file)
            if row["level"] == "national" or (row["level"] == "province" and len(row["short_name"]) == 1)
        )


def _in_class(character: str) -> str:
    if character in "\\[]^-&":
        return "\\" + character
    return f"\\x{ord(character):02X}" if ord(character) <= 0x20 or 0x7F <= ord(character) <= 0xA0 else character


def _ranges(ranges: Iterable[str]) -> str:
    """The inside of a class; a range is `0009-000D` or a single code point."""
    ends = [[chr(int(end, 16)) for end in one.split("-")] for one in ranges]
    return "".join("-".join(_in_class(end) for end in pair) for pair in ends)


def _class(characters: Iterable[str]) -> str:
    return "[" + "".join(_in_class(character) for character in characters) + "]"


def _variants(character: str) -> str:
    for bracket in (OPEN, CLOSE):
        if character in bracket:
            return bracket
    wide = "".join(wide for wide, narrow in NARROW.items() if narrow == character)
    many = "".join(traditional for traditional, simplified in SIMPLIFIED.items() if simplified == character)
    return character + wide + many


def spell(words: str) -> str:
    """The expression for these words in any variant of their characters."""
    return "".join(variants if len(variants) == 1 else _class(variants) for variants in map(_variants, words))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(spell, words))


_DIGIT = "[0-9０-９]"
_HAN = _ranges(_CHARACTERS["han"])
_PUNCTUATION = f"[{_ranges(_CHARACTERS['punctuation'])}]"
_LABEL = _any_of(_PATTERNS["label"]["words"])
_BEFORE = f"(?:{_LABEL}|{_PUNCTUATION})*"
_BARE = _any_of(_bare_issuers())
_WORDS = _any_of(WORDS_BY_SPELLING)
_NAME = f"[^{''.join(map(_in_class, OPEN + CLOSE))}]+"
_YEAR = f"{_DIGIT}{{4}}"
_SERIAL = f"[{_DIGIT[1:-1]}OＯ]+"
_LETTER = _class(_variants(ONLINE_LETTER) + _variants(ONLINE_LETTER.lower()))
_V_DIGITS = _DIGIT + "{{{},{}}}".format(*_PATTERNS["online_filing"]["digits"])
_OPEN, _CLOSE = _class(OPEN), _class(CLOSE)
_START = f"(?:^|[^{_HAN}]|{_LABEL})"
"""What may stand before an issuer without brackets inside other text."""
_TAIL = f"({_WORDS}){_OPEN}({_YEAR}){_CLOSE}({spell('第')}?)({_SERIAL})({spell('号')}?)"

DROPPED = f"[{_ranges(_CHARACTERS['white_space'])}{_ranges(_CHARACTERS['zero_width'])}]"
"""One character that vanishes from numbers and names."""
WHITE_SPACE = f"[{_ranges(_CHARACTERS['white_space'])}]"
LABEL_WORD = f"(?:{_LABEL})"

_TAIL_GROUPS = ("words", "year", "di", "serial", "hao")
_ONLINE = f"({_LETTER})({_V_DIGITS})"

FIELD_GROUPS = ("before", "issuer", "bare", *_TAIL_GROUPS, "letter", "digits", "after")
FIELD = f"({_BEFORE})(?:(?:{_OPEN}({_NAME}){_CLOSE}|({_BARE})){_TAIL}|{_ONLINE})({_PUNCTUATION}*)"
"""A whole number field. Match it against the whole text; the groups are FIELD_GROUPS, in order."""

OFFICIAL = f"（({_NAME})）({'|'.join(words.words for words in FAMILIES)})（([0-9]{{4}})）第([1-9][0-9]*)号"
"""A whole number as it is officially written; the groups are issuer, words, year and serial."""

ISSUED_GROUPS = ("issuer", "bare", *_TAIL_GROUPS)
ISSUED = f"^.*?(?:{_OPEN}({_NAME}){_CLOSE}|({_BARE})){_TAIL}"
"""The parts of a number with an issuer in a text that FIELD is known to match; the groups are ISSUED_GROUPS.

Such a text holds the family's words before a year in brackets just once, so this finds the parts that FIELD found.
RE2 takes a third of the time for it: repeated labels and punctuation before a number are dear where groups are asked.
"""

ONLINE = f"{_ONLINE}(?:$|[^{_DIGIT[1:-1]}])"
"""Search: a V number, whatever stands before it, but not part of a longer row of digits; the groups are the letter and
the digits."""

INSIDE_GROUPS = (*ISSUED_GROUPS, "letter", "digits")
INSIDE = f"(?:{_OPEN}({_NAME}){_CLOSE}|{_START}({_BARE})){_TAIL}|{ONLINE}"
"""The first number inside a text. Search it; the groups are INSIDE_GROUPS, in order."""

PREFIX_ONLY = f"{_BEFORE}(?:{_OPEN}{_NAME}{_CLOSE}|{_BARE})?(?:{_WORDS}){_PUNCTUATION}*"
"""Whole text: the words of a family, with or without issuer, and nothing after them."""

LOOK_ALIKE = "|".join(
    [
        *(
            f"(?:^|[^{''.join(map(_variants, entry['not_after']))}]){spell(entry['words'])}"
            if "not_after" in entry
            else spell(entry["words"])
            for entry in _PATTERNS["look_alikes"]
        ),
        f"^{_BEFORE}{_DIGIT}{{{_PATTERNS['platform_licence']['digits']}}}{_PUNCTUATION}*$",
    ]
)
"""Search: the number of another register."""

HAS_WORDS = _WORDS
HAS_ISSUER = f"(?:{_OPEN}{_NAME}{_CLOSE}|{_START}(?:{_BARE}))(?:{_WORDS})"
HAS_YEAR = f"{HAS_ISSUER}{_OPEN}{_YEAR}{_CLOSE}"
HAS_SERIAL = f"{HAS_YEAR}{spell('第')}?{_SERIAL}"
"""Searches, each the one before and the next part of a number."""
