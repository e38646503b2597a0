"""What Parquet's own statistics prove about a column without reading it.

Each row group carries how many nulls and which least and greatest value a column has in it. Where that is written for
every row group, most of the contract is proven at the cost of the file's footer; where it is not, the column is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from compliance.catalog.parquet import statistics_files
from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR
from compliance.catalog.sources import Part


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is proven of one column over all files of a part; the default proves nothing."""

    has_no_null: bool = False
    is_all_null: bool = False
    has_no_empty_text: bool = False
    in_years: bool = False
    """Every day or instant lies in the years of the contract, in whatever zone."""
    least: float | None = None
    greatest: float | None = None
    filled: int | None = None
    """Rows that are not null."""

    def within(self, floor: float | None, ceiling: float | None) -> bool:
        """Every number lies between the bounds, which are included."""
        if self.is_all_null:
            return True
        if self.least is None or self.greatest is None:
            return False
        return (floor is None or self.least >= floor) and (ceiling is None or self.greatest <= ceiling)


_EMPTY = Statistics(has_no_null=True, is_all_null=True, has_no_empty_text=True, in_years=True, filled=0)

# A text's least value may be cut, but stays a lower bound; and it is empty where an empty text stands.
# Zoned instants are written in UTC, eight hours behind Shanghai: the bounds of the years are drawn a day in.
_QUERY = rf"""
WITH column_chunks AS (
    SELECT
        path_in_schema AS name,
        stats_null_count,
        num_values,
        stats_min_value IS NULL AND stats_null_count = num_values AS is_empty,
        stats_min_value AS least,
        TRY_CAST(stats_min_value AS DOUBLE) AS least_number,
        TRY_CAST(stats_max_value AS DOUBLE) AS greatest_number,
        TRY_CAST(regexp_replace(stats_min_value, '\+00$', '') AS TIMESTAMP) AS least_instant,
        TRY_CAST(regexp_replace(stats_max_value, '\+00$', '') AS TIMESTAMP) AS greatest_instant
    FROM parquet_metadata($files)
)
SELECT
    name,
    bool_and(coalesce(stats_null_count = 0, FALSE)),
    bool_and(coalesce(stats_null_count = num_values, FALSE)),
    bool_and(is_empty OR coalesce(least > '', FALSE)),
    bool_and(is_empty OR coalesce(
        least_instant >= TIMESTAMP '{EARLIEST_YEAR}-01-02' AND greatest_instant < TIMESTAMP '{LATEST_YEAR}-12-31', FALSE
    )),
    CASE WHEN bool_and(is_empty OR coalesce(isfinite(least_number), FALSE)) THEN min(least_number) END,
    CASE WHEN bool_and(is_empty OR coalesce(isfinite(greatest_number), FALSE)) THEN max(greatest_number) END,
    CASE WHEN bool_and(stats_null_count IS NOT NULL) THEN CAST(sum(num_values - stats_null_count) AS BIGINT) END
FROM column_chunks
GROUP BY name
"""


def column_statistics(con: duckdb.DuckDBPyConnection, part: Part) -> Mapping[str, Statistics]:
    """What is proven of each column of the part; a part without rows proves all."""
    if part.rows == 0:
        return dict.fromkeys(part.types, _EMPTY)
    rows = con.execute(_QUERY, {"files": statistics_files(part)}).fetchall()
    proven = {name: Statistics(*values) for name, *values in rows}
    return {name: proven.get(name, Statistics()) for name in part.types}
