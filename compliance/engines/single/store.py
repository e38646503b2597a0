"""Rows in one Arrow file, found by key in microseconds: written in one pass, mapped into memory when read.

Beside the file `register.arrow` stands an index `register.permit.npy` for each of its keys: the checksum of the key
and the row's place, sorted by checksum. A checksum only narrows the search: the key itself is compared in each row.
Rows of one key that stand together have one entry, so that a title's episodes cost as much as one row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Row = dict[str, Any]

BATCH_ROWS = 16_384
"""Rows of a batch; a row's columns lie within about this many values of each other."""

_POSITION_LIMIT = 2**32


def write_rows(reader: pa.RecordBatchReader, folder: Path, name: str, keys: Sequence[str]) -> int:
    """Write the rows and one index per key; return the count of rows.

    Keys are text columns; a row whose key is null is not found by that key. Needs 8 bytes of memory per entry.
    """
    entries: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {key: [] for key in keys}
    rows = 0
    with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink, pa.ipc.new_file(sink, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            for key in keys:
                entries[key].append(_entries(batch.column(key), rows))
            rows += batch.num_rows
    if rows >= _POSITION_LIMIT:
        raise OverflowError(f"{name} has {rows:,} rows; an index counts to {_POSITION_LIMIT:,}")
    for key in keys:
        np.save(_index(folder, name, key), _sorted(entries[key]))
    return rows


def _entries(column: pa.Array, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Checksum and place of each row that begins a run of equal keys within the batch."""
    begins = np.ones(len(column), dtype=bool)
    begins[1:] = pc.fill_null(pc.not_equal(column[1:], column[:-1]), fill_value=True).to_numpy(zero_copy_only=False)
    begins &= pc.is_valid(column).to_numpy(zero_copy_only=False)
    places = np.flatnonzero(begins)
    keys = column.take(pa.array(places)).cast(pa.binary()).to_pylist()
    return np.fromiter(map(crc32, keys), dtype=np.uint32, count=len(keys)), (places + first).astype(np.uint32)


def _sorted(entries: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    if not entries:
        return np.empty((2, 0), dtype=np.uint32)
    checksums = np.concatenate([checksum for checksum, _ in entries])
    places = np.concatenate([place for _, place in entries])
    order = np.argsort(checksums, kind="stable")
    return np.stack([checksums[order], places[order]])


def _index(folder: Path, name: str, key: str) -> Path:
    return folder / f"{name}.{key}.npy"


class Rows:
    """The rows of one file."""

    def __init__(self, folder: Path, name: str, keys: Sequence[str]) -> None:
        """Map the file and its indexes into memory. Raises OSError or ValueError where one is missing or damaged."""
        self._file = pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow")))
        self.columns: tuple[str, ...] = tuple(self._file.schema.names)
        batches = [self._file.get_batch(number) for number in range(self._file.num_record_batches)]
        self._batches = [(batch.num_rows, dict(zip(self.columns, batch.columns, strict=True))) for batch in batches]
        self._starts = [0, *accumulate(batch.num_rows for batch in batches)]
        self._indexes = {key: _views(np.load(_index(folder, name, key), mmap_mode="r")) for key in keys}

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __iter__(self) -> Iterator[Row]:
        """Every row, in the order written."""
        for rows, batch in self._batches:
            yield from (_row(batch, self.columns, place) for place in range(rows))

    def find(self, key: str, value: str, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """The rows whose key is `value`, in the order written; of them the columns named, or all."""
        checksums, places = self._indexes[key]
        checksum = crc32(value.encode())
        entry = bisect_left(checksums, checksum)
        while entry < len(checksums) and checksums[entry] == checksum:
            yield from self._run(places[entry], key, value, self.columns if columns is None else columns)
            entry += 1

    def _run(self, place: int, key: str, value: str, columns: Sequence[str]) -> Iterator[Row]:
        """The rows from a place on, up to the first of another key or the batch's end."""
        number = bisect_right(self._starts, place) - 1
        rows, batch = self._batches[number]
        keys = batch[key]
        inside = place - self._starts[number]
        while inside < rows and keys[inside].as_py() == value:
            yield _row(batch, columns, inside)
            inside += 1


def _row(batch: Mapping[str, pa.Array], columns: Sequence[str], place: int) -> Row:
    return {name: batch[name][place].as_py() for name in columns}


def _views(index: np.ndarray) -> tuple[memoryview, memoryview]:
    """Checksums and places. A view of memory gives plain integers, several times as fast as an array does."""
    return np.asarray(index[0]).data, np.asarray(index[1]).data
