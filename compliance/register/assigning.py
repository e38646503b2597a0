"""Who gets a number of the platform's own, and who does not, and why (35号三.1; Order 16 art. 33(2))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb

from compliance.catalog.sources import literal
from compliance.register.desk import Desk, at_desk
from compliance.register.serials import WORDS, Assigned, Due, assign_numbers

Why = Literal[
    "unknown_title",
    "has_number",
    "tier_unknown",
    "tier_1",
    "tier_2",
    "not_reviewed",
    "no_short_name",
    "platform_unqualified",
]


@dataclass(frozen=True, slots=True)
class Refused:
    """A title that gets no number."""

    title_id: str
    why: Why


@dataclass(frozen=True, slots=True)
class Assignment:
    """What became of the titles."""

    assigned: tuple[Assigned, ...]
    refused: tuple[Refused, ...]


_STANDS = """
SELECT f.title_id, f.platform, p.short_names[1] AS issuer,
    CASE
        WHEN NOT f.permit_blank THEN 'has_number'
        WHEN f.tier IS NULL THEN 'tier_unknown'
        WHEN f.tier < 3 THEN 'tier_' || f.tier
        WHEN f.reviewed_at IS NULL THEN 'not_reviewed'
        WHEN p.short_names[1] IS NULL THEN 'no_short_name'
        WHEN (nullif(p.av_licence, '') IS NULL AND nullif(p.registration_no, '') IS NULL)
            OR p.valid_until < $as_of THEN 'platform_unqualified'
    END AS why
FROM facts AS f JOIN platform_facts AS p USING (platform)
WHERE f.kind = 'micro_drama' AND ($ids IS NULL OR list_contains($ids, f.title_id))
ORDER BY f.reviewed_at, f.title_id
"""


def assign_titles(desk: Desk, title_ids: Sequence[str] | None, *, now: datetime) -> Assignment:
    """Give numbers to these titles; None: to every reviewed tier-3 title without one.

    A title is numbered by the platform that reviewed it, in order of review, under the year of the as-of day. Titles
    that are asked for and get none are told with the reason.
    """
    with at_desk(desk) as con:
        ids = None if title_ids is None else list(title_ids)
        rows = con.execute(_STANDS, {"ids": ids, "as_of": desk.as_of}).fetchall()
        taken = {
            issuer: _highest(con, issuer, desk.as_of.year)
            for issuer in {issuer for _, _, issuer, why in rows if why is None}
        }
    due = [Due(title_id, platform, issuer) for title_id, platform, issuer, why in rows if why is None]
    assigned = assign_numbers(desk.store, due, year=desk.as_of.year, now=now, taken=taken) if due else []
    refused = [Refused(title_id, why) for title_id, _, _, why in rows if why is not None]
    if title_ids is None:
        return Assignment(tuple(assigned), ())
    known = {row[0] for row in rows}
    refused += [Refused(title_id, "unknown_title") for title_id in title_ids if title_id not in known]
    return Assignment(tuple(assigned), tuple(refused))


def _highest(con: duckdb.DuckDBPyConnection, issuer: str, year: int) -> int:
    """The highest serial of an issuer and year in the register and on titles; 0 where there is none."""
    prefix = f"（{issuer}）{WORDS}（{year}）第"
    (highest,) = con.execute(
        f"SELECT max(TRY_CAST(number[{len(prefix) + 1}:-2] AS BIGINT)) FROM ("
        "  SELECT number FROM held UNION ALL SELECT permit FROM facts UNION ALL SELECT number FROM assigned"
        f") AS numbers (number) WHERE starts_with(number, {literal(prefix)})"
    ).fetchall()[0]
    return int(highest or 0)
