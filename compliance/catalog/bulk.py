"""Reading the mass of rows out of a database as Arrow batches, by the fastest well-kept driver for it.

ADBC for PostgreSQL and SQLite, ConnectorX for MySQL and MariaDB; SQLAlchemy where such a driver is not installed.
What a database sends is text wherever its own types say too little, and is typed while it is staged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

from compliance.catalog import mysql
from compliance.catalog.batches import BATCH_ROWS, BulkReader, in_utf8, must_have
from compliance.catalog.described import SourceColumn
from compliance.catalog.schema import Column, Relation, Type
from compliance.catalog.sources import quoted

if TYPE_CHECKING:
    from adbc_driver_manager import AdbcStatement

_SLOW_BATCH_ROWS = 10_000
_BATCH_BYTES = 16 << 20
_POSTGRESQL_REAL, _POSTGRESQL_MONEY = 700, 790

SESSION: Mapping[str, tuple[str, ...]] = {
    "postgresql": (
        "SET TIME ZONE 'Asia/Shanghai'",
        "SET client_encoding TO 'UTF8'",
        "SET datestyle TO 'ISO'",
        "SET extra_float_digits TO 1",
        "SET row_security TO off",  # a policy that hides rows from the reader is an error, and no smaller catalog
    ),
    "mysql": mysql.SESSION,
    "sqlite": (),
}
"""What every connection says first. A server, database or user may have a zone, an encoding and formats of its own, and
these would decide what views, mappings and casts give; the contract wants wall time in Asia/Shanghai."""


def fast_reader(url: sa.URL, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The relation's columns by the Arrow driver. Raises MissingDriver where there is none."""
    backend = url.get_backend_name()
    asked = _selection(backend, relation, query, columns, fast=True)
    if backend == "mysql":
        return mysql.reader(url, relation, asked, columns)
    return {"postgresql": _postgresql, "sqlite": _sqlite}[backend](url, asked, columns)


def plain_reader(engine: sa.Engine, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The relation's columns by SQLAlchemy, each as text."""
    backend = engine.url.get_backend_name()
    return _sqlalchemy(engine, _selection(backend, relation, query, columns, fast=False), columns)


def _selection(backend: str, relation: Relation, query: str, columns: Mapping[str, SourceColumn], *, fast: bool) -> str:
    expression = {"postgresql": _from_postgresql, "sqlite": _from_sqlite, "mysql": mysql.expression}[backend]
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
    must_have("adbc_driver_postgresql", "postgres")
    uri = url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
    return _adbc("adbc_driver_postgresql", uri, query, options, first=SESSION["postgresql"])


def _sqlite(url: sa.URL, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    """The driver takes a column's type from its first rows, and nulls alone say "number": a row of texts goes ahead."""
    must_have("adbc_driver_sqlite", "sqlite")
    ahead = "SELECT " + ", ".join(f"'' AS {quoted(name)}" for name in columns)
    return _without_first(str(url.database), f"{ahead} UNION ALL {query}")


@contextmanager
def _without_first(path: str, query: str) -> Iterator[pa.RecordBatchReader]:
    options = {"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)}
    with _adbc("adbc_driver_sqlite", path, query, options) as reader:
        first = reader.read_next_batch()
        if any(column[0].as_py() != "" for column in first.columns):
            raise RuntimeError("SQLite gave the rows in another order than asked for")
        yield in_utf8(reader.schema, chain([first.slice(1)], reader))


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
        yield in_utf8(schema, batches(result))
