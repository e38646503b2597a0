"""For the time of the judging, the clean relations hold the affected titles and what belongs to them, and nothing else.

So the ordinary engine judges them, by the ordinary steps: to it, a part of a catalog is a catalog.
"""

from __future__ import annotations

import duckdb

from compliance.catalog.sources import quoted
from compliance.embedded import sifted

_WHOLE = "whole_{0}"

_AFFECTED = f"SEMI JOIN {sifted('affected_titles', 'title_id')} USING (title_id)"
_PARTS = {
    "titles": _AFFECTED,
    "register": "SEMI JOIN (SELECT text AS permit_number FROM affected_texts) USING (permit_number)",
    "labels": _AFFECTED,
    "episodes": _AFFECTED,
    "placements": _AFFECTED,
}
"""What of each relation an affected title needs. Platforms and issuers stay whole: they are small."""


def narrow(con: duckdb.DuckDBPyConnection) -> None:
    """Put the parts of the clean relations in their places."""
    for name, joined in _PARTS.items():
        if _is_view(con, name):
            whole = quoted(_WHOLE.format(name))
            con.execute(f"ALTER VIEW main.{name} RENAME TO {whole}")
            con.execute(f"CREATE TABLE {name} AS FROM {whole} {joined}")


def widen(con: duckdb.DuckDBPyConnection) -> None:
    """Put the whole clean relations back."""
    for name in _PARTS:
        whole = _WHOLE.format(name)
        if _is_view(con, whole):
            con.execute(f"DROP TABLE main.{name}")
            con.execute(f"ALTER VIEW main.{quoted(whole)} RENAME TO {name}")


def _is_view(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """An absent relation is an empty table, and stays one."""
    return bool(
        con.execute(
            "SELECT 1 FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND NOT temporary"
            " AND database_name = current_database() AND view_name = ?",
            [name],
        ).fetchall()
    )
