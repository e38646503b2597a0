"""The contract check: from what a catalog holds to clean, typed relations, with bad rows set aside.

Nothing is copied: a clean relation is a view over the source, with a cast only where a type differs and a filter only
where a bad row exists. Parquet's statistics prove most of the contract; the rest takes one scan per relation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from compliance.catalog.breaches import CONTRADICTED_ISSUER, UNKNOWN_PLATFORM, Breach, among, breaches, repeated
from compliance.catalog.columns import typed
from compliance.catalog.quarantine import create_tables, hold_titles, settle
from compliance.catalog.relation import Checked
from compliance.catalog.repeating import keep_repeated
from compliance.catalog.schema import ALWAYS_REQUIRED, RELATIONS, Relation
from compliance.catalog.sources import Catalog, Part, quoted, reading
from compliance.errors import CatalogError
from compliance.language import worded

MUST_NOT_BE_EMPTY = ("titles", "register")

CHECKED_IN_ORDER = ("platforms", *(name for name in RELATIONS if name != "platforms"))
"""Titles are checked against the platforms that are left."""


@dataclass(frozen=True, slots=True)
class ContractOutcome:
    """What came in, and how much of it was set aside."""

    rows: Mapping[str, int]
    """Rows of each relation in the catalog; an absent one has 0."""
    quarantined: Mapping[str, int] = field(default_factory=dict)
    """Of these, rows in quarantine; only relations that have some."""
    absent: frozenset[str] = frozenset()
    """Relations that the catalog does not have and no enabled rule needs."""
    parts: Mapping[str, Sequence[Part]] = field(default_factory=dict, compare=False)
    """The files of each relation, as they came."""
    filled: Mapping[str, Mapping[str, int]] = field(default_factory=dict, compare=False)
    """By relation and column the rows that have a value, where it is known without reading the column."""
    changed: Sequence[str] = ()
    """Tables of a database that changed while relations were read as they were at different moments."""


def check(
    con: duckdb.DuckDBPyConnection, catalog: Catalog, *, needed: Mapping[str, Sequence[str]], staging: Path
) -> ContractOutcome:
    """Check the catalog and leave the clean relations in the connection.

    The connection needs the functions of `compliance.permits.sql.register_functions`. `needed` gives the rules that
    need a relation. Afterwards there are, in DuckDB:

    - a view or table of each relation's name, with its columns and types exactly; an absent one is empty
    - `quarantine` (relation, title_id, row, reason): one row per bad row, `row` as JSON
    - `held_titles` (title_id): judged titles that must be held because a row of theirs is bad

    Raises CatalogError with all problems at once: a relation or column that is missing, a type or value that is wrong,
    a file or database that cannot be read. Raises RunInvalidError where rows do not add up.
    """
    problems: list[str] = []
    relations: dict[str, Checked] = {}
    parts: dict[str, Sequence[Part]] = {}
    with catalog.one_state() as present:
        for name in CHECKED_IN_ORDER:
            if name in present and (came := _attached(con, catalog, name, staging, problems)):
                parts[name], relations[name] = came
    filled = {
        name for name in present if name not in relations or relations[name].rows or name not in MUST_NOT_BE_EMPTY
    }
    _refuse(catalog, [*missing_relations(filled, present, needed), *problems])
    create_tables(con)
    for name in CHECKED_IN_ORDER:
        _settle(con, catalog, relations.get(name) or Checked(RELATIONS[name], ()))
    with reading(f"titles of {catalog.where}"):
        hold_titles(con, relations["titles"])
    quarantined = con.execute(
        "SELECT relation, count(*) FROM quarantine GROUP BY relation ORDER BY relation"
    ).fetchall()
    aside = dict(quarantined)
    return ContractOutcome(
        rows={name: relations[name].rows if name in relations else 0 for name in RELATIONS},
        quarantined=aside,
        absent=frozenset(RELATIONS) - present,
        parts=parts,
        filled={name: _filled(checked) for name, checked in relations.items() if name not in aside},
        changed=catalog.changed,
    )


def check_register(con: duckdb.DuckDBPyConnection, catalog: Catalog, *, staging: Path) -> None:
    """Check the register alone, which says nothing of other relations; one that is absent is empty.

    Leaves its clean rows in `register` and the others in `quarantine`, and raises, as `check` does.
    """
    problems: list[str] = []
    there = "register" in catalog.present()
    came = _attached(con, catalog, "register", staging, problems) if there else None
    _refuse(catalog, problems)
    create_tables(con)
    _settle(con, catalog, came[1] if came else Checked(RELATIONS["register"], ()))


def _attached(
    con: duckdb.DuckDBPyConnection, catalog: Catalog, name: str, staging: Path, problems: list[str]
) -> tuple[Sequence[Part], Checked] | None:
    """The relation as it came and with its types; None where it cannot be read, which is added to the problems."""
    try:
        parts = catalog.attach(con, name, staging=staging)
        with reading(f"{name} of {catalog.where}"):
            return parts, _typed(con, RELATIONS[name], parts, problems)
    except CatalogError as error:
        problems += [error.message, *error.problems]
        return None


def _refuse(catalog: Catalog, problems: Sequence[str]) -> None:
    """Raises CatalogError where there are problems."""
    if problems:
        raise CatalogError(
            worded(f"片库 {catalog.where} 不符合约定", f"the catalog {catalog.where} breaks the contract"),
            problems=problems,
            remedy=worded(
                "修正片库后重跑；本次什么都没有判定", "mend the catalog and repeat the run; nothing was judged"
            ),
        )


def _settle(con: duckdb.DuckDBPyConnection, catalog: Catalog, checked: Checked) -> None:
    with reading(f"{checked.relation.name} of {catalog.where}"):
        settle(con, checked, _found(con, checked))


def _filled(checked: Checked) -> dict[str, int]:
    counts = {column.name: checked.filled(column.name) for column in checked.relation.columns}
    return {name: count for name, count in counts.items() if count is not None}


def _typed(con: duckdb.DuckDBPyConnection, relation: Relation, parts: Sequence[Part], problems: list[str]) -> Checked:
    return Checked(relation, tuple(typed(con, relation, part, problems) for part in parts))


def missing_relations(filled: set[str], present: frozenset[str], needed: Mapping[str, Sequence[str]]) -> list[str]:
    """A problem for each relation that is needed and not `filled`; `needed` gives the rules that need a relation."""
    problems = []
    for name in RELATIONS:
        rules = needed.get(name, ())
        if name in filled or not (rules or name in ALWAYS_REQUIRED):
            continue
        state = worded("为空", "is empty") if name in present else worded("缺失", "is missing")
        if name in ALWAYS_REQUIRED:
            problems.append(
                worded(f"{name} {state}：没有它什么都无法判定", f"{name} {state}: nothing can be judged without it")
            )
        else:
            needing = ", ".join(rules)
            problems.append(
                worded(
                    f"{name} {state}，而这些规则需要它：{needing} → 补上，或在 [rules.off] 中逐条写明理由停用",
                    f"{name} {state}, and these rules need it: {needing}"
                    " → add it, or turn them off under [rules.off], each with a reason",
                )
            )
    return problems


def _found(con: duckdb.DuckDBPyConnection, checked: Checked) -> tuple[list[Breach], ...]:
    """For each part of the relation, the breaches that some row commits."""
    relation = checked.relation
    if not checked.parts:
        return ()
    across = [*_repeated_key(con, checked), *_unknown_platforms(con, checked), *_contradictions(con, checked)]
    found = []
    for part in checked.parts:
        own = list(breaches(relation, part.coercions, part.statistics))
        counts: tuple[int, ...] = ()
        if own:
            filters = ", ".join(f"count(*) FILTER (WHERE {breach.condition})" for breach in own)
            counts = con.execute(f"SELECT {filters} FROM {quoted(part.view)}").fetchall()[0]
        committed = [breach for breach, count in zip(own, counts, strict=True) if count]
        found.append(committed + [among(part.coercions, *rest) for rest in across])
    return tuple(found)


def _repeated_key(con: duckdb.DuckDBPyConnection, checked: Checked) -> list[tuple[str, str, str]]:
    """A key that stands on several rows makes all of them bad: nobody can say which one is right.

    Hashes only narrow the search: they are smaller to sort than texts; the texts decide.
    """
    key = checked.relation.key
    if key is None or checked.rows < 2:
        return []
    keys = checked.select(key)
    table = f"repeated_{checked.relation.name}"
    keep_repeated(con, f"{table}_hashes", f"SELECT hash({key}) AS hashed FROM ({keys})")
    if not _any(con, f"{table}_hashes"):
        return []
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT {key} FROM ({keys})"
        f" WHERE hash({key}) IN (SELECT hashed FROM {table}_hashes) AND {key} <> '' GROUP BY {key} HAVING count(*) > 1"
    )
    return [(key, table, repeated(key))] if _any(con, table) else []


def _unknown_platforms(con: duckdb.DuckDBPyConnection, checked: Checked) -> list[tuple[str, str, str]]:
    if checked.relation.name != "titles":
        return []
    con.execute(
        f"CREATE OR REPLACE TABLE unknown_platforms AS SELECT DISTINCT platform FROM ({checked.select('platform')})"
        " WHERE platform <> '' AND platform NOT IN (SELECT platform FROM platforms)"
    )
    return [("platform", "unknown_platforms", UNKNOWN_PLATFORM)] if _any(con, "unknown_platforms") else []


def _contradictions(con: duckdb.DuckDBPyConnection, checked: Checked) -> list[tuple[str, str, str]]:
    """An issuer may be named twice, however it is spelt, but not with two levels or operators."""
    if checked.relation.name != "issuers":
        return []
    named = checked.select("short_name", "level", "operator")
    con.execute(
        "CREATE OR REPLACE TABLE contradicted_issuers AS"
        f" SELECT DISTINCT short_name FROM ({named}) WHERE fold_issuer(short_name) IN"
        f" (SELECT fold_issuer(short_name) FROM ({named})"
        " GROUP BY ALL HAVING count(DISTINCT (level, coalesce(operator, ''))) > 1)"
    )
    found = _any(con, "contradicted_issuers")
    return [("short_name", "contradicted_issuers", CONTRADICTED_ISSUER)] if found else []


def _any(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(con.execute(f"SELECT 1 FROM {quoted(table)} LIMIT 1").fetchall())
