"""Where the SQL files stand: in a checkout at the top level, in an installed package inside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path


def sql_folder() -> Path:
    """The folder with `rules/`, `facts/`, `catalogs/`, `ledger/`."""
    inside = Path(__file__).parent / "sql"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "sql"


@cache
def rule_ids() -> tuple[str, ...]:
    """The ids of the rules that travel with the program, without reading them: each is its file's name."""
    return tuple(sorted(path.stem for path in (sql_folder() / "rules").glob("*.sql")))
