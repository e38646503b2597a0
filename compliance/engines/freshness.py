"""How fresh the extracts in a register are (contract, section 2): worked out in one place for every engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance.catalog.columns import row_count
from compliance.catalog.schema import SYSTEMS
from compliance.policy import Policy

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Extract:
    """The rows of one filing system, as far as their days of update tell how fresh it is."""

    rows: int
    newest: date | None
    """None: every row is of a day that is still to come."""
    to_come: int
    """Rows of such days. They tell nothing: else one mistyped year would make a system fresh for good."""
    latest: date


@dataclass(frozen=True, slots=True)
class Extracts:
    """What a register tells of its own freshness on a day."""

    as_of: date
    last_on: date
    """The last day that is not still to come."""
    systems: Mapping[str, Extract]
    """Each filing system that has rows."""

    def newest(self) -> dict[str, date]:
        """The newest day of each system that has one."""
        return {name: extract.newest for name, extract in self.systems.items() if extract.newest is not None}

    def stale(self, policy: Policy) -> tuple[str, ...]:
        """Filing systems that have no rows, or none updated within the days that the policy allows."""
        newest = self.newest()
        return tuple(name for name in SYSTEMS if not is_fresh(newest.get(name), policy, self.as_of))

    def notes(self) -> list[str]:
        """What the summary says of rows that tell nothing."""
        return [
            f"how fresh system {name} of the register is, was told without {row_count(extract.to_come)}"
            f" updated after {self.last_on} (the latest on {extract.latest})"
            for name, extract in self.systems.items()
            if extract.to_come
        ]

    def shown(self) -> list[dict[str, Any]]:
        """What reports show of each system, as JSON values."""
        return [
            {"system": name, "rows": extract.rows, "newest": extract.newest and extract.newest.isoformat()}
            for name, extract in self.systems.items()
        ]


def is_fresh(newest: date | None, policy: Policy, as_of: date) -> bool:
    """Whether an extract whose newest day is this one is judged by on the as-of day; None: it has no such day."""
    return newest is not None and (as_of - newest).days <= policy.number("register_fresh_days")


def read_checked(con: duckdb.DuckDBPyConnection, *, as_of: date, today: date) -> Extracts:
    """`read_extracts` of the relation that `catalog.contract.check` has left on the embedded engine."""
    return read_extracts(lambda select: con.execute(select).fetchall(), as_of=as_of, today=today)


def read_extracts(rows: Callable[[str], Sequence[Sequence[Any]]], *, as_of: date, today: date) -> Extracts:
    """Read the clean relation `register`. `rows` answers a SELECT; `today` is the day of the run, in Asia/Shanghai.

    An audit of a past day reads today's extract, and one of a day to come whatever is there by then: only what is later
    than both is still to come.
    """
    last_on = max(as_of, today)
    come = f"CAST(updated_at AS DATE) <= DATE '{last_on}'"
    found = rows(
        f"SELECT system, COUNT(*) AS total, MAX(CASE WHEN {come} THEN CAST(updated_at AS DATE) END) AS newest,"
        f" COUNT(CASE WHEN NOT {come} THEN 1 END) AS to_come, CAST(MAX(updated_at) AS DATE) AS latest"
        " FROM register GROUP BY system ORDER BY system"
    )
    return Extracts(as_of, last_on, {system: Extract(*told) for system, *told in found})
