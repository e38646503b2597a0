"""Where the SQL files stand: in a checkout at the top level, in an installed package inside it."""

from __future__ import annotations

from pathlib import Path


def sql_folder() -> Path:
    """The folder with `rules/`, `facts/`, `catalogs/`, `ledger/`."""
    inside = Path(__file__).parent / "sql"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "sql"
