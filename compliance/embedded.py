"""Connections to the embedded engine, DuckDB, as every part of this program wants them."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

Setting = str | bool | int | float | list[str]


def connect(config: Mapping[str, Setting] | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory database that draws no progress bar among a command's messages and fetches nothing at run time."""
    offline: dict[str, Setting] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    con = duckdb.connect(config={**offline, **(config or {})})
    con.execute("SET enable_progress_bar = FALSE")  # no setting of the configuration: the package turns it on again
    return con
