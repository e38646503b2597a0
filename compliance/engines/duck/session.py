"""A DuckDB connection within bounds of memory, spilling to the run's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from compliance.embedded import Setting, connect
from compliance.engines.duck.failures import explained
from compliance.permits.sql import register_functions


@contextmanager
def joined_as_written(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within, joins are made in the order in which they stand: the right side is kept, the left one streams past it."""
    con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    yield
    con.execute("RESET disabled_optimizers")


@contextmanager
def session(spill: Path, *, memory: str, threads: int | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that may use `memory` (such as `3GB`) and spills into the folder `spill`.

    Raises GateError where the work fails for want of memory or disk, CatalogError where it meets a damaged file.
    """
    settings: dict[str, Setting] = {
        "memory_limit": memory,
        "temp_directory": str(spill),
        "preserve_insertion_order": False,
    }
    if threads is not None:
        settings["threads"] = threads
    con = connect(settings)
    try:
        register_functions(con)
        with explained(con):
            yield con
    finally:
        con.close()
