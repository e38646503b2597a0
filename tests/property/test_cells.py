"""Rows read straight from Arrow's memory are what Arrow itself says they are."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.engines.single.cells import cell_reader, row_reader

_TYPES = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.int8(): st.integers(-128, 127),  # of no kind that is read straight
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.timestamp("us"): st.datetimes(),
    pa.date32(): st.dates(),
}


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(0, 40), st.integers(0, 40))
def test_every_type_with_and_without_nulls_from_any_place_on(data: st.DataObject, rows: int, first: int) -> None:
    columns = {
        f"c{number}{'?' if nulls else ''}": pa.array(
            data.draw(st.lists(values | st.none() if nulls else values, min_size=rows, max_size=rows)), type_
        )
        for number, (type_, values) in enumerate(_TYPES.items())
        for nulls in (False, True)
    }
    batch = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns)).slice(first)
    read = row_reader(batch, tuple(columns))
    assert batch.to_pylist() == [read(place) for place in range(batch.num_rows)]
    for name in columns:
        read_cell = cell_reader(batch, name)
        assert batch.column(name).to_pylist() == [read_cell(place) for place in range(batch.num_rows)]
