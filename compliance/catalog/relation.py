"""A relation whose types are settled: what the check works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.catalog.coercion import Coercion
from compliance.catalog.schema import Relation
from compliance.catalog.sources import quoted
from compliance.catalog.statistics import Statistics


@dataclass(frozen=True, slots=True)
class TypedPart:
    """Files of one relation with the way to read each of its columns."""

    view: str
    types: Mapping[str, str]
    """DuckDB type of each column in the source."""
    rows: int
    coercions: Mapping[str, Coercion]
    statistics: Mapping[str, Statistics]

    def select(self, *columns: str) -> str:
        """A SELECT of these columns, typed."""
        listed = ", ".join(f"{self.coercions[name].expression} AS {quoted(name)}" for name in columns)
        return f"SELECT {listed} FROM {quoted(self.view)}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A relation as parts; without any where the catalog does not have it."""

    relation: Relation
    parts: tuple[TypedPart, ...]

    @property
    def rows(self) -> int:
        """Rows in the source."""
        return sum(part.rows for part in self.parts)

    def filled(self, column: str) -> int | None:
        """Rows with a value in a column; None where statistics do not tell, or it is not read as it stands."""
        total = 0
        for part in self.parts:
            counted = part.statistics[column].filled
            if counted is None or part.coercions[column].expression != quoted(column):
                return None
            total += counted
        return total

    def select(self, *columns: str) -> str:
        """A SELECT of these columns, typed, over all parts."""
        return " UNION ALL ".join(part.select(*columns) for part in self.parts)
