"""MySQL and MariaDB: what to ask them for, and ConnectorX, which reads it as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from compliance.catalog.batches import BATCH_ROWS, BulkReader, MissingDriver, in_utf8, must_have
from compliance.catalog.described import MYSQL_STRINGS, SourceColumn
from compliance.catalog.schema import Column, Relation, Type
from compliance.catalog.sources import as_found

SESSION = (
    "SET NAMES utf8mb4",
    "SET time_zone = '+08:00'",
    "SET group_concat_max_len = 16777216",
    "SET sql_select_limit = 18446744073709551615",
    "SET sql_mode = REPLACE(@@sql_mode, 'PAD_CHAR_TO_FULL_LENGTH', '')",
)
"""A server may have sessions write `?` for a character of four bytes, give only the first rows, and fill ids up with
blanks. MySQL cuts what GROUP_CONCAT gives to 1024 bytes, and the subjects behind them would be gone."""

_TINY, _FLOAT, _BIT, _FIXED = 1, 4, 16, 254
_WHOLE = frozenset({2, 3, 8, 9})
"""SMALLINT, INT, BIGINT, MEDIUMINT."""
_INSTANTS = frozenset({7, 12})
"""TIMESTAMP, DATETIME."""
_SECONDS_TO_1970 = 62_167_219_200
"""From the year 0, which TO_SECONDS counts from."""
_NO_INSTANT = -100_000_000_000_000_000
"""Farther from 1970 than the year 0 in microseconds."""
_MICROSECONDS = pa.timestamp("us")


def expression(column: Column, name: str, sent: SourceColumn, fast: bool) -> str:
    """What to select of a column: as text, decimals stay exact, and a FLOAT would be rounded to six digits.

    A TIMESTAMP is an instant, written in the session's zone; a DATETIME is wall time already. Bytes come as they are:
    in a text, those that are no UTF-8 would be question marks. But a BINARY is filled up with zeros, which are no part
    of a text.
    """
    if sent.is_binary:
        return f"TRIM(TRAILING X'00' FROM {name})" if sent.code == _FIXED else name
    if fast and (native := _native(column, name, sent)) is not None:
        return native
    if sent.code == _BIT:
        return f"CAST({name} + 0 AS CHAR)"
    if sent.code == _FLOAT:
        return f"CAST({name} + 0E0 AS CHAR)"
    return f"CAST({name} AS CHAR)"


def _native(column: Column, name: str, sent: SourceColumn) -> str | None:
    """The column in the protocol's own type, where that says all that there is to say."""
    if column.type is Type.TEXT:
        return name if sent.code in MYSQL_STRINGS else None
    if _is_counted(column, sent):
        return _counted(name)
    if column.type in (Type.INTEGER, Type.SMALL, Type.FLAG):
        if sent.code == _TINY:  # it may be a flag, and would come as one or as a number
            return f"{name} + 0"
        return name if sent.code in _WHOLE else None
    return None


def _is_counted(column: Column, sent: SourceColumn) -> bool:
    return column.type is Type.INSTANT and sent.code in _INSTANTS


def _counted(name: str) -> str:
    """Microseconds since 1970; of what is no instant, its digits below _NO_INSTANT.

    ConnectorX cannot bear a DATETIME without a day (0000-00-00, 2024-06-00). MySQL may hold one that no calendar has,
    too (2024-02-31), and would count it as one of March.
    """
    no_such_day = f"DAYOFMONTH({name}) > 28 AND DAYOFMONTH({name}) > DAYOFMONTH(LAST_DAY({name}))"
    return (
        f"CASE WHEN TO_SECONDS({name}) IS NULL OR ({no_such_day}) THEN {_NO_INSTANT} - CAST({name} AS SIGNED)"
        f" ELSE (TO_SECONDS({name}) - {_SECONDS_TO_1970}) * 1000000 + MICROSECOND({name}) END"
    )


def must_be_usable(url: sa.URL) -> None:
    """Raises MissingDriver where ConnectorX cannot be used."""
    must_have("connectorx", "mysql")
    if url.query:
        raise MissingDriver(f"ConnectorX does not understand the URL's options ({', '.join(sorted(url.query))})")


def reader(url: sa.URL, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """What the query gives, read by ConnectorX on a connection of its own."""
    instants = [relation.column(name) for name, sent in columns.items() if _is_counted(relation.column(name), sent)]
    holds_bytes = any(sent.is_binary for sent in columns.values())
    return _connectorx(url.set(drivername="mysql").render_as_string(hide_password=False), query, instants, holds_bytes)


@contextmanager
def _connectorx(uri: str, query: str, counted: list[Column], holds_bytes: bool) -> Iterator[pa.RecordBatchReader]:
    import connectorx

    with _no_panic():
        read = connectorx.read_sql(
            uri,
            query,
            return_type="arrow_stream",
            batch_size=BATCH_ROWS,
            pre_execution_query=list(SESSION),
        )

    def batches() -> Iterator[pa.RecordBatch]:
        with _no_panic():
            for batch in read:
                yield _as_instants(batch, counted)

    # Not an empty batch of lists: `pa.array` would load pandas, which takes as long as to read 100,000 rows.
    nothing = pa.RecordBatch.from_arrays([pa.nulls(0, type_) for type_ in read.schema.types], schema=read.schema)
    schema = _as_instants(nothing, counted).schema
    hand_on = in_utf8 if holds_bytes else pa.RecordBatchReader.from_batches
    yield hand_on(schema, batches())


@contextmanager
def _no_panic() -> Iterator[None]:
    """ConnectorX is written in Rust and panics where others raise; its panic is not even an Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RuntimeError(str(error)) from None


def _as_instants(batch: pa.RecordBatch, counted: list[Column]) -> pa.RecordBatch:
    """The batch with instants for what `_counted` gives, and beside them what is none, as text."""
    for column in counted:
        numbers = batch.column(column.name)
        if _all_instants(numbers):
            instants, texts = numbers.view(_MICROSECONDS), pa.nulls(len(numbers), pa.string())
        else:
            told = numbers.to_pylist()
            instants = pa.array([number if _is_instant(number) else None for number in told], _MICROSECONDS)
            texts = pa.array([None if _is_instant(number) else _digits_as_text(number) for number in told], pa.string())
        place = batch.schema.get_field_index(column.name)
        batch = batch.set_column(place, column.name, instants).append_column(as_found(column), texts)
    return batch


def _all_instants(numbers: pa.Array) -> bool:
    """Looked up in the bare values: to load `pyarrow.compute` takes as long as to read 10,000 rows."""
    bare = np.frombuffer(numbers.buffers()[1] or b"", np.int64)[numbers.offset : numbers.offset + len(numbers)]
    return not bare.size or bool(bare.min() > _NO_INSTANT)


def _is_instant(number: int | None) -> bool:
    return number is None or number > _NO_INSTANT


def _digits_as_text(number: int) -> str:
    """What MySQL would show of digits that `_counted` gives."""
    day, time = divmod(_NO_INSTANT - number, 1_000_000)
    year, month_and_day = divmod(day, 10_000)
    return (
        f"{year:04}-{month_and_day // 100:02}-{month_and_day % 100:02}"
        f" {time // 10_000:02}:{time // 100 % 100:02}:{time % 100:02}"
    )
