"""What two filing systems say of one number and cannot both be true: told to a person, never settled by the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from compliance.catalog.sources import literal
from compliance.register.held import load_held, system_states
from compliance.register.store import Store

MOST = 1000
"""Conflicts and disagreements that are listed; a register with more is wrong as a whole."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One number with two titles."""

    number: str
    system: str
    title_name: str
    other_system: str
    other_title_name: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One number with two statuses."""

    number: str
    system: str
    status: str
    other_system: str
    other_status: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What one number has two of, by number."""

    conflicts: tuple[Conflict, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


def compare_systems(con: duckdb.DuckDBPyConnection, store: Store, work: Path, systems: Sequence[str]) -> Compared:
    """These systems' rows beside other systems' rows, as held now; rows that have ended say nothing."""
    with store.reading() as connection:
        if len(system_states(connection)) < 2:
            return Compared()
    load_held(con, store, work)
    titles = "a.title_name <> b.title_name AND name_key(a.title_name) <> name_key(b.title_name)"
    return Compared(
        tuple(Conflict(*row) for row in _unlike(con, systems, "title_name", titles)),
        tuple(Disagreement(*row) for row in _unlike(con, systems, "status", "a.status <> b.status")),
    )


def _unlike(con: duckdb.DuckDBPyConnection, systems: Sequence[str], column: str, unlike: str) -> list[tuple[str, ...]]:
    listed = ", ".join(map(literal, systems))
    return con.execute(
        f"""
        SELECT DISTINCT a.number, a.system, a.{column}, b.system, b.{column}
        FROM held AS a JOIN held AS b ON a.number = b.number AND a.system <> b.system
        WHERE a.system IN ({listed}) AND (a.system < b.system OR b.system NOT IN ({listed}))
            AND a.ended_on IS NULL AND b.ended_on IS NULL AND {unlike}
        ORDER BY ALL LIMIT {MOST}
        """
    ).fetchall()
