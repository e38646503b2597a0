"""The portable audit in PostgreSQL: what is defined becomes the WITH clause of one statement, nothing is written.

A read-only transaction can make no table, not even a temporary one. What the program gives travels as arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlglot
from sqlglot import exp

from compliance.catalog.sources import quoted
from compliance.engines.portable.engine import Reading
from compliance.engines.portable.steps import translated

if TYPE_CHECKING:
    import psycopg

_BATCH = 20_000
_ARRAYS = {
    pa.string(): "text",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}
_ARROW = {
    "text": pa.string(),
    "int2": pa.int32(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


class PostgresEngine:
    """Statements in one transaction, which sees one state of the catalog."""

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection
        self._defined: dict[str, str] = {}
        self._sources: dict[str, str] = {}
        self._kept: set[str] = set()
        self._given: dict[str, pa.Table] = {}

    def define_source(self, name: str, select: str) -> None:
        """A part of later statements that reads the database's own tables, in PostgreSQL's words."""
        self._sources[name] = select

    def define(self, name: str, select: str) -> None:
        """A part of later statements."""
        self._given.pop(name, None)
        self._defined[name] = translated(select, self.dialect)

    def keep(self, name: str, select: str) -> None:
        """A part that each statement computes once."""
        self.define(name, select)
        self._kept.add(name)

    def give(self, name: str, table: pa.Table) -> None:
        """Rows that travel with each statement that names them."""
        self._defined.pop(name, None)
        self._given[name] = table

    def read(self, name: str, select: str, reading: Reading) -> None:
        """Rows that Python has read, sent back as arrays."""
        made = list(reading.batches(iter(self.stream(select))))
        self.give(name, pa.Table.from_batches(made, schema=reading.schema))

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        with self._connection.cursor() as cursor:
            cursor.execute(*self.statement(select))
            return cursor.fetchall()

    def stream(self, select: str) -> pa.RecordBatchReader:
        """The rows by a cursor in the server, so that they never stand in memory together."""
        cursor = self._connection.cursor("gate")
        cursor.itersize = _BATCH
        cursor.execute(*self.statement(select))
        types = self._connection.adapters.types
        schema = pa.schema(
            [
                (column.name, _ARROW.get(getattr(types.get(column.type_code), "name", ""), pa.string()))
                for column in cursor.description or ()
            ]
        )

        def batches() -> Iterator[pa.RecordBatch]:
            with cursor:
                while rows := cursor.fetchmany(_BATCH):
                    arrays = [
                        pa.array(values, field.type)
                        for values, field in zip(zip(*rows, strict=True), schema, strict=True)
                    ]
                    yield pa.record_batch(arrays, schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def json_text(self, fields: dict[str, str]) -> str:
        """PostgreSQL's own, without white space."""
        listed = ", ".join(f"{value} AS {quoted(name)}" for name, value in fields.items())
        return f"(SELECT CAST(ROW_TO_JSON(j) AS VARCHAR) FROM (SELECT {listed}) AS j)"

    def as_text(self, column: str) -> str:
        """As PostgreSQL writes it with DateStyle ISO."""
        return f"CAST({column} AS VARCHAR)"

    def wall_time(self, instant: str) -> str:
        """PostgreSQL's own."""
        return f"{instant} AT TIME ZONE 'Asia/Shanghai'"

    def statement(self, select: str) -> tuple[str, dict[str, list[Any]]]:
        """One statement with all that the SELECT stands on, and the arrays that it takes."""
        wanted = translated(select, self.dialect)
        parts: dict[str, str] = {}
        arrays: dict[str, list[Any]] = {}
        needed = self._needed(wanted)
        # Sources come first: behind a relation's name they would find what was made of them.
        for name in sorted(needed, key=lambda name: name not in self._sources):
            if name in self._given:
                parts[name] = self._unnested(name, arrays)
            else:
                parts[name] = (self._sources.get(name) or self._defined[name]).replace("%", "%%")
        listed = (
            f"{quoted(name)} AS {'MATERIALIZED ' if name in self._kept else ''}({part})" for name, part in parts.items()
        )
        clause = f"WITH {', '.join(listed)} " if parts else ""
        return clause + wanted.replace("%", "%%"), arrays

    def _needed(self, sql: str) -> list[str]:
        """The names that a statement stands on, each after those that it stands on itself."""
        found: dict[str, None] = {}
        for table in sqlglot.parse_one(sql, read=self.dialect).find_all(exp.Table):
            if table.name in self._given or table.name in self._sources:
                found[table.name] = None
            elif table.name in self._defined:
                found |= dict.fromkeys([*self._needed(self._defined[table.name]), table.name])
        return list(found)

    def _unnested(self, name: str, arrays: dict[str, list[Any]]) -> str:
        table = self._given[name]
        taken = []
        for field in table.schema:
            parameter = f"{name}__{field.name}"
            arrays[parameter] = table.column(field.name).to_pylist()
            taken.append(f"%({parameter})s::{_ARRAYS[field.type]}[]")
        columns = ", ".join(quoted(field.name) for field in table.schema)
        return f"SELECT {columns} FROM unnest({', '.join(taken)}) AS given({columns})"
