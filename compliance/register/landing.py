"""Where each row lands: imported, updated, unchanged, ended, suspended, repeated, rejected; and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from compliance.catalog.sources import literal
from compliance.register.cleaning import TYPED
from compliance.register.held import HELD
from compliance.register.instants import Instants
from compliance.register.repeating import CONTRADICTED, settle_repeats

_ENDED_STATUS = "CASE WHEN old_status IN ('active', 'pending') THEN 'expired' ELSE old_status END"
"""What a row that has left the extract is from then on; a revoked one stays revoked."""
_CHANGED = "'updated', 'ended', 'suspended'"
"""What has become of held rows that are another than before."""
_OLD = ("updated_at", "ended_on", "left_as", "told_at")
"""What a held row has besides."""
_KEYS = ("permit_number", "title_name", "status")
"""Columns that every good row has."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one import. Each row of the files is one of the first five, each row held before one of the last five."""

    imported: int = 0
    rejected: int = 0
    repeated: int = 0
    """Rows that say what another one says: there is nothing to correct."""
    updated: int = 0
    unchanged: int = 0
    ended: int = 0
    kept: int = 0
    """Held rows that the extract lacks and that stay: it is partial, their row was rejected, or had ended before."""
    suspended: int = 0
    """Held rows that stay, but as suspended: their row was rejected, and did not plainly say active."""


def land(con: duckdb.DuckDBPyConnection, at: Instants, *, fields: Mapping[str, str], whole: Collection[str]) -> None:
    """Join `cleaned` and `held` (of the systems at hand) into `landed` and `next`.

    `fields`: those that the extract tells, with the rows that it tells them of (`Found.told`).
    `whole`: the systems of which the extract has every row, so that the others have left. Rows in `displaced` end, too;
    of numbers in `doubted` those that stay and are active become suspended.

    `landed` (landed, row_no, system, number …): one row for each good row, and for each held row without one.
    `next`: the register afterwards, columns as `held`, and old_updated_at and changed: whether any other column may be
    another than before. Of rows of one number and title one lands (`settle_repeats`).
    A number that stands once in the extract and once in the register is the same filing, whatever its title; where it
    stands more often, the title tells which is which, by name equality. A name that is held in several spellings, as by
    earlier versions, is met by one of them; the others have ended.
    `revived` (system, number, told_at): rows of `landed` that were revoked or expired and are active again.
    """
    settle_repeats(con)
    if con.execute("FROM held LIMIT 1").fetchall():
        con.execute(f"CREATE OR REPLACE TABLE landed AS {_landed(fields, whole)}")
    else:
        con.execute(f"CREATE OR REPLACE TEMP VIEW landed AS {_landed_first()}")
    con.execute(
        "CREATE OR REPLACE TEMP VIEW revived AS SELECT system, number, new_updated_at AS told_at FROM landed"
        " WHERE landed = 'updated' AND old_status IN ('revoked', 'expired')"
        f" AND {_taken('status', fields, 'new_', 'old_')} = 'active'"
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW next AS {_next(fields, at)}")


def _landed_first() -> str:
    """The good rows where nothing is held of these systems: there is nothing to compare them with."""
    new = ", ".join(f"{name} AS new_{name}" for name in (*TYPED, "updated_at"))
    old = ", ".join(f"NULL::{HELD[name]} AS old_{name}" for name in (*TYPED, *_OLD))
    landed = f"'imported' AS landed, FALSE AS displaced, row_no, system, number, {new}, {old}"
    return f"SELECT {landed} FROM cleaned WHERE reason IS NULL"


def _landed(fields: Mapping[str, str], whole: Collection[str]) -> str:
    """The pairs of good rows and held rows; a side without partner is NULL."""
    new = ", ".join(f"t.{name} AS new_{name}" for name in (*TYPED, "updated_at"))
    old = ", ".join(f"h.{name} AS old_{name}" for name in (*TYPED, *_OLD))
    left = f"h.system IN ({', '.join(map(literal, whole))})" if whole else "FALSE"
    compared = [name for name in TYPED if name in fields or name in _KEYS]
    differs = " OR ".join(f"{_taken(name, fields, 't.', 'h.')} IS DISTINCT FROM h.{name}" for name in compared)
    return f"""
WITH good AS ({_named("(FROM cleaned WHERE reason IS NULL)", "row_no")}),
before AS ({_named("held", "ended_on NULLS FIRST, title_name")}),
rejected_numbers AS (SELECT DISTINCT system, number FROM rejected
    WHERE number IS NOT NULL AND NOT starts_with(reason, '{CONTRADICTED}:'))
SELECT
    CASE
        WHEN h.number IS NULL THEN 'imported'
        WHEN t.number IS NULL AND h.ended_on IS NOT NULL THEN 'kept'
        WHEN t.number IS NULL AND (d.number IS NOT NULL OR {left} AND x.number IS NULL) THEN 'ended'
        WHEN t.number IS NULL AND h.status = 'active' AND u.number IS NOT NULL THEN 'suspended'
        WHEN t.number IS NULL THEN 'kept'
        WHEN {differs} THEN 'updated'
        ELSE 'unchanged'
    END AS landed,
    t.number IS NULL AND d.number IS NOT NULL AS displaced,
    t.row_no, coalesce(t.system, h.system) AS system, coalesce(t.number, h.number) AS number, {new}, {old}
FROM good AS t FULL JOIN before AS h
    ON t.system = h.system AND t.number = h.number AND t.many = h.many AND t.name = h.name AND t.place = h.place
LEFT JOIN rejected_numbers AS x ON x.system = h.system AND x.number = h.number
LEFT JOIN displaced AS d ON d.system = h.system AND d.number = h.number
LEFT JOIN (SELECT DISTINCT system, number FROM doubted) AS u ON u.system = h.system AND u.number = h.number"""


def _named(rows: str, order: str) -> str:
    """The rows, with the name by which they are met where their number stands more than once, and a place within it."""
    spellings = f"(PARTITION BY system, number, name_key(title_name) ORDER BY {order})"
    return (
        f"SELECT *, FALSE AS many, '' AS name, 1 AS place FROM {rows} ANTI JOIN several USING (system, number)"
        f" UNION ALL SELECT *, TRUE, name_key(title_name), row_number() OVER {spellings}"
        f" FROM {rows} SEMI JOIN several USING (system, number)"
    )


def _taken(name: str, fields: Mapping[str, str], new: str, old: str) -> str:
    """The value after the import: what a row's own file or sheet has no column for stays as it was.

    Without a column of statuses a row that comes back is what it was when it left; `left_as` is NULL of the others.
    """
    if name == "status" and "status" not in fields:
        return f"coalesce({old}left_as, {old}status)"
    told = "TRUE" if name in _KEYS else fields.get(name, "FALSE")
    return f"CASE WHEN {told} THEN {new}{name} ELSE {old}{name} END"


def _after(name: str, fields: Mapping[str, str]) -> str:
    """The value of a column once the extract is in."""
    ended, suspended = (_ENDED_STATUS, "'suspended'") if name == "status" else (f"old_{name}", f"old_{name}")
    return (
        f"CASE landed WHEN 'imported' THEN new_{name} WHEN 'updated' THEN {_taken(name, fields, 'new_', 'old_')}"
        f" WHEN 'ended' THEN {ended} WHEN 'suspended' THEN {suspended} ELSE old_{name} END"
    )


def _next(fields: Mapping[str, str], instants: Instants) -> str:
    at = instants.sql()
    columns = [f"{_after(name, fields)} AS {name}" for name in TYPED]
    return f"""
SELECT system, number, {", ".join(columns)},
    CASE
        WHEN landed IN ('kept', 'unchanged') THEN old_updated_at
        WHEN landed IN ('ended', 'suspended') THEN {at}
        ELSE coalesce(new_updated_at, {at})
    END AS updated_at,
    CASE
        WHEN landed = 'ended' THEN DATE {literal(instants.taken.date().isoformat())}
        WHEN landed = 'kept' THEN old_ended_on
    END AS ended_on,
    CASE WHEN landed = 'ended' THEN old_status WHEN landed = 'kept' THEN old_left_as END AS left_as,
    CASE
        WHEN landed = 'unchanged' THEN greatest(new_updated_at, old_told_at)
        ELSE coalesce(new_updated_at, old_told_at)
    END AS told_at,
    old_updated_at, landed IN ({_CHANGED}) AS changed
FROM landed"""


def count(con: duckdb.DuckDBPyConnection) -> Counts:
    """How many rows landed where."""
    counts = dict(con.execute("SELECT landed, count(*) FROM landed GROUP BY landed").fetchall())
    rejected, repeated = con.execute(
        "SELECT (SELECT count(*) FROM rejected) + (SELECT count(*) FROM broken),"
        " (SELECT count(*) FROM cleaned WHERE reason = 'repeated')"
    ).fetchall()[0]
    return Counts(rejected=rejected, repeated=repeated, **counts)


def assumed_active(con: duckdb.DuckDBPyConnection, fields: Mapping[str, str]) -> int:
    """How many rows of the extract count as active because no file has a column of statuses; 0 where one has."""
    if "status" in fields:
        return 0
    status = _taken("status", fields, "new_", "old_")
    (rows,) = con.execute(
        "SELECT count(*) FROM landed WHERE landed = 'imported'"
        f" OR landed IN ('updated', 'unchanged') AND {status} = 'active'"
    ).fetchall()[0]
    return int(rows)


def changes_query(fields: Mapping[str, str]) -> str:
    """A SELECT of what changed, one row for each field: system, number, title_name, kind, field, before, after."""
    parts = []
    for name in TYPED:
        after = _after(name, fields)
        parts.append(
            f"SELECT system, number, old_title_name AS title_name,"
            " CASE WHEN landed = 'ended' THEN 'ended' WHEN old_ended_on IS NOT NULL THEN 'returned' ELSE 'updated' END"
            f" AS kind,"
            f" '{name}' AS field, old_{name}::VARCHAR AS before, ({after})::VARCHAR AS after"
            f" FROM landed WHERE landed IN ({_CHANGED}) AND ({after}) IS DISTINCT FROM old_{name}"
        )
    return " UNION ALL ".join(parts)
