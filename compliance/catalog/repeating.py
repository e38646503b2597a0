"""Whole numbers that a SELECT gives more than once, found by sorting: a third of the cost of grouping them."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from compliance.catalog.sources import quoted

_INCOMING = "repeated_values"


def keep_repeated(con: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    """Make (or replace) the temporary table of the values that stand more than once in the one column of a SELECT.

    The table's column is called as the SELECT's; values are 64-bit whole numbers, none NULL. They are held in memory
    together, eight bytes each, beside what DuckDB may use.
    """
    ((column, found),) = con.execute(select).fetchnumpy().items()
    values = np.asarray(found)
    values.sort()
    repeated = _once(values[1:][values[1:] == values[:-1]])
    con.register(_INCOMING, pa.Table.from_arrays([_as_arrow(repeated)], names=[column]))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(table)} AS FROM {_INCOMING}")
    con.unregister(_INCOMING)


def _once(values: np.ndarray) -> np.ndarray:
    """Each value of a sorted array once (`np.unique` would sort again, and load what masked arrays need)."""
    first_of_each = np.append(True, values[1:] != values[:-1])[: len(values)]
    return np.compress(first_of_each, values)


def _as_arrow(values: np.ndarray) -> pa.Array:
    """The values without a copy; `pa.array` would load pandas, which takes as long as sorting a million of them."""
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])
