"""The contract check in portable SQL: clean, typed relations of a catalog that an engine holds, bad rows set aside.

It finds what the check of the embedded engine finds, by the same conditions: one scan of each relation counts every
breach, and only relations with bad rows get a filter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from compliance.catalog.breaches import (
    CONTRADICTED_ISSUER,
    UNKNOWN_PLATFORM,
    Breach,
    breaches,
    good,
    reasons,
    repeated,
)
from compliance.catalog.coercion import WANTED, Coercion
from compliance.catalog.columns import holding, row_count
from compliance.catalog.contract import CHECKED_IN_ORDER, MUST_NOT_BE_EMPTY, ContractOutcome, missing_relations
from compliance.catalog.schema import RELATIONS, Column, Relation
from compliance.catalog.sources import literal, quoted, shown
from compliance.catalog.statistics import Statistics
from compliance.engines.portable.coercion import Kind, coercion, is_infinite, is_nan, nothing
from compliance.engines.portable.engine import Engine
from compliance.errors import CatalogError, RunInvalidError
from compliance.language import worded
from compliance.permits import contradicted
from compliance.verdicts.canaries import RESERVED

_EXAMPLES = 3
_IDS = ("title_id", "platform")
_NOTHING_PROVEN = Statistics()


@dataclass(slots=True)
class _Found:
    """One relation of the catalog: how each of its columns is read, and what is wrong with its rows."""

    relation: Relation
    kinds: Mapping[str, Kind]
    coercions: dict[str, Coercion] = field(default_factory=dict)
    rows: int = 0
    breaches: list[Breach] = field(default_factory=list)
    """Those that some row commits."""
    source: str = ""

    def __post_init__(self) -> None:
        self.source = f"source_{self.relation.name}"

    def select(self, *columns: str) -> str:
        """A SELECT of these columns, typed."""
        listed = ", ".join(f"{self.coercions[name].expression} AS {quoted(name)}" for name in columns)
        return f"SELECT {listed} FROM {self.source}"


def check(
    engine: Engine, catalog: Mapping[str, Mapping[str, Kind]], *, where: str, needed: Mapping[str, Sequence[str]]
) -> ContractOutcome:
    """Check the catalog and leave the clean relations in the engine.

    `catalog` has the columns of each relation that is there, defined as `source_<relation>`; `needed` gives the rules
    that need a relation. Afterwards the engine knows:

    - `sound_<relation>` for each of the eight, with its columns and types exactly; an absent one is empty
    - `quarantine` (relation, title_id, row, reason): one row per bad row, `row` as JSON
    - `bad_titles` (title_id, platform, status, kind, name, producer, form, online_at): bad rows of titles, typed
    - `held_titles` (title_id): judged titles that must be held because a row of theirs is bad

    Raises CatalogError with all problems at once, RunInvalidError where rows do not add up.
    """
    problems: list[str] = []
    found = {
        name: _typed(engine, RELATIONS[name], catalog[name], problems) for name in CHECKED_IN_ORDER if name in catalog
    }
    filled = {name for name, one in found.items() if one.rows or name not in MUST_NOT_BE_EMPTY}
    problems = [*missing_relations(filled, frozenset(found), needed), *problems]
    if problems:
        raise CatalogError(
            worded(f"片库 {where} 不符合约定", f"the catalog {where} breaks the contract"),
            problems=problems,
            remedy=worded(
                "修正片库后重跑；本次什么都没有判定", "mend the catalog and repeat the run; nothing was judged"
            ),
        )
    for name in CHECKED_IN_ORDER:
        if name in found:
            _settle(engine, found[name])
        else:
            columns = {column.name: column.type.value for column in RELATIONS[name].columns}
            engine.define(f"sound_{name}", no_rows(columns))
    quarantined = _set_aside(engine, found)
    return ContractOutcome(
        rows={name: found[name].rows if name in found else 0 for name in RELATIONS},
        quarantined=quarantined,
        absent=frozenset(RELATIONS) - frozenset(found),
    )


def _typed(engine: Engine, relation: Relation, kinds: Mapping[str, Kind], problems: list[str]) -> _Found:
    """The relation with a way to read each column; what stands in the way is added to the problems.

    One scan counts its rows, wrong values, unknown words and breaches.
    """
    found = _Found(relation, kinds)
    missing, unfit = [], {}
    for column in relation.columns:
        if column.name not in kinds:
            missing.append(column)
            continue
        how = coercion(engine, column, kinds[column.name])
        if how is None:
            unfit[column.name] = f"COUNT({quoted(column.name)})"
        found.coercions[column.name] = how or nothing(column)
    faults = {
        (column, what): condition
        for column in relation.columns
        if column.name in found.coercions
        for what, condition in _faults(column, found.coercions[column.name])
    }
    # A column that is missing keeps the run from being judged; the conditions of the others can be asked all the same.
    for column in missing:
        found.coercions[column.name] = nothing(column)
    own = list(breaches(relation, found.coercions, dict.fromkeys(found.coercions, _NOTHING_PROVEN)))
    reserved = [column.name for column in relation.columns if column.name in _IDS]
    asked = ["COUNT(*)", *unfit.values()]
    asked += [f"COUNT(CASE WHEN {found.coercions[name].expression} LIKE '{RESERVED}%' THEN 1 END)" for name in reserved]
    asked += [f"COUNT(CASE WHEN {condition} THEN 1 END)" for condition in faults.values()]
    asked += [f"COUNT(CASE WHEN {breach.condition} THEN 1 END)" for breach in own]
    listed = ", ".join(f"{count} AS n{place}" for place, count in enumerate(asked))
    (counts,) = engine.rows(f"SELECT {listed} FROM {found.source}")
    answers = iter(counts)
    found.rows = next(answers)
    problems += [_missing_column(found, column) for column in missing]
    problems += [_unfit(found, relation.column(name)) for name in unfit if next(answers)]
    problems += [
        worded(
            f"{relation.name}.{name}：{count:,} 行以 {RESERVED} 开头，那是审核自带的测试剧目专用的 → 改名",
            f"{relation.name}.{name}: {holding(count)} an id that begins with {RESERVED}, as the audit's own titles do"
            " → rename it",
        )
        for name in reserved
        if (count := next(answers))
    ]
    for (column, what), condition in faults.items():
        if count := next(answers):
            problems.append(_faulty(engine, found, column, what, condition, count))
    found.breaches = [breach for breach in own if next(answers)]
    return found


def _faults(column: Column, how: Coercion) -> Iterator[tuple[str, str]]:
    """What may be wrong with a value so that the column, not the row, is to blame."""
    if how.wrong is not None:
        yield "value", how.wrong
    if column.values:
        yield "word", f"{how.expression} NOT IN ({', '.join(map(literal, column.values))})"


def _missing_column(found: _Found, column: Column) -> str:
    name, empty = f"{found.relation.name}.{column.name}", ""
    if column.nullable:
        empty = worded("，可以为空", "; it may be empty")
    return worded(
        f"{name}：缺少该列（{found.rows:,} 行）→ 补上{empty}",
        f"{name}: the column is missing ({row_count(found.rows)}) → add it{empty}",
    )


def _unfit(found: _Found, column: Column) -> str:
    name, kind, due = f"{found.relation.name}.{column.name}", found.kinds[column.name].value(), WANTED[column.type]()
    return worded(
        f"{name}：{found.rows:,} 行是{kind}，应为{due}（{column.type.value}）→ 按该类型写出此列",
        f"{name}: {row_count(found.rows)} with {kind} where {due} is due ({column.type.value})"
        " → write the column with that type",
    )


def _faulty(engine: Engine, found: _Found, column: Column, what: str, condition: str, count: int) -> str:
    value = f"SUBSTR(CAST({quoted(column.name)} AS VARCHAR), 1, 100)"
    rows = engine.rows(
        f"SELECT DISTINCT {value} AS v FROM {found.source} WHERE {condition} ORDER BY v NULLS LAST LIMIT {_EXAMPLES}"
    )
    name, examples = f"{found.relation.name}.{column.name}", ", ".join(shown(value) for (value,) in rows)
    if what == "word":
        known = " ".join(column.values)
        return worded(
            f"{name}：{count:,} 行的取值无法识别，如 {examples} → 改用 {known}",
            f"{name}: {holding(count)} an unknown word, such as {examples} → use {known}",
        )
    due = WANTED[column.type]()
    return worded(
        f"{name}：{count:,} 行的值不是{due}，如 {examples} → 更正",
        f"{name}: {holding(count)} no value that is {due}, such as {examples} → correct them",
    )


def _settle(engine: Engine, found: _Found) -> None:
    """Leave the good rows under the relation's name; what only other rows tell of a row is asked here."""
    relation = found.relation
    for key, table, reason in (*_repeated_key(engine, found), *_across(engine, found)):
        if engine.rows(f"SELECT 1 FROM {table} LIMIT 1"):
            found.breaches.append(_marked(engine, found, key, table, reason))
    clean = found.select(*(column.name for column in relation.columns))
    if found.breaches:
        clean += f" WHERE {good(found.breaches)}"
    # The same issuer twice says nothing new, and joined twice it would double its titles.
    distinct = f"SELECT DISTINCT * FROM ({clean}) AS i" if relation.name == "issuers" else clean
    engine.define(f"sound_{relation.name}", distinct)
    if found.breaches:
        ((kept, aside),) = engine.rows(
            f"SELECT COUNT(CASE WHEN {good(found.breaches)} THEN 1 END), COUNT(CASE WHEN NOT ({good(found.breaches)})"
            f" THEN 1 END) FROM {found.source}"
        )
        if kept + aside != found.rows:
            raise RunInvalidError(
                worded(
                    f"{relation.name}：读入 {found.rows:,} 行，但合格 {kept:,} 行、隔离 {aside:,} 行，合不上",
                    f"{relation.name}: {found.rows:,} rows came in, but {kept:,} are clean and {aside:,} in quarantine",
                ),
                remedy=worded(
                    "在片库不变动时重跑；若再出现，请报告",
                    "repeat the run with a catalog that does not change meanwhile; if it happens again, report it",
                ),
            )


def _marked(engine: Engine, found: _Found, key: str, table: str, reason: str) -> Breach:
    """The relation's rows with a mark on those whose key stands in that table."""
    mark, source = f"in_{table}", found.source
    found.source = f"marked_by_{table}"
    engine.define(
        found.source,
        f"SELECT s.*, m.bad_key IS NOT NULL AS {mark} FROM {source} AS s"
        f" LEFT JOIN {table} AS m ON m.bad_key = {found.coercions[key].expression}",
    )
    return Breach(mark, reason)


def _repeated_key(engine: Engine, found: _Found) -> Iterator[tuple[str, str, str]]:
    """A key that stands on several rows makes all of them bad: nobody can say which one is right."""
    key = found.relation.key
    if key is None or found.rows < 2:
        return
    table = f"repeated_{found.relation.name}"
    engine.define(
        table,
        f"SELECT {key} AS bad_key FROM ({found.select(key)}) AS k WHERE {key} <> '' GROUP BY {key} HAVING COUNT(*) > 1",
    )
    yield key, table, repeated(key)


def _across(engine: Engine, found: _Found) -> Iterator[tuple[str, str, str]]:
    if found.relation.name == "titles":
        engine.define(
            "unknown_platforms",
            f"SELECT DISTINCT t.platform AS bad_key FROM ({found.select('platform')}) AS t WHERE t.platform <> ''"
            " AND NOT EXISTS (SELECT 1 FROM sound_platforms AS p WHERE p.platform = t.platform)",
        )
        yield "platform", "unknown_platforms", UNKNOWN_PLATFORM
    if found.relation.name == "issuers":
        bad = contradicted(engine.rows(found.select("short_name", "level", "operator")))
        engine.give("contradicted_issuers", pa.table({"bad_key": pa.array(bad, pa.string())}))
        yield "short_name", "contradicted_issuers", CONTRADICTED_ISSUER


def _set_aside(engine: Engine, found: Mapping[str, _Found]) -> Mapping[str, int]:
    """Leave `quarantine`, `bad_titles` and `held_titles`; how many rows of each relation are in quarantine."""
    titles, bad = found["titles"], [one for one in found.values() if one.breaches]
    wanted = ("title_id", "platform", "status", "kind", "name", "producer", "form", "online_at")
    if not bad:
        engine.define("quarantine", no_rows(dict.fromkeys(("relation", "title_id", "row", "reason"), "VARCHAR")))
        types = {name: titles.relation.column(name).type.value for name in wanted}
        engine.define("bad_titles", no_rows(types))
        engine.define("held_titles", no_rows({"title_id": "VARCHAR"}))
        return {}
    engine.keep("quarantine", " UNION ALL ".join(_bad_rows(engine, one) for one in bad))
    only_bad = f"NOT ({good(titles.breaches)})" if titles.breaches else "FALSE"
    engine.define("bad_titles", f"{titles.select(*wanted)} WHERE {only_bad}")
    engine.keep(
        "held_titles",
        f"SELECT DISTINCT t.title_id FROM ({titles.select('title_id', 'kind', 'status')}) AS t"
        " WHERE t.kind IS DISTINCT FROM 'other' AND t.status IS DISTINCT FROM 'offline'"
        " AND EXISTS (SELECT 1 FROM quarantine AS q WHERE q.title_id = t.title_id)",
    )
    return dict(engine.rows("SELECT relation, COUNT(*) FROM quarantine GROUP BY relation ORDER BY relation"))


def _bad_rows(engine: Engine, found: _Found) -> str:
    relation = found.relation
    names = [column.name for column in relation.columns]
    title = f"NULLIF({found.coercions['title_id'].expression}, '')" if "title_id" in names else "CAST(NULL AS VARCHAR)"
    row = engine.json_text({name: _as_it_came(engine, name, found.kinds[name]) for name in names})
    return (
        f'SELECT {literal(relation.name)} AS relation, {title} AS title_id, {row} AS "row",'
        f" {reasons(found.breaches)} AS reason FROM {found.source} WHERE NOT ({good(found.breaches)})"
    )


def _as_it_came(engine: Engine, column: str, kind: Kind) -> str:
    """The value in the source; JSON knows no NaN and no infinity, and no instants."""
    name = quoted(column)
    if kind is Kind.FLOAT:
        return f"CASE WHEN NOT ({is_nan(name)}) AND NOT {is_infinite(name)} THEN {name} END"
    return engine.as_text(name) if kind in (Kind.DAY, Kind.LOCAL, Kind.ZONED) else name


def no_rows(columns: Mapping[str, str]) -> str:
    """A SELECT of no rows with these columns and types."""
    listed = ", ".join(f"CAST(NULL AS {type_}) AS {quoted(name)}" for name, type_ in columns.items())
    return f"SELECT {listed} WHERE 1 = 0"
