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


def sifted(texts: str, column: str) -> str:
    """What to SEMI JOIN a large relation with, where few of its rows are wanted: `texts`, a relation, by its column.

    DuckDB sifts the rows of a scan by the keys of the join to come, and reads the other columns of what is left alone;
    by a Bloom filter, which leaves little, unless all keys lie in a narrow range: then by parts of that range, which
    leave everything where the keys are spread evenly. So two texts are added that nothing is called.
    """
    return f"(SELECT {column} FROM {texts} UNION ALL FROM (VALUES (''), (chr(1114111))))"
