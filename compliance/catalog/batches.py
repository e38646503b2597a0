"""Arrow batches as the readers of databases hand them on: texts in UTF-8, and nothing else called text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

import pyarrow as pa

from compliance.language import worded

BulkReader = AbstractContextManager[pa.RecordBatchReader]

BATCH_ROWS = 65_536
_TEXT_OF = {pa.binary(): pa.string(), pa.large_binary(): pa.large_string()}


class MissingDriver(Exception):  # noqa: N818 - it is no error: there is a slower way
    """The fast driver cannot be used; the text says why and what would help."""


def must_have(module: str, extra: str) -> None:
    """Raises MissingDriver where that module is not installed."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingDriver(f"{module} is not installed; install microdrama-gate[{extra}] for the fast way")


def in_utf8(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """Texts and bytes as texts. A batch raises ValueError naming the column that holds anything else."""
    texts = pa.schema([(field.name, _TEXT_OF.get(field.type, field.type)) for field in schema])

    def checked() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = [_text(*named) for named in zip(schema.names, batch.columns, strict=True)]
            yield pa.record_batch(columns, schema=texts)

    return pa.RecordBatchReader.from_batches(texts, checked())


def _text(name: str, column: pa.Array) -> pa.Array:
    try:
        if column.type in _TEXT_OF:
            return column.cast(_TEXT_OF[column.type])
        column.validate(full=True)
    except pa.ArrowInvalid:
        raise ValueError(
            worded(f"列 {name} 中有不是 UTF-8 文字的字节", f"column {name} holds bytes that are no text in UTF-8")
        ) from None
    return column
