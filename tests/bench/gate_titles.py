"""The gate's side of reading a database: its reader, up to typed columns that the audit can scan.

    python -m tests.bench.gate_titles URL

Prints how many rows came, and the sum of their costs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from compliance.catalog.sources import open_catalog


def main(url: str) -> None:
    """Read the relation `titles` whole."""
    con = duckdb.connect()
    with tempfile.TemporaryDirectory() as staging:
        (part,) = open_catalog(url).attach(con, "titles", staging=Path(staging))
        rows = con.execute(f"SELECT count(*), sum(investment_yuan::BIGINT) FROM {part.view}").fetchall()[0]
        print(*rows)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main(sys.argv[1])
