"""The gate's side of reading a database: its reader, in a session as an audit's, up to typed columns to scan.

    python -m tests.bench.gate_titles URL

Prints how many rows came, and the sum of their costs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from compliance.catalog.sources import open_catalog
from compliance.engines.duck.session import session


def main(url: str) -> None:
    """Read the relation `titles` whole."""
    with tempfile.TemporaryDirectory() as folder, session(Path(folder), memory="3GB", threads=None) as con:
        (part,) = open_catalog(url).attach(con, "titles", staging=Path(folder))
        rows = con.execute(f"SELECT count(*), sum(investment_yuan::BIGINT) FROM {part.view}").fetchall()[0]
        print(*rows)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main(sys.argv[1])
