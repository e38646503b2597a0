"""The peer of the register import: pandas reads the file, and nothing is done with the rows.

    python pandas_extract.py FILE

Prints how many rows came.
"""

from __future__ import annotations

import sys

import pandas as pd


def main(path: str) -> None:
    """Read a CSV file, or a workbook by calamine."""
    table = pd.read_csv(path) if path.endswith(".csv") else pd.read_excel(path, engine="calamine")
    print(len(table))  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    main(sys.argv[1])
