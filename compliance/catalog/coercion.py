"""From the type that a column has to the type that the contract wants.

Parquet says its types, so it is taken at its word: text is text, a flag is a flag. A database says less (SQLite keeps
instants as text and flags as 0 and 1), so its values may also be text that reads as the due type.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from compliance.catalog.schema import Column, Type
from compliance.catalog.sources import as_found, quoted
from compliance.language import Message

_NARROW = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "UTINYINT": 9, "USMALLINT": 17, "UINTEGER": 33}
"""Bits that a signed whole number needs to hold every value of the type."""

_WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT")
_FLOATS = ("FLOAT", "DOUBLE")
AS_UTC = "TIMESTAMP AS UTC"
"""An instant that DuckDB gives as the wall time of UTC, and calls a time without zone."""
_TRUNCATED = {
    "TIMESTAMP_NS": "make_timestamp(epoch_us({0}))",
    "TIMESTAMPTZ_NS": "make_timestamptz(epoch_ns({0}) // 1000)",
}
"""Nanoseconds cut to microseconds: a cast would round the last one of a day up to the next day."""
_LOCAL = ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
_ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
ZONE = r"[Zz]|(UTC|GMT)?[+-](0?\d|1[0-4])(:?[0-5]\d)?|UTC|GMT|[A-Za-z_]+/[A-Za-z0-9_/+-]+"
"""Zones that mean one thing everywhere; CST is one in China and another in America."""
_TIME_IN_ZONE = rf"^[\d:.]+ *({ZONE})\s*$"
_BITS = {Type.INTEGER: 64, Type.SMALL: 32}

WANTED = {
    Type.TEXT: Message("文字", "text"),
    Type.INTEGER: Message("整数", "a whole number"),
    Type.SMALL: Message("整数", "a whole number"),
    Type.REAL: Message("数", "a number"),
    Type.FLAG: Message("真或假", "true or false"),
    Type.INSTANT: Message("时间", "a timestamp"),
    Type.DAY: Message("日期", "a date"),
}
"""The types in the words of a message."""


@dataclass(frozen=True, slots=True)
class Coercion:
    """How to read one column as its type."""

    expression: str
    """SQL of the contract's type; it never raises, and is null for a value that is wrong or beyond."""
    wrong: str | None = None
    """True for a value that is no value of the type: the column has a wrong type."""
    beyond: str | None = None
    """True for a value of the type that is too large or too small to be kept: the row is bad."""
    raw: str | None = None
    """SQL of the value as it came, where the column itself does not have it."""


def coercion(column: Column, type_: str, *, lenient: bool, may_be_empty: bool = True) -> Coercion | None:
    """How to read a column of that DuckDB type; None where no value of it can be one.

    `may_be_empty`: an empty text may stand in the column (it means null where null is allowed).
    """
    name = quoted(column.name)
    if type_ == "NULL":
        return Coercion(f"CAST(NULL AS {column.type.value})")
    match column.type:
        case Type.TEXT:
            return _text(column, name, type_, lenient, may_be_empty)
        case Type.INTEGER | Type.SMALL:
            return _whole(column.type, name, type_, lenient)
        case Type.REAL:
            return _real(name, type_, lenient)
        case Type.FLAG:
            return _flag(name, type_, lenient)
        case Type.INSTANT:
            return _instant(name, type_, lenient)
        case Type.DAY:
            return _day(name, type_, lenient)


def staged_coercion(column: Column) -> Coercion:
    """How to read a staged column, typed already, whose other values stand beside it as text."""
    name, beside = quoted(column.name), replace(column, name=as_found(column))
    judged = coercion(beside, "VARCHAR", lenient=True)
    if judged is None:
        raise AssertionError(f"{column.name}: text cannot be judged")
    raw = f"coalesce({quoted(beside.name)}, CAST({name} AS VARCHAR))"
    return Coercion(name, wrong=judged.wrong, beyond=judged.beyond, raw=raw)


def _text(column: Column, name: str, type_: str, lenient: bool, may_be_empty: bool) -> Coercion | None:
    written = lenient and (_is_whole(type_) or type_ == "UUID" or type_.startswith("DECIMAL"))
    if not (type_ == "VARCHAR" or type_.startswith("ENUM") or written):
        return None
    text = name if type_ == "VARCHAR" else f"CAST({name} AS VARCHAR)"
    return Coercion(f"nullif({text}, '')" if column.nullable and may_be_empty else text)


def _whole(type_wanted: Type, name: str, type_: str, lenient: bool) -> Coercion | None:
    wanted = type_wanted.value
    if type_ in _NARROW and _NARROW[type_] <= _BITS[type_wanted]:
        return Coercion(name if type_ == wanted else f"CAST({name} AS {wanted})")
    read = f"TRY_CAST({name} AS {wanted})"
    if _is_whole(type_):
        return Coercion(read, beyond=f"{name} IS NOT NULL AND {read} IS NULL")
    if type_ in _FLOATS or type_.startswith("DECIMAL"):
        whole = f"CASE WHEN {name} = trunc({name}) THEN {read} END"
        if type_ in _FLOATS:
            wrong = f"isinf({name}) OR (isfinite({name}) AND {name} <> trunc({name}))"
            return Coercion(
                whole, wrong=wrong, beyond=f"isfinite({name}) AND {name} = trunc({name}) AND {read} IS NULL"
            )
        beyond = f"{name} = trunc({name}) AND {read} IS NULL"
        return Coercion(whole, wrong=f"{name} <> trunc({name})", beyond=beyond)
    if lenient and type_ == "VARCHAR":
        digits = rf"regexp_full_match(trim({name}), '[+-]?[0-9]+(\.0*)?')"
        # A cast would round a fraction (2.5, 15e-1) and read 0x1F; only points and letters are worth looking closer.
        plain = f"NOT contains({name}, '.') AND lower({name}) = upper({name})"
        whole = f"CASE WHEN {plain} OR {digits} THEN {read} END"
        beyond = f"{digits} AND {read} IS NULL"
        return Coercion(whole, wrong=f"trim({name}) <> '' AND ({whole}) IS NULL AND NOT {digits}", beyond=beyond)
    return None


def _real(name: str, type_: str, lenient: bool) -> Coercion | None:
    if type_ in _FLOATS:
        # Not isnan: DuckDB takes it for false wherever a file has statistics of the column, which leave NaN out.
        return Coercion(f"CASE WHEN isfinite({name}) OR isinf({name}) THEN CAST({name} AS DOUBLE) END")
    if _is_whole(type_) or type_.startswith("DECIMAL"):
        return Coercion(f"CAST({name} AS DOUBLE)")
    if lenient and type_ == "VARCHAR":
        read = f"TRY_CAST({name} AS DOUBLE)"
        number = f"CASE WHEN NOT isnan({read}) THEN {read} END"
        return Coercion(number, wrong=f"trim({name}) <> '' AND {read} IS NULL")
    return None


def _flag(name: str, type_: str, lenient: bool) -> Coercion | None:
    if type_ == "BOOLEAN":
        return Coercion(name)
    if lenient and (_is_whole(type_) or type_.startswith("DECIMAL")):
        read = f"CASE WHEN {name} = 1 THEN TRUE WHEN {name} = 0 THEN FALSE END"
        return Coercion(read, wrong=f"{name} NOT IN (0, 1)")
    if lenient and type_ == "VARCHAR":
        word = f"lower(trim({name}))"
        read = f"CASE WHEN {word} IN ('1', 't', 'true') THEN TRUE WHEN {word} IN ('0', 'f', 'false') THEN FALSE END"
        return Coercion(read, wrong=f"{word} <> '' AND ({read}) IS NULL")
    return None


def _instant(name: str, type_: str, lenient: bool) -> Coercion | None:
    if type_ == "TIMESTAMP":
        return Coercion(name)
    if type_ in _LOCAL:
        read = _TRUNCATED.get(type_, "TRY_CAST({0} AS TIMESTAMP)").format(name)
        return Coercion(read, beyond=f"{name} IS NOT NULL AND {read} IS NULL")
    if type_ == AS_UTC:
        return Coercion(_shanghai(f"timezone('UTC', {name})"))
    if type_ in _ZONED:
        return Coercion(_shanghai(_TRUNCATED.get(type_, "{0}").format(name)))
    if lenient and type_ == "VARCHAR":
        read = instant_in_text(name)
        return Coercion(read, wrong=f"trim({name}) <> '' AND ({read}) IS NULL")
    return None


def instant_in_text(name: str) -> str:
    """An expression: wall time in Asia/Shanghai that a text tells, with a zone or without; NULL where it tells none."""
    time = f"substr(ltrim({name}), 12)"
    instant = f"CASE WHEN regexp_matches({time}, '{_TIME_IN_ZONE}') THEN TRY_CAST({name} AS TIMESTAMPTZ) END"
    zoned = f"timezone('Asia/Shanghai', {instant})"
    return f"CASE WHEN {_has_zone(time)} THEN {zoned} ELSE TRY_CAST({name} AS TIMESTAMP) END"


def _day(name: str, type_: str, lenient: bool) -> Coercion | None:
    if type_ == "DATE":
        return Coercion(name)
    instant = _instant(name, type_, lenient)
    if instant is None:
        return None
    return Coercion(f"CAST({instant.expression} AS DATE)", wrong=instant.wrong, beyond=instant.beyond)


def _shanghai(instant: str) -> str:
    """Wall time in Asia/Shanghai. Since 1992 there is no summer time there, and adding 8 hours is 20 × as fast."""
    return (
        f"CASE WHEN {instant} >= TIMESTAMPTZ '1992-01-01 00:00:00+00' AND isfinite({instant})"
        f" THEN make_timestamp(epoch_us({instant}) + 28800000000) ELSE timezone('Asia/Shanghai', {instant}) END"
    )


def _has_zone(time: str) -> str:
    """Whether the text behind a day and its separator names a zone: signs and letters mean nothing else there.

    A cast to a time without zone would take it as if they were not there.
    """
    return f"(contains({time}, '+') OR contains({time}, '-') OR lower({time}) <> upper({time}))"


def _is_whole(type_: str) -> bool:
    return type_ in _NARROW or type_ in _WIDE
