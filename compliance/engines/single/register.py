"""What the register says about one title's number, and how fresh it is (contract, sections 2 and 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from compliance.engines.single.evidence import Evidence, Row
from compliance.permits import Permit, name_key, names_equal
from compliance.policy import Policy

_SYSTEM_OF_FILING = {"national": ("ordinary",), "province": ("ordinary",), "platform": ("other",)}
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time; only differences count
_TIE_BREAK = (
    "title_name",
    "alt_name",
    "producer",
    "filing_org",
    "platform",
    "status",
    "system",
    "reported_at",
    "permit_number",
)
"""Two rows equal in all else are one and the same: the order never depends on how the rows arrived."""


def register_facts(
    title: Row, permit: Permit | None, level: str | None, evidence: Evidence, as_of: date, policy: Policy
) -> dict[str, object]:
    """The register facts of a title whose number is `permit`, issued at `level` (None where unknown)."""
    row = choose(evidence.register) if permit is not None else None
    fresh_days = int(policy.number("register_fresh_days"))
    name = title["name"]
    return {
        "registered": row is not None,
        "register_stale": permit is not None
        and any(not _is_fresh(evidence.extracts.get(system), as_of, fresh_days) for system in _systems(permit, level)),
        "register_status": row["status"] if row else None,
        "register_title": row["title_name"] if row else None,
        "register_alt_name": row["alt_name"] if row else None,
        "register_producer": row["producer"] if row else None,
        "register_issued_on": row["issued_on"] if row else None,
        "register_name_equal": row is not None
        and any(other is not None and names_equal(name, other) for other in (row["title_name"], row["alt_name"])),
        "producer_equal": row is not None
        and title["producer"] is not None
        and row["producer"] is not None
        and names_equal(title["producer"], row["producer"]),
        "number_shared": permit is not None and any(name_key(other) != name_key(name) for other in evidence.namesakes),
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


def _systems(permit: Permit, level: str | None) -> tuple[str, ...]:
    """The filing systems that would hold a number; an unknown issuer's filing may stand in either of two."""
    if permit.family != "filing":
        return ("key",)
    return _SYSTEM_OF_FILING.get(level or "", ("ordinary", "other"))


def _is_fresh(newest: datetime | None, as_of: date, fresh_days: int) -> bool:
    return newest is not None and (as_of - newest.date()).days <= fresh_days
