"""Held rows that an extract casts doubt on: its row of that number is rejected, and does not plainly say active.

Whatever 已停办 or an empty status means, it is no proof that the number still holds. Were the held row to stay active,
the rejection would be told to a person, and the next audit would pass the title all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from compliance.catalog.schema import SYSTEMS
from compliance.catalog.sources import literal
from compliance.permits.patterns import DROPPED, INSIDE
from compliance.permits.sql import find_sql
from compliance.register.found import Found
from compliance.register.held import load_held, system_states
from compliance.register.store import Store

_CELLS = r"[\t\r\n]+"
"""Between cells and lines of a text, of which the parser of numbers would make one."""


def find_doubted(found: Found, store: Store, work: Path, systems: Sequence[str], said: str | None) -> list[str]:
    """Make `doubted` (system, number, title_name): what the rejected rows of the extract speak of.

    A row whose system is not understood, or not the one that the command line says (`said`), speaks of the number in
    every system: which one is meant nobody can tell. Of a row that could not be taken apart the title is not known
    (NULL). Returns the systems beside `systems`, those of the extract, that hold an active row of such a number. Makes
    the view `held` its own.
    """
    con = found.con
    clear = "told.system IS NOT NULL" if said is None else f"told.system IS NOT DISTINCT FROM {literal(said)}"
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE doubted AS
WITH told AS (
    SELECT system, number, title_name FROM cleaned
    WHERE reason IS NOT NULL AND number IS NOT NULL AND status IS DISTINCT FROM 'active'
    UNION ALL
    SELECT system, canonical, title_name
    FROM ({find_sql(_numbers(found, said), "text", ["system", "title_name"])}) WHERE canonical IS NOT NULL
)
SELECT DISTINCT * FROM (
    FROM told WHERE {clear}
    UNION ALL
    SELECT own.system, number, title_name FROM told, (SELECT unnest([{_listed(SYSTEMS)}]) AS system) AS own
    WHERE NOT ({clear})
)""")
    if "status" in found.fields:
        _doubt_good_rows(con)
    return _others_held(con, store, work, systems)


def _numbers(found: Found, said: str | None) -> str:
    """All numbers in the texts of rejected rows that are no number as a whole: what stands beside may say the contrary
    of the row's status, and it may be about each of them."""
    torn = "NULL" if said is None or "system" in found.fields else literal(said)
    texts = (
        "SELECT system, permit_number AS text, title_name FROM cleaned"
        " WHERE number IS NULL AND permit_number IS NOT NULL"
        f" UNION ALL SELECT {torn}, text, NULL FROM broken"
    )
    # As a whole, too: a number may be broken over two lines.
    parts = f"unnest(list_prepend(text, regexp_split_to_array(text, {literal(_CELLS)}))) AS text"
    inside = f"regexp_extract_all(regexp_replace(text, {literal(DROPPED)}, '', 'g'), {literal(INSIDE)})"
    return (
        f"(SELECT system, unnest({inside}) AS text, title_name"
        f" FROM (SELECT system, {parts}, title_name FROM ({texts})))"
    )


def _listed(systems: Sequence[str]) -> str:
    return ", ".join(map(literal, systems))


def _doubt_good_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Good rows that say active beside a rejected one of their number and title: of a contradiction what proves least
    counts. They land as suspended; `outdone` (row_no) tells which they are."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE outdone AS"
        " SELECT DISTINCT c.row_no FROM cleaned AS c JOIN doubted AS d ON c.system = d.system AND c.number = d.number"
        " WHERE c.reason IS NULL AND c.status = 'active'"
        "   AND (d.title_name IS NULL OR name_key(c.title_name) = name_key(d.title_name))"
    )
    con.execute("UPDATE taken SET status = 'suspended' WHERE rowid IN (FROM outdone)")


def _others_held(con: duckdb.DuckDBPyConnection, store: Store, work: Path, systems: Sequence[str]) -> list[str]:
    told = con.execute(f"SELECT DISTINCT system FROM doubted WHERE system NOT IN ({_listed(systems)})").fetchall()
    with store.reading() as connection:
        others = sorted({system for (system,) in told} & set(system_states(connection)))
    if not others:
        return []
    load_held(con, store, work, others)
    active = "SELECT DISTINCT system FROM held SEMI JOIN doubted USING (system, number) WHERE status = 'active'"
    return [system for (system,) in con.execute(active).fetchall()]
