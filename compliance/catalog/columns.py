"""Whether a relation's columns are there, of the right type, and hold no unknown word."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from compliance.catalog.coercion import WANTED, Coercion, coercion, staged_coercion
from compliance.catalog.relation import TypedPart
from compliance.catalog.schema import Column, Relation
from compliance.catalog.sources import Part, as_found, literal, quoted, shown
from compliance.catalog.statistics import Statistics, column_statistics
from compliance.language import worded

_EXAMPLES = 3
_NONE_FOUND = Statistics(is_all_null=True)
_ANY_VALUE = "SELECT 1 FROM {1} WHERE {0} IS NOT NULL LIMIT 1"


def typed(con: duckdb.DuckDBPyConnection, relation: Relation, part: Part, problems: list[str]) -> TypedPart:
    """The part with a way to read each column; what stands in the way is added to the problems."""
    statistics = column_statistics(con, part)
    coercions = {}
    for column in relation.columns:
        name = f"{relation.name}.{column.name}"
        if column.name not in part.types:
            empty = worded("，可以为空", "; it may be empty") if column.nullable else ""
            problems.append(
                worded(
                    f"{name}：缺少该列（{part.rows:,} 行）→ 补上{empty}",
                    f"{name}: the column is missing ({row_count(part.rows)}) → add it{empty}",
                )
            )
            continue
        found = _coercion(con, part, column, statistics)
        if found is None:
            is_type, due = part.types[column.name], WANTED[column.type]()
            problems.append(
                worded(
                    f"{name}：{part.rows:,} 行的类型是 {is_type}，应为{due}（{column.type.value}）→ 按该类型写出此列",
                    f"{name}: {row_count(part.rows)} of type {is_type} where {due} is due ({column.type.value})"
                    " → write the column with that type",
                )
            )
            continue
        coercions[column.name] = found
        problems += _wrong_values(con, part, name, column, found)
        problems += _unknown_words(con, part, name, column, found)
    return TypedPart(part.view, part.types, part.rows, coercions, statistics)


def _coercion(
    con: duckdb.DuckDBPyConnection, part: Part, column: Column, statistics: Mapping[str, Statistics]
) -> Coercion | None:
    type_ = part.types[column.name]
    if part.staged and not statistics.get(as_found(column), _NONE_FOUND).is_all_null:
        return staged_coercion(column)
    known = statistics[column.name]
    found = coercion(column, type_, lenient=False, may_be_empty=not known.has_no_empty_text)
    if found is not None:
        return found
    if not known.is_all_null and con.execute(_ANY_VALUE.format(quoted(column.name), quoted(part.view))).fetchall():
        return None
    return coercion(column, "NULL", lenient=False)


def _wrong_values(con: duckdb.DuckDBPyConnection, part: Part, name: str, column: Column, found: Coercion) -> list[str]:
    if found.wrong is None:
        return []
    count, examples = _examples(con, part, found.raw or quoted(column.name), found.wrong)
    if not count:
        return []
    due = WANTED[column.type]()
    return [
        worded(
            f"{name}：{count:,} 行的值不是{due}，如 {examples} → 更正",
            f"{name}: {holding(count)} no value that is {due}, such as {examples} → correct them",
        )
    ]


def _unknown_words(con: duckdb.DuckDBPyConnection, part: Part, name: str, column: Column, found: Coercion) -> list[str]:
    if not column.values:
        return []
    listed = ", ".join(literal(word) for word in column.values)
    unknown = f"{found.expression} NOT IN ({listed})"
    # Few different words stand in the column: to look at these is faster than to look at each row.
    words = f"SELECT DISTINCT {found.expression} AS {quoted(column.name)} FROM {quoted(part.view)}"
    if not con.execute(f"SELECT 1 FROM ({words}) WHERE {quoted(column.name)} NOT IN ({listed}) LIMIT 1").fetchall():
        return []
    count, examples = _examples(con, part, found.expression, unknown)
    known = " ".join(column.values)
    return [
        worded(
            f"{name}：{count:,} 行的取值无法识别，如 {examples} → 改用 {known}",
            f"{name}: {holding(count)} an unknown word, such as {examples} → use {known}",
        )
    ]


def _examples(con: duckdb.DuckDBPyConnection, part: Part, shown_as: str, condition: str) -> tuple[int, str]:
    value = f"left(CAST({shown_as} AS VARCHAR), 100)"
    query = f"SELECT count(*), list_sort(list(DISTINCT {value}))[:{_EXAMPLES}] FROM {quoted(part.view)}"
    count, values = con.execute(f"{query} WHERE {condition}").fetchall()[0]
    return count, ", ".join(shown(value) for value in values or ())


def row_count(count: int) -> str:
    """`1 row`, `1,234 rows`."""
    return "1 row" if count == 1 else f"{count:,} rows"


def holding(count: int) -> str:
    """`1 row holds`, `1,234 rows hold`."""
    return f"{row_count(count)} {'holds' if count == 1 else 'hold'}"
