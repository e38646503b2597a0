"""Rows of Arrow batches as dictionaries, read straight from the batch's memory.

Arrow makes an object of its own for each cell before it gives Python's value; of a title's seventy cells, that takes
as long as judging it. Here one function is made for a batch and the columns wanted, with an expression for each cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from types import CodeType
from typing import Any

import pyarrow as pa

Row = dict[str, Any]
ReadRow = Callable[[int], Row]
"""Takes a place in the batch; null is None."""
ReadCell = Callable[[int], Any]
"""Takes a place in the batch."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_TEXT = "str(text{0}[at{0}[place]:at{0}[place + 1]], 'utf-8')"
_FORMS: dict[pa.DataType, tuple[str, str]] = {
    pa.int32(): ("i", "at{0}[place]"),
    pa.int64(): ("q", "at{0}[place]"),
    pa.float64(): ("d", "at{0}[place]"),
    pa.bool_(): ("B", "(at{0}[place >> 3] >> (place & 7) & 1 == 1)"),
    pa.string(): ("i", _TEXT),
    pa.timestamp("us"): ("q", "EPOCH + timedelta(microseconds=at{0}[place])"),
    pa.date32(): ("i", "date.fromordinal(EPOCH_DAY + at{0}[place])"),
}
"""By type: how the numbers in its buffer are read, and Python's value of the cell at a place."""


def row_reader(batch: pa.RecordBatch, columns: Sequence[str]) -> ReadRow:
    """A function that reads these columns of a row. The batch's memory stays as long as the function does."""
    names: dict[str, Any] = {}
    cells = [f"{name!r}: {_cell(batch.column(name), number, names)}" for number, name in enumerate(columns)]
    return _function(f"{{{', '.join(cells)}}}", names)


def cell_reader(batch: pa.RecordBatch, column: str) -> ReadCell:
    """A function that reads one column of a row."""
    names: dict[str, Any] = {}
    return _function(_cell(batch.column(column), 0, names), names)


def _function(expression: str, names: dict[str, Any]) -> Callable[[int], Any]:
    """The function of a place that gives the expression."""
    names |= {"EPOCH": _EPOCH, "EPOCH_DAY": _EPOCH_DAY, "date": date, "timedelta": timedelta}
    exec(_compiled(expression), names)  # noqa: S102 - made above of the column names of a state
    read: Callable[[int], Any] = names["read"]
    return read


@cache
def _compiled(expression: str) -> CodeType:
    """Compiled once: a file's batches differ in little but their memory."""
    return compile(f"def read(place):\n    return {expression}", "<rows>", "exec")


def _cell(array: pa.Array, number: int, names: dict[str, Any]) -> str:
    """The expression of a cell at `place`; `names` gets what it needs, under names that end in the number."""
    if array.offset or array.type not in _FORMS:
        names[f"array{number}"] = array
        return f"array{number}[place].as_py()"
    kind, expression = _FORMS[array.type]
    valid, values, *text = array.buffers()
    names[f"at{number}"] = _view(values, kind)
    names[f"text{number}"] = _view(text[0], "B") if text else None
    expression = expression.format(number)
    if not array.null_count:
        return expression
    names[f"valid{number}"] = _view(valid, "B")
    return f"{expression} if valid{number}[place >> 3] >> (place & 7) & 1 else None"


def _view(buffer: pa.Buffer | None, kind: str) -> memoryview:
    # The stubs know neither Arrow's buffers nor a kind that is no literal.
    return memoryview(buffer or b"").cast("B").cast(kind)  # type: ignore[call-overload,no-any-return]
