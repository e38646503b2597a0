"""Whole numbers that stand more than once."""

from __future__ import annotations

from collections import Counter

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.catalog.repeating import keep_repeated


def repeated(values: list[int], type_: pa.DataType) -> set[int]:
    with duckdb.connect() as con:
        con.register("numbers", pa.table({"number": pa.array(values, type_)}))
        keep_repeated(con, "repeated", "SELECT number FROM numbers")
        rows = con.execute("SELECT number FROM repeated").fetchall()
    assert len(rows) == len(set(rows))
    return {number for (number,) in rows}


@given(st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-3, 3)), max_size=40))
def test_each_value_that_stands_more_than_once_is_kept_once(values: list[int]) -> None:
    assert repeated(values, pa.int64()) == {value for value, count in Counter(values).items() if count > 1}


@pytest.mark.parametrize("values", [[], [2**64 - 1], [2**64 - 1, 0, 2**64 - 1]])
def test_hashes_take_all_64_bits(values: list[int]) -> None:
    assert repeated(values, pa.uint64()) == {value for value, count in Counter(values).items() if count > 1}
