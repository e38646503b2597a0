"""Rows held under a filing system that their number does not belong to, once it arrives under the one that it does.

Such a copy would go on as active whatever becomes of the number under its own system, and audits go by the active row.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from compliance.catalog.sources import literal
from compliance.register.held import load_held, system_states
from compliance.register.placing import HEAD, systems_of
from compliance.register.store import Store


def find_displaced(con: duckdb.DuckDBPyConnection, store: Store, work: Path, systems: Sequence[str]) -> list[str]:
    """Make `displaced` (system, number): copies that are to end, since a good row of `cleaned` tells where they belong.

    `systems`: those that `cleaned` has rows of. Returns the systems that hold copies. Makes the view `held` its own.
    """
    with store.reading() as connection:
        others = [system for system in system_states(connection) if {system} != set(systems)]
    con.execute("CREATE OR REPLACE TEMP TABLE displaced (system VARCHAR, number VARCHAR)")
    if not others:
        return []
    load_held(con, store, work, others)
    for system, head in con.execute(f"SELECT DISTINCT system, {HEAD} FROM held WHERE ended_on IS NULL").fetchall():
        own = systems_of(head)
        if system not in own:
            _add(con, system, head, own)
    return [name for (name,) in con.execute("SELECT DISTINCT system FROM displaced ORDER BY system").fetchall()]


def _add(con: duckdb.DuckDBPyConnection, system: str, head: str | None, own: tuple[str, ...]) -> None:
    arriving = f"SELECT number FROM cleaned WHERE reason IS NULL AND system IN ({', '.join(map(literal, own))})"
    con.execute(
        "INSERT INTO displaced SELECT DISTINCT system, number FROM held"
        f" WHERE system = ? AND {HEAD} IS NOT DISTINCT FROM ? AND ended_on IS NULL AND number IN ({arriving})",
        [system, head],
    )
