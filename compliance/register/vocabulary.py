"""The words of extracts as data: headers, statuses, systems, bounds, and why a row is rejected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any
from unicodedata import normalize

from compliance.permits import name_key
from compliance.permits.folding import drop_unseen, to_simplified

_NOTE = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]$")
_DECORATION = "。，、；：,;:（）()【】[]「」『』《》“”‘’\"'"
"""Punctuation round a word that says nothing. A question mark, a star, dots that stand for more do say something."""

_DATA: Mapping[str, Any] = tomllib.loads(
    resources.files("compliance.register").joinpath("data", "register.toml").read_text(encoding="utf-8")
)

FIELDS: tuple[str, ...] = tuple(_DATA["headers"])
"""The columns of the register that an extract may have."""
NEEDED_FIELDS = ("permit_number", "title_name")
"""Without these a line is no header."""
WRITTEN_HEADERS: Mapping[str, str] = {field: words[0] for field, words in _DATA["headers"].items()}
"""The header that the gate writes for a field."""
LIMITS: Mapping[str, int] = _DATA["limits"]
EXTRACTED_WORDS: tuple[str, ...] = tuple(_DATA["extracted"]["words"])
SHEET_WORDS: Mapping[str, str] = _DATA["sheets"]


def fold(header: str) -> str:
    """What equal headers have in common: a note in brackets at the end is none of it."""
    return name_key(_NOTE.sub("", header.strip())) or name_key(header)


def _fold_value(word: str) -> str:
    """What equal words in cells have in common. Nothing but decoration is dropped: `有效（已撤销）` is not `有效`."""
    return to_simplified(normalize("NFKC", drop_unseen(word).strip(_DECORATION)).casefold())


@cache
def _by_word(table: str, folded: Callable[[str], str]) -> Mapping[str, str]:
    return {folded(word): meaning for meaning, words in _DATA[table].items() for word in words}


def field_of(header: str) -> str | None:
    """The field that a header names."""
    return _by_word("headers", fold).get(fold(header)) if header.strip() else None


def status_of(word: str) -> str | None:
    """The register's status for a word of an extract."""
    return _by_word("status", _fold_value).get(_fold_value(word))


def system_of(word: str) -> str | None:
    """The filing system that a word names."""
    return _by_word("system", _fold_value).get(_fold_value(word))


def reason_text(reason: str, language: str) -> str:
    """Why a row is rejected, in words; after a colon a reason has the fields concerned."""
    key, _, concerned = reason.partition(":")
    fields = [WRITTEN_HEADERS[field] if language == "zh" else field for field in concerned.split(",") if field]
    text: str = _DATA["reasons"][key][language]
    return text.format(fields=("、" if language == "zh" else ", ").join(fields))


MATERIALS: tuple[str, ...] = tuple(_DATA["materials"]["names"])
"""The checklist of a platform's materials."""
