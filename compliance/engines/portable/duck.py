"""The portable audit on DuckDB: to prove that it finds what the tuned plan finds, and for PostgreSQL's answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from compliance.catalog.sources import literal, quoted
from compliance.engines.portable.engine import Reading

_BATCH = 10_000


class DuckEngine:
    """Views and tables of one connection."""

    dialect = "duckdb"

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def define(self, name: str, select: str) -> None:
        """A view."""
        self.con.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS {select}")

    def keep(self, name: str, select: str) -> None:
        """A table."""
        self.con.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS {select}")

    def give(self, name: str, table: pa.Table) -> None:
        """A table."""
        self.take(name, table.to_reader())

    def take(self, name: str, reader: pa.RecordBatchReader) -> None:
        """A table of rows from elsewhere."""
        self.con.register("taken", reader)
        self.keep(name, "SELECT * FROM taken")
        self.con.unregister("taken")

    def read(self, name: str, select: str, reading: Reading) -> None:
        """A table of what the reading makes of the rows, batch by batch."""
        made = reading.batches(iter(self.stream(select)))
        self.take(name, pa.RecordBatchReader.from_batches(reading.schema, made))

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        return self.con.execute(select).fetchall()

    def stream(self, select: str) -> pa.RecordBatchReader:
        """The rows by a cursor of their own, so that the connection can do something else meanwhile."""
        return self.con.cursor().sql(select).to_arrow_reader(_BATCH)

    def json_text(self, fields: dict[str, str]) -> str:
        """DuckDB's own."""
        listed = ", ".join(f"{literal(name)}, {value}" for name, value in fields.items())
        return f"CAST(json_object({listed}) AS VARCHAR)"

    def as_text(self, column: str) -> str:
        """As DuckDB writes it."""
        return f"CAST({column} AS VARCHAR)"

    def wall_time(self, instant: str) -> str:
        """DuckDB's own."""
        return f"timezone('Asia/Shanghai', {instant})"

    def write(self, select: str, path: Path, *, order: str = "", single: bool = False) -> None:  # noqa: ARG002 - always one
        """One file, whoever asks."""
        ordered = f" ORDER BY {order}" if order else ""
        self.con.execute(f"COPY ({select}{ordered}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION snappy)")
