"""Numbers that two filing systems give to different titles: told to a person, never settled by the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from compliance.catalog.sources import literal
from compliance.register.held import load_held, system_states
from compliance.register.store import Store

MOST = 1000
"""Conflicts that are listed; a register with more is wrong as a whole."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One number with two titles."""

    number: str
    system: str
    title_name: str
    other_system: str
    other_title_name: str


def conflicts(con: duckdb.DuckDBPyConnection, store: Store, work: Path, systems: Sequence[str]) -> Iterator[Conflict]:
    """The conflicts between these systems' rows and other systems' rows, as held now."""
    with store.reading() as connection:
        if len(system_states(connection)) < 2:
            return
    load_held(con, store, work)
    listed = ", ".join(map(literal, systems))
    rows = con.execute(
        f"""
        SELECT a.number, a.system, a.title_name, b.system, b.title_name
        FROM held AS a JOIN held AS b ON a.number = b.number AND a.system <> b.system
        WHERE a.system IN ({listed}) AND (a.system < b.system OR b.system NOT IN ({listed}))
            AND a.ended_on IS NULL AND b.ended_on IS NULL
            AND a.title_name <> b.title_name AND name_key(a.title_name) <> name_key(b.title_name)
        ORDER BY ALL LIMIT {MOST}
        """
    ).fetchall()
    yield from (Conflict(*row) for row in rows)
