"""The peer of reading a database: ConnectorX into Arrow, nothing done with the rows.

    python connectorx_titles.py URL

Prints how many rows came, and the sum of their costs.
"""

from __future__ import annotations

import sys

import connectorx
import pyarrow.compute as pc


def main(url: str) -> None:
    """Read the relation `titles` whole."""
    titles = connectorx.read_sql(url, "SELECT * FROM titles", return_type="arrow")
    print(len(titles), int(pc.sum(titles["investment_yuan"]).as_py()))  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main(sys.argv[1])
