"""What the register says about one title's number, and how fresh it is (contract, sections 2 and 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from compliance.engines.freshness import is_fresh
from compliance.engines.single.evidence import Row
from compliance.engines.single.numbers import Number
from compliance.permits import filing_systems, name_key, names_equal
from compliance.policy import Policy

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time; only differences count
_TIE_BREAK = (
    "title_name",
    "alt_name",
    "producer",
    "status",
    "filing_org",
    "platform",
    "system",
    "reported_at",
    "permit_number",
)
"""Two rows equal in all else are one and the same: the order never depends on how the rows arrived."""


def register_facts(
    number: Number, row: Row | None, extracts: Mapping[str, date], as_of: date, policy: Policy
) -> dict[str, object]:
    """What the register says about a number by itself; `row` is R, None where there is none."""
    return {
        "registered": row is not None,
        "register_stale": any(not is_fresh(extracts.get(system), policy, as_of) for system in _systems(number)),
        "register_status": row["status"] if row else None,
        "register_title": row["title_name"] if row else None,
        "register_alt_name": row["alt_name"] if row else None,
        "register_producer": row["producer"] if row else None,
        "register_issued_on": row["issued_on"] if row else None,
    }


def comparison_facts(
    title: Row, online_on: date, number: Number, row: Row | None, namesakes: Sequence[str]
) -> dict[str, object]:
    """What the register and the other titles of the number say about this title."""
    name, producer = title["name"], title["producer"]
    names = (row["title_name"], row["alt_name"]) if row else ()
    filed_by = row["producer"] if row else None
    return {
        "register_name_equal": any(other is not None and names_equal(name, other) for other in names),
        "register_issued_late": bool(row and row["issued_on"] and row["issued_on"] > online_on),
        "producer_equal": producer is not None and filed_by is not None and names_equal(producer, filed_by),
        "number_shared": number.permit is not None and any(name_key(other) != name_key(name) for other in namesakes),
    }


def choose(rows: Sequence[Row]) -> Row | None:
    """R among the rows of one number: active first, then the newest by issued_on (none is oldest), then updated_at."""
    return min(rows, key=_preference, default=None)


def _preference(row: Row) -> tuple[object, ...]:
    issued_on: date | None = row["issued_on"]
    updated_at: datetime = row["updated_at"]
    return (
        row["status"] != "active",
        -(issued_on or date.min).toordinal(),
        _EPOCH - updated_at,
        *((row[column] is None, row[column] or "") for column in _TIE_BREAK),
    )


def _systems(number: Number) -> tuple[str, ...]:
    return () if number.permit is None else filing_systems(number.permit.family, number.level)
