"""Numbers that stand more than once in an extract: rows that say the same again, and rows that contradict others."""

from __future__ import annotations

import duckdb

from compliance.catalog.sources import literal
from compliance.register.cleaning import TYPED

_PROVES_LEAST_FIRST = ("revoked", "expired", "suspended", "pending", "active")
"""Of contradicting rows the one with the first of these statuses is taken: nothing is allowed by a doubtful row."""
_SAID = tuple(name for name in TYPED if name not in ("permit_number", "title_name"))
"""What rows of one number and title may differ in; another spelling of the number or of the title says nothing else."""
CONTRADICTED = "contradicted"
"""The reason of a row in whose stead another one of its number and title has landed, before the columns concerned."""
_GOOD_AND_HELD = (
    "SELECT system, number, 1 AS n, 0 AS h FROM cleaned WHERE reason IS NULL"
    " UNION ALL SELECT system, number, 0, 1 FROM held"
)
_OFTEN = "HAVING sum(n) > 1 OR sum(h) > 1"


def settle_repeats(con: duckdb.DuckDBPyConnection) -> None:
    """Leave one good row of `cleaned` for each system, number and title, and make `several` and `rejected`.

    Of rows that say the same the newest stays, the others get the reason `repeated`: there is nothing to correct. Of
    rows that contradict each other the one that proves least stays, the others get the reason `contradicted:` with the
    columns concerned. Titles are the same by name equality, as for the rules. `several` (system, number): what stands
    more than once among the good rows then, or among those held. `rejected`: the rows of `cleaned` that are to be
    corrected.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE alike AS"
        f" SELECT key FROM (SELECT hash(system, number) AS key, n, h FROM ({_GOOD_AND_HELD})) GROUP BY key {_OFTEN}"
    )
    _find_several(con)
    if con.execute("FROM several LIMIT 1").fetchall():
        _give_reasons(con)
        _find_several(con)
    con.execute("CREATE OR REPLACE TEMP VIEW rejected AS FROM cleaned WHERE reason <> 'repeated'")


def _find_several(con: duckdb.DuckDBPyConnection) -> None:
    """Hardly a number does stand more than once, so they are narrowed down by hashes; the numbers themselves decide."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE several AS"
        f" SELECT system, number FROM ({_GOOD_AND_HELD}) WHERE hash(system, number) IN (FROM alike)"
        f" GROUP BY system, number {_OFTEN}"
    )


def _give_reasons(con: duckdb.DuckDBPyConnection) -> None:
    order = ", ".join(map(literal, _PROVES_LEAST_FIRST))
    differing = ", ".join(f"CASE WHEN a.{name} IS DISTINCT FROM b.{name} THEN '{name}' END" for name in _SAID)
    con.execute(f"""
UPDATE taken SET reason = told.reason FROM (
    WITH ranked AS (
        SELECT *, first_value(row_no) OVER best AS stays
        FROM cleaned SEMI JOIN several USING (system, number) WHERE reason IS NULL
        WINDOW best AS (
            PARTITION BY system, number, name_key(title_name)
            ORDER BY list_position([{order}], status), updated_at DESC NULLS LAST, row_no
        )
    )
    SELECT row_no, CASE WHEN fields = '' THEN 'repeated' ELSE '{CONTRADICTED}:' || fields END AS reason
    FROM (
        SELECT a.row_no, concat_ws(',', {differing}) AS fields
        FROM ranked AS a JOIN ranked AS b ON b.row_no = a.stays WHERE a.row_no <> a.stays
    )
) AS told WHERE taken.rowid = told.row_no""")
