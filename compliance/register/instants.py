"""When an extract was taken, and what day the register of each system is of afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

import duckdb

from compliance.catalog.sources import literal
from compliance.register.found import Found
from compliance.register.held import SystemState


@dataclass(frozen=True, slots=True)
class Instants:
    """Wall time in Asia/Shanghai."""

    taken: datetime
    """When the extract was taken."""
    of: Mapping[str, datetime]
    """What instant the register of each system is of once the extract is in."""

    def sql(self, system: str = "system") -> str:
        """The instant of a row's system, which the column `system` tells."""
        instants = {name: f"TIMESTAMP {literal(str(at))}" for name, at in self.of.items()}
        if len(set(instants.values())) == 1:
            return next(iter(instants.values()))
        return f"CASE {system} {' '.join(f'WHEN {literal(name)} THEN {at}' for name, at in instants.items())} END"


def instants(
    taken: datetime, systems: Collection[str], states: Mapping[str, SystemState], standing: Collection[str]
) -> Instants:
    """`standing`: systems that the extract makes no fresher, if they are held already."""
    return Instants(
        taken, {name: states[name].extracted_at if name in standing and name in states else taken for name in systems}
    )


def taken_at(con: duckdb.DuckDBPyConnection, found: Found, said: date | None, now: datetime) -> datetime:
    """When the extract was taken: as the command line says, as its newest update says, as it is headed, else now."""
    (newest,) = con.execute("SELECT max(updated_at) FROM cleaned WHERE reason IS NULL").fetchall()[0]
    day = said or (None if newest else found.extracted_on)
    if day is None:
        instant: datetime = newest or now
        return instant
    return now if day == now.date() else datetime.combine(day, time(23, 59, 59))
