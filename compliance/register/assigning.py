"""Who gets a number of the platform's own, and who does not, and why (35号三.1; Order 16 art. 33(2))."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb

from compliance.catalog.sources import literal
from compliance.language import worded
from compliance.permits import shipped_issuers
from compliance.permits.sql import find_sql, is_official_sql
from compliance.register.desk import Desk, at_desk
from compliance.register.errors import RegisterError
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


_FARTHEST = 10_000
"""How far beyond the register's highest serial a title's own number is believed: given elsewhere, not reported yet."""
_SHOWN = 3

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


_TEXTS = """
CREATE TEMP TABLE borne_texts AS
SELECT title_id, text, {official} AS official
FROM (
    SELECT title_id, permit_number AS text FROM titles
    UNION ALL
    SELECT title_id, "row" ->> 'permit_number' FROM quarantine WHERE relation = 'titles'
)
WHERE text IS NOT NULL
"""


def assign_titles(desk: Desk, title_ids: Sequence[str] | None, *, now: datetime) -> Assignment:
    """Give numbers to these titles; None: to every reviewed tier-3 title without one.

    A title is numbered by the platform that reviewed it, in order of review, under the year of the as-of day. Titles
    that are asked for and get none are told with the reason. Raises RegisterError, CatalogError.
    """
    with at_desk(desk) as con:
        ids = None if title_ids is None else list(title_ids)
        rows = con.execute(_STANDS, {"ids": ids, "as_of": desk.as_of}).fetchall()
        issuers = {issuer for _, _, issuer, why in rows if why is None}
        _gather_borne(con, issuers)
        taken = {issuer: _highest(con, issuer, desk.as_of.year) for issuer in issuers}
    due = [Due(title_id, platform, issuer) for title_id, platform, issuer, why in rows if why is None]
    assigned = assign_numbers(desk.store, due, year=desk.as_of.year, now=now, taken=taken) if due else []
    refused = [Refused(title_id, why) for title_id, _, _, why in rows if why is not None]
    if title_ids is None:
        return Assignment(tuple(assigned), ())
    known = {row[0] for row in rows}
    refused += [Refused(title_id, "unknown_title") for title_id in title_ids if title_id not in known]
    return Assignment(tuple(assigned), tuple(refused))


def _gather_borne(con: duckdb.DuckDBPyConnection, issuers: Set[str]) -> None:
    """Make `borne` (title_id, number): the numbers that any row of titles bears, whatever stands around them.

    Offline titles, other kinds and rows in quarantine are judged by no rule, but their numbers are given all the same.
    """
    con.execute(_TEXTS.format(official=is_official_sql("text", {*shipped_issuers(), *issuers})))
    odd = find_sql("(SELECT title_id, text FROM borne_texts WHERE NOT official)", "text", ["title_id"])
    con.execute(
        "CREATE TEMP TABLE borne AS SELECT title_id, text AS number FROM borne_texts WHERE official"
        f" UNION ALL SELECT title_id, canonical FROM ({odd}) WHERE canonical IS NOT NULL"
    )


def _highest(con: duckdb.DuckDBPyConnection, issuer: str, year: int) -> int:
    """The highest serial of an issuer and year in the register and on titles; 0 where there is none.

    Raises RegisterError where a title bears one far beyond the register: whoever made it up would move the counter.
    """
    prefix = f"（{issuer}）{WORDS}（{year}）第"
    serials = f"SELECT TRY_CAST(number[{len(prefix) + 1}:-2] AS BIGINT) AS serial, title_id FROM ({{}})"
    serials += f" WHERE starts_with(number, {literal(prefix)})"
    recorded = serials.format("SELECT number, NULL AS title_id FROM held UNION ALL SELECT number, NULL FROM assigned")
    (known,) = con.execute(f"SELECT coalesce(max(serial), 0) FROM ({recorded})").fetchall()[0]
    on_titles = serials.format("SELECT number, title_id FROM borne")
    (highest,) = con.execute(f"SELECT coalesce(max(serial), 0) FROM ({on_titles})").fetchall()[0]
    if highest > known + _FARTHEST:
        beyond = con.execute(
            f"SELECT title_id, serial FROM ({on_titles}) WHERE serial > {known + _FARTHEST} ORDER BY ALL LIMIT {_SHOWN}"
        ).fetchall()
        raise RegisterError(
            worded(
                f"有剧目的自编号远远超出登记库（{issuer} {year} 年的最大序号为 {known:,}）；没有编号",
                "titles bear own numbers far beyond the register"
                f" (the highest serial of {issuer} in {year} is {known:,}); no number was given",
            ),
            problems=[f"{title_id}: {prefix}{serial}号" for title_id, serial in beyond],
            remedy=worded(
                "更正这些编号；若确为本平台所编，先导入“其他”端口的数据",
                "correct these numbers; if the platform did give them, import the extract of the port first",
            ),
        )
    return int(max(known, highest))
