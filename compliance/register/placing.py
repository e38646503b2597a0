"""Which filing system a number belongs to, and how many rows of an extract stand in another one (contract, section 2).

The numbers tell it by what stands before their year: licences and V numbers belong to `key`, a regulator's filings to
`ordinary`, a platform's to `other`, an unknown issuer's to either of the last two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from compliance.catalog.sources import literal
from compliance.permits import filing_systems, patterns, shipped_issuers

_FIRST_ROWS = 2_000
"""Rows by which most heads are known."""
HEAD = "string_split(number, '（')[2]"
"""Of a canonical number `issuer）words`; NULL of a V number."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The rows that an extract gives to one system, by what their numbers say."""

    system: str
    told: int
    """Rows whose number tells that they belong to it, or that they do not."""
    elsewhere: Mapping[str, int]
    """Of these, by the system that they belong to, those of others; `ordinary/other`: one of the two."""

    @property
    def misplaced(self) -> int:
        """Rows that belong to another system."""
        return sum(self.elsewhere.values())

    def listed(self) -> str:
        """The other systems with their rows, as in `ordinary 3, other 1`."""
        return ", ".join(f"{system} {rows:,}" for system, rows in sorted(self.elsewhere.items()))


def placements(con: duckdb.DuckDBPyConnection) -> list[Placement]:
    """For each system that the good rows of `cleaned` are given to, what their numbers say."""
    told: Counter[str] = Counter()
    elsewhere: dict[str, Counter[str]] = defaultdict(Counter)
    for system, head, rows in _rows_by_head(con):
        belongs_to = systems_of(head)
        if system not in belongs_to:
            elsewhere[system]["/".join(belongs_to)] += rows
        told[system] += rows if system not in belongs_to or len(belongs_to) == 1 else 0
    return [Placement(system, told[system], elsewhere[system]) for system in sorted(told)]


def _rows_by_head(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, int]]:
    """System, head and rows. Most rows begin with a head of the first ones: to ask that is cheaper than to split."""
    first = con.execute(
        f"SELECT {HEAD} AS head FROM (SELECT number FROM cleaned WHERE reason IS NULL LIMIT {_FIRST_ROWS})"
        " GROUP BY head HAVING head IS NOT NULL ORDER BY count(*) DESC, head"
    ).fetchall()
    known = "".join(f"WHEN starts_with(number, {literal(f'（{head}（')}) THEN {literal(head)} " for (head,) in first)
    told = f"CASE {known}ELSE {HEAD} END" if known else HEAD
    return con.execute(
        f"SELECT system, {told} AS head, count(*) FROM cleaned WHERE reason IS NULL GROUP BY ALL ORDER BY ALL"
    ).fetchall()


def systems_of(head: str | None) -> tuple[str, ...]:
    """The filing systems that may hold numbers with this head."""
    if head is None:
        return filing_systems(patterns.ONLINE_FILING, None)
    issuer, words = head.split("）")
    known = shipped_issuers().get(issuer)
    return filing_systems(patterns.WORDS_BY_SPELLING[words].family, known.level if known else None)
