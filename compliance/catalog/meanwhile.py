"""What became of a database's tables while they were read.

A transaction of PostgreSQL sees one state of all rows, but the tables themselves as they are by now: one that was
emptied by TRUNCATE, written anew or put in another's place since would be read as if it held nothing.
MySQL and MariaDB are read by connections that cannot share a transaction, and their changes can only be told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

REPLACED_IN_POSTGRESQL = """
SELECT DISTINCT CAST(CAST(held.relation AS regclass) AS text)
FROM pg_locks AS held LEFT JOIN pg_class AS known ON known.oid = held.relation
WHERE held.pid = pg_backend_pid() AND held.locktype = 'relation' AND CAST(held.relation AS bigint) >= 16384
  AND CASE WHEN known.oid IS NULL THEN pg_get_indexdef(held.relation) IS NULL
      ELSE known.relkind IN ('r', 'm') AND known.relfilenode IS DISTINCT FROM pg_relation_filenode(known.oid) END
ORDER BY 1"""
"""Asked by the transaction that reads, at its end: it holds a lock on each table that it has read, and pg_class shows
it the tables as they were when it began. A table that is not there yet, or has another file by now, was replaced.
What the system's own tables are called by number ends below 16384; an index that is new makes no difference."""

_TABLES_OF_MYSQL = (
    "SELECT table_name, create_time, update_time, now() FROM information_schema.tables"
    " WHERE table_schema = database() AND table_type = 'BASE TABLE'"
)
_NO_OLD_FIGURES = "SET @fresh = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */"
"""MySQL 8 would show times of up to a day ago; MariaDB does not know the setting, and passes by what is said to 8."""

_PATIENCE_S = 1.5

Times = dict[str, tuple[datetime | None, datetime | None]]


def times_in_mysql(engine: sa.Engine, *, settled: bool = False) -> Times:
    """When each table of the database was made and last changed.

    The server counts whole seconds: a further change within the second of the last one would not show. `settled` waits
    until that second is over; a table that changes all the time has no time then, and counts as changed later on.
    """
    give_up_at = time.monotonic() + _PATIENCE_S
    with engine.connect() as connection:
        connection.exec_driver_sql(_NO_OLD_FIGURES)
        while True:
            rows = connection.execution_options(no_parameters=True).exec_driver_sql(_TABLES_OF_MYSQL).fetchall()
            changing = {name for name, _, changed, now in rows if settled and changed is not None and changed >= now}
            if not changing or time.monotonic() > give_up_at:
                return {name: (made, None if name in changing else changed) for name, made, changed, _ in rows}
            time.sleep(0.1)


def changed_tables(before: Times, after: Times) -> Sequence[str]:
    """The tables that came, went or changed."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
