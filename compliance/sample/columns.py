"""Arrow columns from NumPy arrays, fast enough for tens of millions of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from compliance.catalog.arrow import ARROW
from compliance.catalog.schema import RELATIONS
from compliance.sample.draw import Flags, Ints, Words
from compliance.sample.titles import NEVER

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)


def relation(name: str, columns: Mapping[str, object]) -> pa.Table:
    """The columns as the relation of that name: its order and its types. Raises where one is missing or too many."""
    schema = RELATIONS[name].columns
    if set(columns) != {column.name for column in schema}:
        raise ValueError(f"{name}: {sorted(set(columns) ^ {column.name for column in schema})}")
    arrays = [_typed(columns[column.name], ARROW[column.type]) for column in schema]
    return pa.table(arrays, names=[column.name for column in schema])


def _typed(values: object, kind: pa.DataType) -> pa.Array:
    """As an array of that type; repeated texts stay dictionary-coded, which Parquet stores as plain text."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return array if pa.types.is_dictionary(array.type) else array.cast(kind)


def coded(positions: Ints, texts: Sequence[str | None]) -> pa.Array:
    """Few texts, many rows: text number `positions[row]` in each row; an empty text is null."""
    codes = positions.astype(np.int32)
    empty = np.array([not text for text in texts])[positions]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=empty), pa.array([text or "" for text in texts]))


def instants(seconds: Ints, missing: Flags | None = None) -> pa.Array:
    """Wall time from seconds since 1970-01-01; NEVER is null."""
    never = seconds == NEVER
    mask = never if missing is None else never | missing
    return pa.array(np.where(mask, 0, seconds) * 1_000_000, mask=mask).cast(pa.timestamp("us"))


def days(numbers: Ints) -> pa.Array:
    """Dates from days since 1970-01-01."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """The prefix and `width` digits: numbered("t", 7, 8) is t00000007."""
    return _fixed(numbered_bytes(prefix, numbers, width))


def numbered_bytes(prefix: str, numbers: Ints, width: int) -> NDArray[np.uint8]:
    """As `numbered`, one row of bytes a text."""
    text = np.empty((len(numbers), len(prefix) + width), np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    rest = numbers.copy()
    for place in range(1, width + 1):
        rest, digit = np.divmod(rest, 10)
        text[:, -place] = digit + ord("0")
    return text


def repeated(text: NDArray[np.uint8], at: Ints) -> pa.Array:
    """Rows `at` of fixed-width texts."""
    return _fixed(text[at])


def hexadecimal(words: Words, missing: Flags | None = None) -> pa.Array:
    """16 hexadecimal digits a word."""
    text = _fixed(_HEX[words.view(np.uint8)].reshape(len(words), 16))
    if missing is None:
        return text
    return pa.compute.if_else(pa.array(missing), pa.scalar(None, pa.string()), text)


def _fixed(text: NDArray[np.uint8]) -> pa.Array:
    rows, width = text.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))
