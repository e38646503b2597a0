"""What the platform owes the port 其他: titles to report, and where reports and shows differ (Order 16 art. 33(2))."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb

from compliance.register.desk import Desk, at_desk
from compliance.register.held import ensure_held, is_held
from compliance.register.serials import any_assigned
from compliance.register.sheets import write_sheet

HEADERS = ("节目名称", "制作机构", "备案机构", "播出平台", "节目备案号")
"""The columns of the upload list (regulation, section 5)."""

_PORT = ("other",)
_OWN = """
CREATE TEMP TABLE own AS
SELECT f.title_id, f.name, f.producer, f.platform, f.status, f.online_on, f.reviewed_at, f.tier,
    coalesce(f.permit, a.number) AS number,
    coalesce(p.operator, p.short_names[1]) AS filing_org,
    q.name AS platform_name, CAST(a.assigned_at AS DATE) AS assigned_on,
    f.number_shared AS shared, h.number IS NOT NULL AS reported, h.reported_on
FROM facts AS f
JOIN platform_facts AS p ON p.platform = f.platform
JOIN platforms AS q ON q.platform = f.platform
LEFT JOIN assigned AS a ON a.platform = f.platform AND a.title_id = f.title_id AND f.permit_blank
LEFT JOIN (
    SELECT number, min(coalesce(CAST(reported_at AS DATE), issued_on)) AS reported_on
    FROM held WHERE system = 'other' AND ended_on IS NULL GROUP BY number
) AS h ON h.number = coalesce(f.permit, a.number)
WHERE f.kind = 'micro_drama'
    AND (a.number IS NOT NULL OR (f.platform_filing AND f.issuer_is_own AND NOT f.permit_placeholder))
"""
# Titles that the platform numbered itself, of whatever tier and reviewed or not, and what the port knows of them. Where
# an extract tells no day of the report, the day of filing stands for it.

OffList = Literal["tier_1", "tier_2", "tier_unknown", "shared", "not_reviewed"]
"""Why a number of the platform's own must not be reported: the port is for tier 3 alone, for what the platform has
reviewed, and for one title a number."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """The upload list, and which titles cannot stand on it."""

    rows: int
    incomplete: tuple[str, ...]
    """Titles without a producer: the port takes no row with an empty cell."""
    left_out: Mapping[OffList, tuple[str, ...]]
    """Titles with a number of the platform's own that are not known to be of tier 3, share it with another name, or
    are not reviewed."""
    port_held: bool
    """Whether an extract of the port is held; without one nothing counts as reported."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One title or report; `days` run until the as-of day, or until the report came."""

    kind: str
    """`numbered_not_reported`, `reported_not_shown`, `shown_before_reported` or, of what is shown and reported, but may
    have been shown before, `report_day_unknown`."""
    number: str
    title_id: str | None
    name: str
    platform: str | None
    since: date
    reported_on: date | None
    days: int


def export_uploads(desk: Desk, out: Path) -> Uploads:
    """Write the upload list: tier-3 titles, reviewed and numbered, but not in the register of the port 其他.

    Before the port has any row there is no extract of it: then the numbers that the platform gave show that this is its
    register. Raises RegisterError where nothing does, CatalogError where the catalog cannot be judged.
    """
    if not any_assigned(desk.store):
        ensure_held(desk.store, _PORT)
    with at_desk(desk) as con:
        con.execute(_OWN)
        due = "FROM own WHERE NOT reported AND tier = 3 AND NOT shared AND reviewed_at IS NOT NULL"
        incomplete = con.execute(f"SELECT title_id {due} AND producer IS NULL ORDER BY title_id").fetchall()
        rows = con.execute(
            f"SELECT name, producer, filing_org, platform_name, number {due} AND producer IS NOT NULL"
            " ORDER BY number, title_id"
        ).fetchall()
        left_out = _left_out(con)
    write_sheet(out, HEADERS, rows, title="上报名单")
    return Uploads(len(rows), tuple(title_id for (title_id,) in incomplete), left_out, is_held(desk.store, _PORT))


def _left_out(con: duckdb.DuckDBPyConnection) -> dict[OffList, tuple[str, ...]]:
    found: dict[OffList, list[str]] = defaultdict(list)
    rows = con.execute(
        "SELECT CASE WHEN shared THEN 'shared' WHEN tier IS NULL THEN 'tier_unknown' WHEN tier < 3 THEN 'tier_' || tier"
        " ELSE 'not_reviewed' END, title_id FROM own"
        " WHERE NOT reported AND (shared OR tier IS DISTINCT FROM 3 OR reviewed_at IS NULL) ORDER BY ALL"
    ).fetchall()
    for why, title_id in rows:
        found[why].append(title_id)
    return {why: tuple(titles) for why, titles in found.items()}


def reconcile(desk: Desk) -> list[Mismatch]:
    """Every title and report that do not go together, the oldest first.

    The duty to report is tier 3's (Order 16 art. 33(2)): a title of tier 1 or 2 does not break it, one of an unknown
    tier may. A reported number is shown whatever the tier of the title that shows it. Raises RegisterError where no
    extract of the port is held, CatalogError where the catalog cannot be judged.
    """
    ensure_held(desk.store, _PORT)
    with at_desk(desk) as con:
        con.execute(_OWN)
        return [Mismatch(*row) for row in _mismatches(con, desk.as_of)]


def _mismatches(con: duckdb.DuckDBPyConnection, as_of: date) -> list[tuple[Any, ...]]:
    return con.execute(
        """
        WITH issuers AS (SELECT DISTINCT platform, unnest(short_names) AS issuer FROM platform_facts),
        owing AS (FROM own WHERE coalesce(tier, 3) = 3),
        found AS (
            SELECT 'numbered_not_reported' AS kind, number, title_id, name, platform,
                coalesce(greatest(CAST(reviewed_at AS DATE), assigned_on), least(online_on, $as_of)) AS since,
                NULL::DATE AS reported_on
            FROM owing WHERE NOT reported AND (status <> 'online' OR online_on > $as_of)
            UNION ALL
            SELECT 'shown_before_reported', number, title_id, name, platform, online_on, reported_on
            FROM owing
            WHERE status = 'online' AND online_on <= $as_of AND (NOT reported OR reported_on > online_on)
            UNION ALL
            SELECT 'report_day_unknown', number, title_id, name, platform, online_on, NULL
            FROM owing WHERE status = 'online' AND online_on <= $as_of AND reported AND reported_on IS NULL
            UNION ALL
            SELECT 'reported_not_shown', h.number, NULL, h.title_name, i.platform,
                coalesce(CAST(h.reported_at AS DATE), h.issued_on, CAST(h.updated_at AS DATE)),
                CAST(h.reported_at AS DATE)
            FROM held AS h JOIN issuers AS i ON starts_with(h.number, '（' || i.issuer || '）')
            WHERE h.system = 'other' AND h.status = 'active' AND h.ended_on IS NULL
                AND h.number NOT IN (SELECT number FROM own WHERE status = 'online')
        )
        SELECT kind, number, title_id, name, platform, since, reported_on,
            date_diff('day', since, coalesce(CASE WHEN kind = 'shown_before_reported' THEN reported_on END, $as_of))
                AS days
        FROM found ORDER BY days DESC, kind, number, title_id
        """,
        {"as_of": as_of},
    ).fetchall()
