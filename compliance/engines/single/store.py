"""Rows in one Arrow file, found by key in microseconds: written in one pass, mapped into memory when read.

Beside the file `register.arrow` stands an index `register.permit.npy` for each of its keys: the checksum of the key
and the row's place, sorted by checksum. A checksum only narrows the search: the key itself is compared in each row.
Rows of one key that stand together have one entry, so that a title's episodes cost as much as one row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compliance.engines.single.cells import ReadCell, ReadRow, Row, cell_reader, row_reader
from compliance.engines.single.errors import damaged

BATCH_ROWS = 16_384
"""Rows of a batch; a row's columns lie within about this many values of each other."""

_POSITION_LIMIT = 2**32
_DAMAGE = (IndexError, UnicodeDecodeError, OverflowError)
"""What places, texts and times that were never written lead to."""


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
    # Arrow's own calls throughout: an array or scalar made of a value of Python or NumPy would load pandas first.
    given, differs = pc.is_valid(column), pc.not_equal(column[1:], column[:-1])
    changes = pc.or_kleene(differs, pc.is_null(differs))
    begins = pc.indices_nonzero(pa.concat_arrays([given[:1], pc.and_(given[1:], changes)]))
    keys = column.take(begins).cast(pa.binary()).to_pylist()
    places = np.from_dlpack(begins) + first
    return np.fromiter(map(crc32, keys), dtype=np.uint32, count=len(keys)), places.astype(np.uint32)


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
        self._path = folder / f"{name}.arrow"
        self._file = pa.ipc.open_file(pa.memory_map(str(self._path)))
        self.columns: tuple[str, ...] = tuple(self._file.schema.names)
        self._batches = [self._file.get_batch(number) for number in range(self._file.num_record_batches)]
        self._starts = [0, *accumulate(batch.num_rows for batch in self._batches)]
        self._indexes = {key: _views(np.load(_index(folder, name, key), mmap_mode="r")) for key in keys}

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __iter__(self) -> Iterator[Row]:
        """Every row, in the order written."""
        for batch in self._batches:
            yield from map(row_reader(batch, self.columns), range(batch.num_rows))

    def by(self, key: str, columns: Sequence[str] | None = None) -> Finder:
        """What finds rows by that key, and reads these columns of them, or all."""
        return Finder(self._path, self._batches, self._starts, self._indexes[key], key, columns or self.columns)


class Finder:
    """Finds rows by their key. Safe to share between threads."""

    def __init__(
        self,
        path: Path,
        batches: Sequence[pa.RecordBatch],
        starts: Sequence[int],
        index: tuple[memoryview, memoryview],
        key: str,
        columns: Sequence[str],
    ) -> None:
        """`starts`: how many rows stand before each batch, and at last how many there are."""
        self._path, self._batches, self._starts = path, batches, starts
        self._key, self._columns = key, columns
        self._checksums, self._places = index
        self._readers: list[tuple[ReadCell, ReadRow] | None] = [None] * len(batches)

    def all(self, value: str) -> Iterator[Row]:
        """The rows whose key is `value`, in the order written. Raises StateError where the files are damaged."""
        try:
            for place in self._candidates(value):
                number = bisect_right(self._starts, place) - 1
                read_key, read = self._readers[number] or self._made(number)
                for inside in range(place - self._starts[number], self._batches[number].num_rows):
                    if read_key(inside) != value:
                        break
                    yield read(inside)
        except _DAMAGE as error:
            raise damaged(self._path, error) from error

    def first(self, value: str) -> Row | None:
        """The first of these rows; None where there is none. Raises StateError where the files are damaged."""
        try:
            for place in self._candidates(value):
                number = bisect_right(self._starts, place) - 1
                read_key, read = self._readers[number] or self._made(number)
                inside = place - self._starts[number]
                if read_key(inside) == value:
                    return read(inside)
        except _DAMAGE as error:
            raise damaged(self._path, error) from error
        return None

    def _candidates(self, value: str) -> Sequence[int]:
        """Where rows with the key's checksum stand; each may be of another key, or begin a run of rows of this one."""
        try:
            checksum = crc32(value.encode())
        except UnicodeEncodeError:  # half a character (a lone surrogate): no row's key
            return ()
        checksums = self._checksums
        start = end = bisect_left(checksums, checksum)
        while end < len(checksums) and checksums[end] == checksum:
            end += 1
        return self._places[start:end]

    def _made(self, number: int) -> tuple[ReadCell, ReadRow]:
        """The functions that read the key and the columns of a batch's rows, made when they are first needed."""
        batch = self._batches[number]
        made = self._readers[number] = cell_reader(batch, self._key), row_reader(batch, self._columns)
        return made


def _views(index: np.ndarray) -> tuple[memoryview, memoryview]:
    """Checksums and places. A view of memory gives plain integers, several times as fast as an array does."""
    return np.asarray(index[0]).data, np.asarray(index[1]).data
