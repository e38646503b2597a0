"""Reading the mass of rows out of a database as Arrow batches, by the fastest well-kept driver for it.

ADBC for PostgreSQL and SQLite, ConnectorX for MySQL and MariaDB; SQLAlchemy where such a driver is not installed.
What a database sends is text wherever its own types say too little, and is typed while it is staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

from compliance.catalog.described import SourceColumn
from compliance.catalog.schema import Column, Relation, Type
from compliance.catalog.sources import quoted
from compliance.language import worded

if TYPE_CHECKING:
    from adbc_driver_manager import AdbcStatement

BulkReader = AbstractContextManager[pa.RecordBatchReader]

_BATCH_ROWS = 65_536
_SLOW_BATCH_ROWS = 10_000
_BATCH_BYTES = 16 << 20
_POSTGRESQL_REAL, _POSTGRESQL_MONEY = 700, 790
_MYSQL_FLOAT, _MYSQL_BIT, _MYSQL_FIXED = 4, 16, 254
_TEXT_OF = {pa.binary(): pa.string(), pa.large_binary(): pa.large_string()}
_MYSQL_WHOLE = frozenset({2, 3, 8, 9})
"""SMALLINT, INT, BIGINT, MEDIUMINT. A TINYINT may be a flag, and comes as one or as a number."""

SESSION: Mapping[str, tuple[str, ...]] = {
    "postgresql": (
        "SET TIME ZONE 'Asia/Shanghai'",
        "SET client_encoding TO 'UTF8'",
        "SET datestyle TO 'ISO'",
        "SET extra_float_digits TO 1",
    ),
    "mysql": ("SET time_zone = '+08:00'", "SET group_concat_max_len = 16777216"),
    "sqlite": (),
}
"""What every connection says first. A server, database or user may have a zone, an encoding and formats of its own, and
these would decide what views, mappings and casts give; the contract wants wall time in Asia/Shanghai. MySQL cuts what
GROUP_CONCAT gives to 1024 bytes, and the subjects behind them would be gone."""


class MissingDriver(Exception):  # noqa: N818 - it is no error: there is a slower way
    """The fast driver cannot be used; the text says why and what would help."""


def fast_reader(url: sa.URL, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The relation's columns by the Arrow driver. Raises MissingDriver where there is none."""
    backend = url.get_backend_name()
    read = {"postgresql": _postgresql, "sqlite": _sqlite, "mysql": _mysql}[backend]
    return read(url, _selection(backend, relation, query, columns, fast=True), columns)


def plain_reader(engine: sa.Engine, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The relation's columns by SQLAlchemy, each as text."""
    backend = engine.url.get_backend_name()
    return _sqlalchemy(engine, _selection(backend, relation, query, columns, fast=False), columns)


def _selection(backend: str, relation: Relation, query: str, columns: Mapping[str, SourceColumn], *, fast: bool) -> str:
    expression = {"postgresql": _from_postgresql, "sqlite": _from_sqlite, "mysql": _from_mysql}[backend]
    as_name = (lambda name: f"`{name}`") if backend == "mysql" else quoted
    listed = ", ".join(
        f"{expression(relation.column(name), as_name(name), sent, fast)} AS {as_name(name)}"
        for name, sent in columns.items()
    )
    return f"SELECT {listed} FROM ({query}) AS source"


def _from_postgresql(column: Column, name: str, sent: SourceColumn, fast: bool) -> str:
    """PostgreSQL sends exact numbers, flags and instants; its texts may be of many types (enum, uuid, citext).

    Money would come as a number of its smallest parts, or with the sign and commas of the server's country; a million
    in single precision as a text with an exponent.
    """
    value = name
    if sent.code == _POSTGRESQL_MONEY:
        value = f"CAST({name} AS numeric)"
    elif sent.code == _POSTGRESQL_REAL and column.type is not Type.TEXT:
        value = f"CAST({name} AS float8)"
    return value if fast and column.type is not Type.TEXT else f"CAST({value} AS text)"


def _from_sqlite(column: Column, name: str, sent: SourceColumn, fast: bool) -> str:  # noqa: ARG001 - one signature for all
    """In SQLite each value has a type of its own: only as text do all of them fit one column."""
    if column.type is Type.REAL:
        return f"CASE typeof({name}) WHEN 'real' THEN printf('%!.17g', {name}) ELSE CAST({name} AS TEXT) END"
    return f"CAST({name} AS TEXT)"


def _from_mysql(column: Column, name: str, sent: SourceColumn, fast: bool) -> str:
    """As text, MySQL's decimals stay exact and its zero dates can be told; whole numbers are exact as they are.

    A TIMESTAMP is an instant, written in the session's zone; a DATETIME is wall time already. A FLOAT as text would
    be rounded to six digits. Bytes come as they are: in a text, those that are no UTF-8 would be question marks. But a
    BINARY is filled up with zeros, which are no part of a text.
    """
    if sent.is_binary:
        return f"TRIM(TRAILING X'00' FROM {name})" if sent.code == _MYSQL_FIXED else name
    if fast and sent.code in _MYSQL_WHOLE and column.type in (Type.INTEGER, Type.SMALL, Type.FLAG):
        return name
    if sent.code == _MYSQL_BIT:
        return f"CAST({name} + 0 AS CHAR)"
    if sent.code == _MYSQL_FLOAT:
        return f"CAST({name} + 0E0 AS CHAR)"
    return f"CAST({name} AS CHAR)"


@contextmanager
def _adbc(
    driver: str, uri: str, query: str, options: Mapping[str, str], *, first: tuple[str, ...] = ()
) -> Iterator[pa.RecordBatchReader]:
    """The driver's DB-API would load pandas, which takes as long as reading 100,000 rows."""
    from importlib import import_module

    from adbc_driver_manager import AdbcConnection, AdbcStatement

    with (
        import_module(driver).connect(uri) as database,
        AdbcConnection(database) as connection,
    ):
        for said in first:
            with AdbcStatement(connection) as statement:
                statement.set_sql_query(said)
                statement.execute_update()
        with AdbcStatement(connection) as statement:
            yield _stream(statement, query, options)


def _stream(statement: AdbcStatement, query: str, options: Mapping[str, str]) -> pa.RecordBatchReader:
    statement.set_options(**options)
    statement.set_sql_query(query)
    stream, _ = statement.execute_query()
    return pa.RecordBatchReader.from_stream(stream)


def _postgresql(url: sa.URL, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:  # noqa: ARG001 - one signature for all
    _must_have("adbc_driver_postgresql", "postgres")
    uri = url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
    return _adbc("adbc_driver_postgresql", uri, query, options, first=SESSION["postgresql"])


def _sqlite(url: sa.URL, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The driver takes a column's type from its first rows, and nulls alone say "number": a row of texts goes ahead."""
    _must_have("adbc_driver_sqlite", "sqlite")
    ahead = "SELECT " + ", ".join(f"'' AS {quoted(name)}" for name in columns)
    return _without_first(str(url.database), f"{ahead} UNION ALL {query}")


@contextmanager
def _without_first(path: str, query: str) -> Iterator[pa.RecordBatchReader]:
    options = {"adbc.sqlite.query.batch_rows": str(_BATCH_ROWS)}
    with _adbc("adbc_driver_sqlite", path, query, options) as reader:
        first = reader.read_next_batch()
        if any(column[0].as_py() != "" for column in first.columns):
            raise RuntimeError("SQLite gave the rows in another order than asked for")
        yield _in_utf8(reader.schema, chain([first.slice(1)], reader))


def _in_utf8(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
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


@contextmanager
def _connectorx(uri: str, query: str, holds_bytes: bool) -> Iterator[pa.RecordBatchReader]:
    import connectorx

    with _no_panic():
        reader = connectorx.read_sql(
            uri,
            query,
            return_type="arrow_stream",
            batch_size=_BATCH_ROWS,
            pre_execution_query=list(SESSION["mysql"]),
        )

    def batches() -> Iterator[pa.RecordBatch]:
        with _no_panic():
            yield from reader

    read = _in_utf8 if holds_bytes else pa.RecordBatchReader.from_batches
    yield read(reader.schema, batches())


@contextmanager
def _no_panic() -> Iterator[None]:
    """ConnectorX is written in Rust and panics where others raise; its panic is not even an Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RuntimeError(str(error)) from None


def _mysql(url: sa.URL, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    _must_have("connectorx", "mysql")
    if url.query:
        raise MissingDriver(f"ConnectorX does not understand the URL's options ({', '.join(sorted(url.query))})")
    holds_bytes = any(sent.is_binary for sent in columns.values())
    return _connectorx(url.set(drivername="mysql").render_as_string(hide_password=False), query, holds_bytes)


@contextmanager
def _sqlalchemy(engine: sa.Engine, query: str, columns: Mapping[str, SourceColumn]) -> Iterator[pa.RecordBatchReader]:
    schema = pa.schema([(name, pa.binary() if sent.is_binary else pa.string()) for name, sent in columns.items()])

    def batches(result: sa.CursorResult[tuple[str | bytes | None, ...]]) -> Iterator[pa.RecordBatch]:
        for rows in result.partitions(_SLOW_BATCH_ROWS):
            values = zip(schema.types, zip(*rows, strict=True), strict=True)
            yield pa.record_batch([pa.array(column, type_) for type_, column in values], schema=schema)

    with engine.connect() as connection:
        options = {"no_parameters": True, "stream_results": True, "yield_per": _SLOW_BATCH_ROWS}
        result = connection.execution_options(**options).exec_driver_sql(query)
        yield _in_utf8(schema, batches(result))


def _must_have(module: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingDriver(f"{module} is not installed; install microdrama-gate[{extra}] for the fast way")
