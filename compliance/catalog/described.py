"""What the columns of a query are, as its database says: their names, their types, and which of them hold bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from compliance.catalog.coercion import WANTED
from compliance.catalog.schema import Column, Relation, Type
from compliance.errors import CatalogError
from compliance.language import worded

_AGAIN = re.compile(r"^(.+):\d+$")
"""What SQLite makes of the name of a further column of one name."""

_SHOWN = 5
"""Names of columns that a message tells."""

_PLAIN_CATEGORIES = frozenset("SENDB")
"""PostgreSQL's categories of texts, enums, numbers, days and times, flags: as text they say what they said before."""
_PLAIN_TYPES = ("uuid", '"char"')
_MYSQL_NOT_PLAIN = {242: "VECTOR", 245: "JSON", 255: "GEOMETRY"}
MYSQL_STRINGS = frozenset({15, 249, 250, 251, 252, 253, 254})
"""The types of texts and of bytes: only its character set tells which of both a column holds."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column that a query gives."""

    code: object
    """The driver's number of its type: PostgreSQL's oid, MySQL's number in the protocol; SQLite has none."""
    is_binary: bool = False
    """In MySQL it has no character set: its bytes are text only where they happen to be UTF-8."""


def described(connection: sa.Connection, relation: Relation, query: str) -> Mapping[str, SourceColumn]:
    """The relation's columns that the query gives; the query is not run.

    Raises CatalogError where none of them is there, one stands there twice, or is of a type whose text would hide what
    is in it.
    """
    wanted = {column.name for column in relation.columns}
    result = connection.execution_options(no_parameters=True).exec_driver_sql(
        f"SELECT * FROM ({query}) AS source WHERE 1 = 0"
    )
    description = [(name, code) for name, code, *_ in (result.cursor.description if result.cursor else ())]
    backend = connection.engine.url.get_backend_name()
    must_stand_once(relation, [name for name, _ in description], backend)
    found = {name: SourceColumn(code) for name, code in description if name in wanted}
    if not found:
        _refuse([_none_of_them(relation, [name for name, _ in description])])
    if backend == "postgresql":
        _must_be_plain(relation, _not_plain_in_postgresql(connection, found))
    if backend == "mysql":
        _must_be_plain(relation, _not_plain_in_mysql(relation, found))
        return _with_binary(connection, query, found)
    return found


def _none_of_them(relation: Relation, names: Sequence[str]) -> str:
    there = ", ".join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")
    due = relation.columns[0].name
    return worded(
        f"{relation.name}：没有约定的任何一列，只有 {there} → 用小写的约定列名（{due} …）",
        f"{relation.name}: none of its columns is there, but {there}"
        f" → use the contract's names in small letters ({due}, …)",
    )


def must_stand_once(relation: Relation, names: Sequence[str], backend: str) -> None:
    """Raise CatalogError where several columns of a query have one name of the relation.

    The database would take one of them without a word, and the other may be the one that was meant.
    """
    counts = Counter((_AGAIN.sub(r"\1", name) if backend == "sqlite" else name).lower() for name in names)
    _refuse(
        worded(
            f"{relation.name}.{column.name}：有不止一列叫这个名字（不分大小写）→ 只留下所要的那一列",
            f"{relation.name}.{column.name}: more than one column has this name, in small letters or capitals"
            " → leave only the one that is meant",
        )
        for column in relation.columns
        if counts[column.name] > 1
    )


def _not_plain_in_postgresql(connection: sa.Connection, found: Mapping[str, SourceColumn]) -> Mapping[str, str]:
    """The columns that are arrays, JSON, bytes and the like, each with its type; a domain has the type it is over."""
    listed = ", ".join(sorted({str(column.code) for column in found.values()}))
    rows = connection.exec_driver_sql(
        f"SELECT oid::bigint, format_type(oid, NULL), typcategory::text FROM pg_type WHERE oid IN ({listed})"
    ).fetchall()
    types = {
        oid: type_ for oid, type_, category in rows if category not in _PLAIN_CATEGORIES and type_ not in _PLAIN_TYPES
    }
    return {name: types[column.code] for name, column in found.items() if column.code in types}


def _not_plain_in_mysql(relation: Relation, found: Mapping[str, SourceColumn]) -> Mapping[str, str]:
    return {
        name: _MYSQL_NOT_PLAIN[column.code]
        for name, column in found.items()
        if column.code in _MYSQL_NOT_PLAIN and relation.column(name).type is Type.TEXT
    }


def _must_be_plain(relation: Relation, types: Mapping[str, str]) -> None:
    """The brackets and quotation marks of a list, or the digits of bytes, would hide the words that are looked for."""
    _refuse(_not_plain(relation.name, relation.column(name), type_) for name, type_ in types.items())


def _not_plain(relation: str, column: Column, type_: str) -> str:
    due = WANTED[column.type]()
    several = column.type is Type.TEXT
    return worded(
        f"{relation}.{column.name}：类型是 {type_}，应为{due} → 在视图或映射中转成{due}"
        + ("，多个词用逗号分隔" if several else ""),
        f"{relation}.{column.name}: it is of type {type_} where {due} is due → make {due} of it in a view or mapping"
        + (", several words separated by commas" if several else ""),
    )


def _with_binary(
    connection: sa.Connection, query: str, found: Mapping[str, SourceColumn]
) -> Mapping[str, SourceColumn]:
    """Ask for the character sets, with a row of nulls beside the query: its own rows are not wanted and not made."""
    strings = [name for name, column in found.items() if column.code in MYSQL_STRINGS]
    if not strings:
        return found
    names = ", ".join(f"`{name}`" for name in strings)
    asked = ", ".join(f"COLLATION(`{name}`)" for name in strings)
    nulls = ", ".join("NULL" for _ in strings)
    one_row = f"SELECT {names} FROM ({query}) AS source WHERE 1 = 0 UNION ALL SELECT {nulls}"
    collations = connection.exec_driver_sql(f"SELECT {asked} FROM ({one_row}) AS one_row").fetchall()[0]
    binary = {name for name, collation in zip(strings, collations, strict=True) if collation == "binary"}
    return {name: replace(column, is_binary=name in binary) for name, column in found.items()}


def _refuse(problems: Iterable[str]) -> None:
    told = list(problems)
    if told:
        raise CatalogError(
            told[0],
            problems=told[1:],
            remedy=worded("更正后重跑", "correct this and repeat the run"),
        )
