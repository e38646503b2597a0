"""From the type that an engine says a column has to the type that the contract wants, in portable SQL.

Engines that hold a catalog themselves say its types: they are taken at their word, as Parquet's are. Whole numbers may
stand in columns of floats or decimals, as pandas writes them where one is missing.
"""

from __future__ import annotations

from enum import Enum

from compliance.catalog.coercion import Coercion
from compliance.catalog.schema import Column, Type
from compliance.catalog.sources import quoted
from compliance.engines.portable.engine import Engine
from compliance.language import Message


class Kind(Enum):
    """What an engine's own types come to."""

    TEXT = Message("文字", "text")
    WHOLE = Message("不超过 32 位的整数", "a whole number of up to 32 bits")
    BIG = Message("64 位整数", "a whole number of 64 bits")
    DECIMAL = Message("十进制小数", "a decimal number")
    FLOAT = Message("浮点数", "a floating-point number")
    FLAG = Message("真或假", "true or false")
    DAY = Message("日期", "a date")
    LOCAL = Message("不带时区的时间", "a timestamp without zone")
    ZONED = Message("带时区的时间", "a timestamp with zone")
    OTHER = Message("别的类型", "another type")


_INFINITY = "CAST('Infinity' AS DOUBLE)"
_BITS = {Type.INTEGER: 63, Type.SMALL: 31}


def coercion(engine: Engine, column: Column, kind: Kind) -> Coercion | None:
    """How to read a column of that kind; None where no value of it can be one."""
    name = quoted(column.name)
    match column.type:
        case Type.TEXT:
            return _text(column, name) if kind is Kind.TEXT else None
        case Type.INTEGER | Type.SMALL:
            return _whole(column.type, name, kind)
        case Type.REAL:
            return _real(name, kind)
        case Type.FLAG:
            return Coercion(name) if kind is Kind.FLAG else None
        case Type.INSTANT:
            return _instant(engine, name, kind)
        case Type.DAY:
            return Coercion(name) if kind is Kind.DAY else _day(engine, name, kind)


def nothing(column: Column) -> Coercion:
    """How to read a column without any value."""
    return Coercion(f"CAST(NULL AS {column.type.value})")


def is_nan(number: str) -> str:
    """Whether a floating-point number is none: it is greater than infinity, in every engine."""
    return f"{number} > {_INFINITY}"


def is_infinite(number: str) -> str:
    """Whether a floating-point number is infinite."""
    return f"({number} = {_INFINITY} OR {number} = -{_INFINITY})"


def _text(column: Column, name: str) -> Coercion:
    text = f"CAST({name} AS VARCHAR)"
    return Coercion(f"NULLIF({text}, '')" if column.nullable else text)


def _whole(wanted: Type, name: str, kind: Kind) -> Coercion | None:
    bits, as_wanted = _BITS[wanted], f"CAST({name} AS {wanted.value})"
    if kind is Kind.WHOLE or (kind is Kind.BIG and wanted is Type.INTEGER):
        return Coercion(as_wanted)
    fits = f"({name} >= {-(2**bits)} AND {name} < {2**bits})"
    if kind is Kind.BIG:
        return Coercion(f"CASE WHEN {fits} THEN {as_wanted} END", beyond=f"NOT {fits}")
    if kind not in (Kind.DECIMAL, Kind.FLOAT):
        return None
    whole = f"{name} = FLOOR({name})"
    wrong = f"NOT {whole}"
    if kind is Kind.FLOAT:
        fits = f"({name} >= CAST({-(2**bits)} AS DOUBLE) AND {name} < CAST({2**bits} AS DOUBLE))"
        wrong = f"{is_infinite(name)} OR (NOT ({is_nan(name)}) AND NOT {whole})"
        whole = f"NOT ({is_nan(name)}) AND NOT {is_infinite(name)} AND {whole}"
    return Coercion(f"CASE WHEN {whole} AND {fits} THEN {as_wanted} END", wrong=wrong, beyond=f"{whole} AND NOT {fits}")


def _real(name: str, kind: Kind) -> Coercion | None:
    if kind is Kind.FLOAT:
        return Coercion(f"CASE WHEN NOT ({is_nan(name)}) THEN CAST({name} AS DOUBLE) END")
    return Coercion(f"CAST({name} AS DOUBLE)") if kind in (Kind.WHOLE, Kind.BIG, Kind.DECIMAL) else None


def _instant(engine: Engine, name: str, kind: Kind) -> Coercion | None:
    if kind is Kind.LOCAL:
        return Coercion(name)
    if kind is Kind.ZONED:
        return Coercion(engine.wall_time(name))
    return Coercion(f"CAST({name} AS TIMESTAMP)") if kind is Kind.DAY else None


def _day(engine: Engine, name: str, kind: Kind) -> Coercion | None:
    instant = _instant(engine, name, kind)
    return None if instant is None else Coercion(f"CAST({instant.expression} AS DATE)")
