"""What the columns of a query are, as its database says: their names, their types, and which of them hold bytes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from compliance.catalog.schema import Relation, Type
from compliance.errors import CatalogError
from compliance.language import worded

_AGAIN = re.compile(r"^(.+):\d+$")
"""What SQLite makes of the name of a further column of one name."""

_SHOWN = 5
"""Names of columns that a message tells."""

_TEXT_CATEGORIES = frozenset("SENDB")
"""PostgreSQL's categories of texts, enums, numbers, days and times, flags: as text they say what they said before."""
_TEXT_TYPES = ("uuid", '"char"')
_MYSQL_NO_TEXTS = {242: "VECTOR", 245: "JSON", 255: "GEOMETRY"}
_MYSQL_STRINGS = frozenset({15, 249, 250, 251, 252, 253, 254})
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

    Raises CatalogError where none of them is there, one stands there twice, or is of a type that as text would be
    another text.
    """
    wanted = {column.name for column in relation.columns}
    result = connection.execution_options(no_parameters=True).exec_driver_sql(
        f"SELECT * FROM ({query}) AS source WHERE 1 = 0"
    )
    description = [(name, code) for name, code, *_ in (result.cursor.description if result.cursor else ())]
    backend = connection.engine.url.get_backend_name()
    _must_stand_once(relation, [name for name, _ in description], backend)
    found = {name: SourceColumn(code) for name, code in description if name in wanted}
    if not found:
        _refuse([_none_of_them(relation, [name for name, _ in description])])
    texts = {name: column.code for name, column in found.items() if relation.column(name).type is Type.TEXT}
    if backend == "postgresql" and texts:
        _must_be_texts(relation, _postgresql_no_texts(connection, texts))
    if backend == "mysql":
        _must_be_texts(relation, _mysql_no_texts(texts))
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


def _must_stand_once(relation: Relation, names: Sequence[str], backend: str) -> None:
    """The database would take one of them without a word, and the other may be the one that was meant."""
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


def _postgresql_no_texts(connection: sa.Connection, codes: Mapping[str, object]) -> Mapping[str, str]:
    """Of these columns the ones that are no texts, each with its type; a domain has the type that it is over."""
    listed = ", ".join(sorted({str(code) for code in codes.values()}))
    rows = connection.exec_driver_sql(
        f"SELECT oid::bigint, format_type(oid, NULL), typcategory::text FROM pg_type WHERE oid IN ({listed})"
    ).fetchall()
    no_texts = {oid: type_ for oid, type_, category in rows if not _is_text(type_, category)}
    return {name: no_texts[code] for name, code in codes.items() if code in no_texts}


def _is_text(type_: str, category: str) -> bool:
    return category in _TEXT_CATEGORIES or type_ in _TEXT_TYPES


def _mysql_no_texts(codes: Mapping[str, object]) -> Mapping[str, str]:
    return {name: _MYSQL_NO_TEXTS[code] for name, code in codes.items() if code in _MYSQL_NO_TEXTS}


def _must_be_texts(relation: Relation, no_texts: Mapping[str, str]) -> None:
    """The brackets and quotation marks of a list, or the digits of bytes, would hide the words that are looked for."""
    _refuse(
        worded(
            f"{relation.name}.{name}：类型是 {type_}，应为文字 → 在视图或映射中转成文字，多个词用逗号分隔",
            f"{relation.name}.{name}: it is of type {type_} where text is due"
            " → make a text of it in a view or mapping, several words separated by commas",
        )
        for name, type_ in no_texts.items()
    )


def _with_binary(
    connection: sa.Connection, query: str, found: Mapping[str, SourceColumn]
) -> Mapping[str, SourceColumn]:
    """Ask for the character sets, with a row of nulls beside the query: its own rows are not wanted and not made."""
    strings = [name for name, column in found.items() if column.code in _MYSQL_STRINGS]
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
