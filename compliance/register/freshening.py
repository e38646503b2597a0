"""At what instant each row was updated: the register is as fresh as its extract, and no change hides behind an instant.

An incremental audit looks again at a row whose number or instant is another (docs/decisions/0016). So the instant of a
row moves whenever anything else in the row does, whatever the extract says of it.
"""

from __future__ import annotations

import duckdb

from compliance.register.instants import Instants

_MOMENT = "INTERVAL 1 MICROSECOND"


def freshen(con: duckdb.DuckDBPyConnection, instants: Instants, import_id: int) -> None:
    """The view `fresh`: `next`, with the instants that the register's rows shall have.

    The register of a system is as fresh as its newest row. Where no row has changed, the extract has still been seen:
    one row bears its instant. Where a person let an older extract in, or the extract is partial, no row is newer than
    the day that the system is of.
    `import_id`: greater than that of any import that these rows have seen.
    """
    at = instants.sql("n.system")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bearers AS"
        " SELECT n.system, min((n.number, n.title_name)) AS bearer FROM next AS n"
        " JOIN (SELECT system, max(updated_at) AS newest FROM next GROUP BY system) AS m"
        "   ON m.system = n.system AND n.updated_at = m.newest"
        f" WHERE CAST(m.newest AS DATE) < CAST({at} AS DATE) GROUP BY n.system"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * REPLACE ({_moved(instants.sql(), import_id)} AS updated_at)"
        " FROM (SELECT n.* REPLACE (CASE WHEN b.bearer IS NOT NULL"
        f" OR CAST(n.updated_at AS DATE) > CAST({at} AS DATE) THEN {at} ELSE n.updated_at END AS updated_at)"
        " FROM next AS n LEFT JOIN bearers AS b ON b.system = n.system AND b.bearer = (n.number, n.title_name))"
    )


def _moved(at: str, import_id: int) -> str:
    """The instant of a row, which is another one where the row is, and was never borne by this row as another one.

    Most go forward. One that would stand still although the row has changed goes a moment on, if its day allows. One
    that goes back, since the extract is older, may have been borne before, and so may any later one that it comes
    forward to: the number of the import tells these apart. That a row went back shows in its microseconds.
    """
    own = f"updated_at + {import_id} * {_MOMENT}"
    return f"""CASE
        WHEN old_updated_at IS NULL THEN updated_at
        WHEN updated_at > old_updated_at AND date_trunc('second', old_updated_at) = old_updated_at THEN updated_at
        WHEN updated_at > old_updated_at THEN {own}
        WHEN NOT changed AND updated_at = old_updated_at THEN updated_at
        WHEN changed AND CAST(old_updated_at + {_MOMENT} AS DATE) <= CAST({at} AS DATE) THEN old_updated_at + {_MOMENT}
        ELSE {own}
    END"""
