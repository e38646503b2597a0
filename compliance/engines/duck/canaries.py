"""Canary titles in the embedded engine: mixed in after the contract check, looked up in the outputs, taken out again.

While they are in, a temporary view of a relation's name stands before the clean relation and adds their rows to it; a
filter or a choice of columns goes through such a union down to the files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import duckdb

from compliance.catalog.schema import RELATIONS, Relation
from compliance.catalog.sources import quoted
from compliance.errors import CatalogError
from compliance.language import worded
from compliance.policy import Policy
from compliance.verdicts.canaries import RESERVED, Canaries, Ruled, breed

_AFTER_RESERVED = RESERVED[:-1] + chr(ord(RESERVED[-1]) + 1)
_THEIRS = "{0} >= '" + RESERVED + "' AND {0} < '" + _AFTER_RESERVED + "'"
"""Said as a range, because statistics of files and tables rule out a range without a look at the values."""

_OUTPUTS = ("rulings", "findings", "block_list")
"""The tables that hold rows of titles when the outputs have been made; the other outputs are views of these."""


def release(
    con: duckdb.DuckDBPyConnection,
    *,
    as_of: date,
    policy: Policy,
    rules: Collection[str],
    stale: Collection[str],
    run_id: str,
) -> Canaries:
    """Mix this run's canaries into the clean relations.

    `rules` are the ids of the enabled rules. Raises CatalogError where the catalog uses the ids reserved for them.
    """
    _refuse_reserved_ids(con)
    canaries = breed(as_of=as_of, policy=policy, rules=rules, stale=stale, run_id=run_id)
    (database,) = con.execute("SELECT current_database()").fetchall()[0]
    for name, rows in canaries.rows.items():
        if rows:
            _create_rows(con, RELATIONS[name], rows)
            con.execute(f"CREATE TEMP VIEW {name} AS FROM {quoted(database)}.main.{name} UNION ALL FROM canary_{name}")
    return canaries


def recapture(con: duckdb.DuckDBPyConnection, canaries: Canaries) -> None:
    """Prove the canaries' verdicts, and leave every relation and output without them.

    The outputs must have been made, and not yet counted or written. Raises RunInvalidError for a wrong verdict.
    """
    canaries.prove(_found(con))
    for table in _OUTPUTS:
        con.execute(f"DELETE FROM {table} WHERE {_THEIRS.format('title_id')}")
    for name, rows in canaries.rows.items():
        if rows:
            con.execute(f"DROP VIEW temp.{name}")


def _refuse_reserved_ids(con: duckdb.DuckDBPyConnection) -> None:
    keys = [(name, key) for name in RELATIONS for key in ("title_id", "platform") if _has(RELATIONS[name], key)]
    problems = []
    for relation, key in [*keys, ("quarantine", "title_id")]:
        (count,) = con.execute(f"SELECT count(*) FROM {relation} WHERE {_THEIRS.format(key)}").fetchall()[0]
        if count:
            problems.append(
                worded(
                    f"{relation}.{key}：{count:,} 行以 {RESERVED} 开头",
                    f"{relation}.{key}: {count:,} rows begin with {RESERVED}",
                )
            )
    if problems:
        raise CatalogError(
            worded(
                f"片库用了以 {RESERVED} 开头的编号，那是审核自带的测试剧目专用的",
                f"the catalog uses ids that begin with {RESERVED}, which are the audit's own test titles",
            ),
            problems=problems,
            remedy=worded("改掉这些编号；本次什么都没有判定", "rename these ids; nothing was judged"),
        )


def _has(relation: Relation, column: str) -> bool:
    return any(own.name == column for own in relation.columns)


def _create_rows(con: duckdb.DuckDBPyConnection, relation: Relation, rows: Sequence[Mapping[str, object]]) -> None:
    columns = ", ".join(f"{quoted(column.name)} {column.type.value}" for column in relation.columns)
    con.execute(f"CREATE TEMP TABLE canary_{relation.name} ({columns})")
    values = ", ".join(f"({', '.join(map(_as_text, row.values()))})" for row in rows)
    con.execute(f"INSERT INTO canary_{relation.name} VALUES {values}")


def _as_text(value: object) -> str:
    """A value as text, which takes the column's type as it is inserted."""
    if value is None:
        return "NULL"
    quoted_text = str(value).replace("'", "''")
    return f"'{quoted_text}'"


def _found(con: duckdb.DuckDBPyConnection) -> dict[str, Ruled]:
    """What the outputs say of the canaries, by title_id."""
    theirs = _THEIRS.format("title_id")
    findings: dict[str, set[tuple[str, str, str]]] = {}
    for title_id, *ruling in con.execute(
        f"SELECT title_id, rule, outcome, action FROM findings WHERE {theirs}"
    ).fetchall():
        findings.setdefault(title_id, set()).add(tuple(ruling))
    listed = dict(con.execute(f"SELECT title_id, decision FROM block_list WHERE {theirs}").fetchall())
    blocked: dict[str, set[str]] = {}
    for title_id, placement_id in con.execute(
        f"SELECT title_id, placement_id FROM blocked_placements WHERE {theirs}"
    ).fetchall():
        blocked.setdefault(title_id, set()).add(placement_id)
    verdicts = con.execute(
        f"SELECT title_id, decision, stage, regime, tier, rules FROM verdicts WHERE {theirs}"
    ).fetchall()
    return {
        title_id: Ruled(
            decision=decision,
            stage=stage,
            regime=regime,
            tier=tier,
            findings=frozenset(findings.get(title_id, ())),
            rules=tuple(sorted(rules)),
            listed=listed.get(title_id),
            placements=frozenset(blocked.get(title_id, ())),
        )
        for title_id, decision, stage, regime, tier, rules in verdicts
    }
