"""What Python reads in rows that SQL cannot read alike everywhere: odd numbers, near names, special subjects.

Each function takes Arrow batches and gives Arrow batches, wherever the rows are: in Spark's workers, or here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from compliance.engines.portable.engine import Reading
from compliance.permits import Issuer, Permit, Reason, find, issued_rightly, name_key, names_equal, parse
from compliance.permits.folding import drop_unseen
from compliance.policy import Policy
from compliance.policy.tiers import special_words

Row = Mapping[str, Any]

_PARSED = pa.schema(
    [
        ("text", pa.string()),
        ("permit", pa.string()),
        ("reason", pa.string()),
        ("family", pa.string()),
        ("issuer", pa.string()),
        ("words", pa.string()),
        ("year", pa.int32()),
        ("serial_is_zero", pa.bool_()),
    ]
)
_FOUND = pa.schema([("text", pa.string()), ("has_text", pa.bool_()), ("permit", pa.string())])
_NAMES = pa.schema([("title_id", pa.string()), ("register_name_equal", pa.bool_()), ("producer_equal", pa.bool_())])
_NAMED = pa.schema([("permit", pa.string()), ("name_key", pa.string())])
_TITLES = pa.schema([("title_id", pa.string()), ("label_title", pa.string())])
_SUBJECTS = pa.schema([("text", pa.string()), ("words", pa.string())])


def readings(policy: Policy, issuers: Mapping[str, Issuer]) -> Mapping[str, Reading]:
    """The readings by the name of the step that asks for them."""
    platforms = frozenset(name for name, issuer in issuers.items() if issuer.level == "platform")
    special = tuple(policy.special_subjects)
    return {
        "parsed_numbers": Reading(EachRow(Parsed(platforms), _PARSED), _PARSED),
        "found_numbers": Reading(EachRow(Found(platforms), _FOUND), _FOUND),
        "names_compared": Reading(EachRow(compared_names, _NAMES), _NAMES),
        "named_numbers": Reading(EachRow(keyed_name, _NAMED), _NAMED),
        "label_titles": Reading(EachRow(other_title, _TITLES), _TITLES),
        "special_subjects": Reading(EachRow(Special(special), _SUBJECTS), _SUBJECTS),
    }


@dataclass(frozen=True, slots=True)
class EachRow:
    """A function of one row over batches; a row for which it gives None is left out."""

    function: Callable[[Row], Row | None]
    schema: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows that the function gives."""
        for batch in batches:
            made = [row for row in map(self.function, batch.to_pylist()) if row is not None]
            yield pa.RecordBatch.from_pylist(made, schema=self.schema)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The number that a number field holds. `platforms` are the issuers whose licences are none."""

    platforms: frozenset[str]

    def __call__(self, row: Row) -> Row:
        """The text with its number taken apart, or the reason why it has none."""
        number = parse(row["text"])
        if not isinstance(number, Permit):
            return {"text": row["text"], "reason": str(number.reason), "serial_is_zero": False}
        if _is_wrong(number, self.platforms):
            return {"text": row["text"], "reason": str(Reason.WRONG_ISSUER), "serial_is_zero": False}
        return {
            "text": row["text"],
            "permit": number.canonical,
            "family": number.family,
            "issuer": number.issuer,
            "words": number.words,
            "year": number.year,
            "serial_is_zero": not number.serial.lstrip("0"),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The first number that a label shows."""

    platforms: frozenset[str]

    def __call__(self, row: Row) -> Row:
        """The text with its number, and whether there is any text to see."""
        number = find(row["text"])
        if not isinstance(number, Permit):
            return {"text": row["text"], "has_text": number.reason is not Reason.BLANK}
        permit = None if _is_wrong(number, self.platforms) else number.canonical
        return {"text": row["text"], "has_text": True, "permit": permit}


@dataclass(frozen=True, slots=True)
class Special:
    """The special words among a title's subjects."""

    words: Sequence[str]

    def __call__(self, row: Row) -> Row | None:
        """The text with its special words in the list's order; None where it has none."""
        found = special_words(row["text"], self.words)
        return {"text": row["text"], "words": "、".join(found)} if found else None


def compared_names(row: Row) -> Row:
    """Whether a title's name and producer are the register's by name equality."""
    known = [name for name in (row["register_title"], row["register_alt_name"]) if name is not None]
    producers = row["producer"], row["register_producer"]
    return {
        "title_id": row["title_id"],
        "register_name_equal": any(names_equal(row["name"], name) for name in known),
        "producer_equal": None not in producers and names_equal(*producers),
    }


def keyed_name(row: Row) -> Row:
    """A number and what equal names on it have in common."""
    return {"permit": row["permit"], "name_key": name_key(row["name"])}


def other_title(row: Row) -> Row | None:
    """A title shown that is not the name; unseen characters alone are no title."""
    if not drop_unseen(row["title_text"]) or names_equal(row["name"], row["title_text"]):
        return None
    return {"title_id": row["title_id"], "label_title": row["title_text"]}


def _is_wrong(number: Permit, platforms: frozenset[str]) -> bool:
    return not issued_rightly(number.family, "platform" if number.issuer in platforms else None)
