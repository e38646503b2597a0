"""What the portable audit asks of an engine: named SELECTs, small relations from the program, and texts read by Python.

Statements come in DuckDB's dialect and keep to what SQLGlot writes in every engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

Batches = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A function over rows that SQL cannot do alike everywhere, such as the parser; it travels to the rows."""

    batches: Batches
    """Takes the rows of a SELECT as Arrow batches and gives rows of the schema; must be picklable."""
    schema: pa.Schema


class Engine(Protocol):
    """One engine with one catalog."""

    dialect: str
    """SQLGlot's name of the engine's SQL."""

    def define(self, name: str, select: str) -> None:
        """Give a SELECT a name, by which later statements know it; a name given again stands for the new one."""

    def keep(self, name: str, select: str) -> None:
        """The same for a relation that is used often: made once where the engine can keep it."""

    def give(self, name: str, table: pa.Table) -> None:
        """Give a relation made by the program, small enough to be held by every worker."""

    def read(self, name: str, select: str, reading: Reading) -> None:
        """Give a name to what the reading makes of the rows of a SELECT."""

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """The rows of an answer that does not grow with the catalog."""

    def json_text(self, fields: dict[str, str]) -> str:
        """An expression: these expressions by name as the text of a JSON object; NULL values stay as null."""

    def as_text(self, column: str) -> str:
        """An expression: a day or an instant as text, `2026-11-23 10:00:00` without zeros at a fraction's end."""

    def wall_time(self, instant: str) -> str:
        """An expression: an instant with a zone as wall time in Asia/Shanghai."""


class Writer(Engine, Protocol):
    """An engine that also writes the files of a run."""

    def write(self, select: str, path: Path, *, order: str = "", single: bool = False) -> None:
        """Write the rows as Parquet: a folder of part files, or one file where `single` asks for it."""
