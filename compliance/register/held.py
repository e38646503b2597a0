"""The register as it is held: Parquet parts in the database, read into DuckDB as the relation `held`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from compliance.catalog.schema import SYSTEMS as SYSTEMS_IN_ORDER
from compliance.catalog.sources import literal
from compliance.language import worded
from compliance.register.ages import ages
from compliance.register.errors import RegisterError
from compliance.register.store import Store
from compliance.register.tables import PARTS, SYSTEMS

HELD: Mapping[str, str] = {
    "system": "VARCHAR",
    "number": "VARCHAR",
    "permit_number": "VARCHAR",
    "title_name": "VARCHAR",
    "alt_name": "VARCHAR",
    "producer": "VARCHAR",
    "filing_org": "VARCHAR",
    "platform": "VARCHAR",
    "status": "VARCHAR",
    "issued_on": "DATE",
    "reported_at": "TIMESTAMP",
    "updated_at": "TIMESTAMP",
    "ended_on": "DATE",
    "left_as": "VARCHAR",
    "told_at": "TIMESTAMP",
}
"""Columns of `held`: the register's; the canonical number; of a row that is in no extract any more, since when that is
so and the status that it had until then; and the newest time of update that an extract has told of the row, where
`updated_at` may also be the extract's instant."""
_UNTOLD: Mapping[str, str] = {
    "left_as": "CASE WHEN ended_on IS NOT NULL THEN CASE status WHEN 'expired' THEN 'active' ELSE status END END",
    "told_at": "NULL::TIMESTAMP",
}
"""Columns that parts of earlier versions do not have, and what holds instead."""

_PART_BYTES = "64MB"


@dataclass(frozen=True, slots=True)
class SystemState:
    """One filing system's register as it stands."""

    system: str
    import_id: int
    extracted_at: datetime
    rows: int


def system_states(connection: sa.Connection | None) -> dict[str, SystemState]:
    """What is held, by system."""
    if connection is None:
        return {}
    rows = connection.execute(sa.select(SYSTEMS))
    return {
        row.system: SystemState(row.system, row.import_id, datetime.fromisoformat(row.extracted_at), row.rows)
        for row in rows
    }


def is_held(store: Store, systems: Sequence[str] = SYSTEMS_IN_ORDER) -> bool:
    """Whether anything is held of any of these systems. Raises RegisterError where the database does not answer."""
    with store.reading() as connection:
        return not system_states(connection).keys().isdisjoint(systems)


def ensure_held(store: Store, systems: Sequence[str] = SYSTEMS_IN_ORDER) -> None:
    """Raises RegisterError where nothing is held of any of these systems: a mistyped database is no empty register."""
    if is_held(store, systems):
        return
    some = [] if len(systems) == len(SYSTEMS_IN_ORDER) else systems
    raise RegisterError(
        worded(
            f"{store.where} 中没有登记库" + (f"（{'、'.join(some)}）" if some else ""),
            f"{store.where} holds no register" + (f" of {', '.join(some)}" if some else ""),
        ),
        remedy=worded(
            "核对 --database，或先导入：gate register import 文件 --system …",
            "see that --database is right, or import an extract first: gate register import FILE --system …",
        ),
    )


def load_held(
    con: duckdb.DuckDBPyConnection, store: Store, work: Path, systems: Sequence[str] | None = None
) -> dict[str, SystemState]:
    """Make the view `held` over the rows of these systems (all where None), and return what is held of every system."""
    files = []
    with store.reading() as connection:
        states = system_states(connection)
        if connection is not None:
            wanted = sa.select(PARTS).order_by(PARTS.c.system, PARTS.c.part)
            for row in connection.execute(wanted if systems is None else wanted.where(PARTS.c.system.in_(systems))):
                path = work / f"held-{row.system}-{row.part}.parquet"
                path.write_bytes(row.content)
                files.append(path)
    if files:
        con.execute(f"CREATE OR REPLACE TEMP VIEW held AS {_held(con, files)}")
    else:
        empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in HELD.items())
        con.execute(f"CREATE OR REPLACE TEMP VIEW held AS SELECT {empty} WHERE FALSE")
    return states


def _held(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> str:
    parts = f"read_parquet([{', '.join(literal(str(path)) for path in files)}], union_by_name = true)"
    told = {name for name, *_ in con.execute(f"DESCRIBE FROM {parts}").fetchall()}
    columns = [
        name if name not in _UNTOLD else f"coalesce({name if name in told else 'NULL'}, {_UNTOLD[name]}) AS {name}"
        for name in HELD
    ]
    return f"SELECT {', '.join(columns)} FROM {parts}"


def write_parts(con: duckdb.DuckDBPyConnection, relation: str, system: str, work: Path) -> list[Path]:
    """The rows of one system as Parquet files of bounded size."""
    folder = work / f"next-{system}"
    con.execute(
        f"COPY (SELECT {', '.join(HELD)} FROM {relation} WHERE system = {literal(system)}) TO {literal(str(folder))}"
        f" (FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 5000, FILE_SIZE_BYTES {literal(_PART_BYTES)})"
    )
    return sorted(folder.glob("*.parquet"))


def replace_parts(connection: sa.Connection, state: SystemState, files: Sequence[Path]) -> None:
    """Put these files in the place of a system's parts."""
    connection.execute(PARTS.delete().where(PARTS.c.system == state.system))
    for part, path in enumerate(files):
        connection.execute(PARTS.insert().values(system=state.system, part=part, content=path.read_bytes()))
    connection.execute(SYSTEMS.delete().where(SYSTEMS.c.system == state.system))
    connection.execute(
        SYSTEMS.insert().values(
            system=state.system,
            import_id=state.import_id,
            extracted_at=state.extracted_at.isoformat(),
            rows=state.rows,
        )
    )


def freshness(store: Store, today: date, days: int) -> list[dict[str, Any]]:
    """For each system: rows, when its extract was taken, how many days ago, and `fresh`, `stale`, `ahead` or `absent`.

    `ahead`: it is dated in the future, and how old it is nobody can tell.

    Raises RegisterError where there is no register.
    """
    ensure_held(store)
    with store.reading() as connection:
        states = system_states(connection)
    newest = {system: state.extracted_at.date() for system, state in states.items()}
    told: list[dict[str, Any]] = []
    for age in ages(newest, today, days):
        state = states.get(age.system)
        told.append(
            {
                "system": age.system,
                "rows": state.rows if state else 0,
                "extracted_at": state.extracted_at.isoformat(sep=" ", timespec="seconds") if state else None,
                "days": age.days,
                "state": age.state,
            }
        )
    return told
