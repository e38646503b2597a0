"""Reading the mass of rows out of a database as Arrow batches, by the fastest well-kept driver for it.

ADBC for PostgreSQL and SQLite, ConnectorX for MySQL and MariaDB; SQLAlchemy where such a driver is not installed.
What a database sends is text wherever its own types say too little, and is typed while it is staged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

from compliance.catalog import mysql
from compliance.catalog.batches import BATCH_ROWS, BulkReader, in_utf8, must_have
from compliance.catalog.described import SourceColumn
from compliance.catalog.meanwhile import REPLACED_IN_POSTGRESQL
from compliance.catalog.schema import Column, Relation, Type
from compliance.catalog.sources import quoted

if TYPE_CHECKING:
    from adbc_driver_manager import AdbcConnection

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

_ONE_STATE: Mapping[str, tuple[str, ...]] = {
    "postgresql": ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
    "mysql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("BEGIN",),
}
"""What a connection says that reads several relations: what others commit meanwhile must not show in some of them only.
It is one connection, and never a snapshot shared by several: where a table is locked already, and somebody waits to
change its shape, a further connection would wait for that one, and all of them forever."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A connection that reads relations one after the other."""

    read: Callable[[Relation, str, Mapping[str, SourceColumn]], BulkReader]
    """The relation's columns that a query gives. Once it has failed, the connection is of no use any more."""
    replaced: Callable[[], Sequence[str]]
    """The tables it has read that are others by now than those of the state that it saw."""
    is_one_state: bool = True
    """What it reads later is of the same moment as what it read first."""


def fast(url: sa.URL) -> AbstractContextManager[Reading]:
    """Reading by the Arrow driver: one state, but for MySQL. Raises MissingDriver where there is none."""
    backend = url.get_backend_name()
    if backend == "mysql":
        mysql.must_be_usable(url)
        return nullcontext(Reading(partial(_read_mysql, url), lambda: (), is_one_state=False))
    must_have(
        *{"postgresql": ("adbc_driver_postgresql", "postgres"), "sqlite": ("adbc_driver_sqlite", "sqlite")}[backend]
    )
    return _postgresql(url) if backend == "postgresql" else _sqlite(url)


@contextmanager
def plain(engine: sa.Engine) -> Iterator[Reading]:
    """Reading by SQLAlchemy, each column as text: one state."""
    backend = engine.url.get_backend_name()

    def read(relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
        return _sqlalchemy(connection, _selection(backend, relation, query, columns, fast=False), columns)

    def replaced() -> Sequence[str]:
        asked = connection.exec_driver_sql(REPLACED_IN_POSTGRESQL) if backend == "postgresql" else ()
        return [name for (name,) in asked]

    with engine.connect() as connection:
        for said in _ONE_STATE[backend]:
            connection.exec_driver_sql(said)
        yield Reading(read, replaced)


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


def _read_mysql(url: sa.URL, relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
    return mysql.reader(url, relation, _selection("mysql", relation, query, columns, fast=True), columns)


@contextmanager
def _postgresql(url: sa.URL) -> Iterator[Reading]:
    uri = url.set(drivername="postgresql").render_as_string(hide_password=False)
    first = (*SESSION["postgresql"], "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    with _adbc("adbc_driver_postgresql", uri, first) as connection:

        def read(relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
            asked = _selection("postgresql", relation, query, columns, fast=True)
            return _streamed(connection, asked, {"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)})

        def replaced() -> Sequence[str]:
            with _streamed(connection, REPLACED_IN_POSTGRESQL, {}) as found:
                return [str(row) for batch in found for row in batch.column(0).to_pylist()]

        yield Reading(read, replaced)


@contextmanager
def _sqlite(url: sa.URL) -> Iterator[Reading]:
    with _adbc("adbc_driver_sqlite", str(url.database), _ONE_STATE["sqlite"]) as connection:

        def read(relation: Relation, query: str, columns: Mapping[str, SourceColumn]) -> BulkReader:
            asked = _selection("sqlite", relation, query, columns, fast=True)
            ahead = "SELECT " + ", ".join(f"'' AS {quoted(name)}" for name in columns)
            return _without_first(connection, f"{ahead} UNION ALL {asked}")

        yield Reading(read, lambda: ())


@contextmanager
def _adbc(driver: str, uri: str, first: Sequence[str]) -> Iterator[AdbcConnection]:
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
        yield connection


@contextmanager
def _streamed(connection: AdbcConnection, query: str, options: Mapping[str, str]) -> Iterator[pa.RecordBatchReader]:
    from adbc_driver_manager import AdbcStatement

    with AdbcStatement(connection) as statement:
        statement.set_options(**options)
        statement.set_sql_query(query)
        stream, _ = statement.execute_query()
        yield pa.RecordBatchReader.from_stream(stream)


@contextmanager
def _without_first(connection: AdbcConnection, query: str) -> Iterator[pa.RecordBatchReader]:
    """The driver takes a column's type from its first rows, and nulls alone say "number": a row of texts goes ahead."""
    with _streamed(connection, query, {"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)}) as reader:
        first = reader.read_next_batch()
        if any(column[0].as_py() != "" for column in first.columns):
            raise RuntimeError("SQLite gave the rows in another order than asked for")
        yield in_utf8(reader.schema, chain([first.slice(1)], reader))


@contextmanager
def _sqlalchemy(
    connection: sa.Connection, query: str, columns: Mapping[str, SourceColumn]
) -> Iterator[pa.RecordBatchReader]:
    schema = pa.schema([(name, pa.binary() if sent.is_binary else pa.string()) for name, sent in columns.items()])

    def batches(result: sa.CursorResult[tuple[str | bytes | None, ...]]) -> Iterator[pa.RecordBatch]:
        for rows in result.partitions(_SLOW_BATCH_ROWS):
            values = zip(schema.types, zip(*rows, strict=True), strict=True)
            yield pa.record_batch([pa.array(column, type_) for type_, column in values], schema=schema)

    options = {"no_parameters": True, "stream_results": True, "yield_per": _SLOW_BATCH_ROWS}
    with connection.execution_options(**options).exec_driver_sql(query) as result:
        yield in_utf8(schema, batches(result))
