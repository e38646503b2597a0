"""The words of extracts as data: headers, statuses, systems, bounds, and why a row is rejected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from compliance.permits import name_key

System = Literal["key", "ordinary", "other"]
SYSTEMS: tuple[System, ...] = ("key", "ordinary", "other")

_NOTE = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]$")

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


def fold(text: str) -> str:
    """What equal headers and equal status words have in common."""
    return name_key(_NOTE.sub("", text.strip())) or name_key(text)


@cache
def _by_word(table: str) -> Mapping[str, str]:
    return {fold(word): meaning for meaning, words in _DATA[table].items() for word in words}


def field_of(header: str) -> str | None:
    """The field that a header names."""
    return _by_word("headers").get(fold(header)) if header.strip() else None


def status_of(word: str) -> str | None:
    """The register's status for a word of an extract."""
    return _by_word("status").get(fold(word))


def system_of(word: str) -> str | None:
    """The filing system that a word names."""
    return _by_word("system").get(fold(word))


def reason_text(reason: str, language: str) -> str:
    """Why a row is rejected, in words; after a colon a reason has the fields concerned."""
    key, _, concerned = reason.partition(":")
    fields = [WRITTEN_HEADERS[field] if language == "zh" else field for field in concerned.split(",") if field]
    text: str = _DATA["reasons"][key][language]
    return text.format(fields=("、" if language == "zh" else ", ").join(fields))


MATERIALS: tuple[str, ...] = tuple(_DATA["materials"]["names"])
"""The checklist of a platform's materials."""
