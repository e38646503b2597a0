"""What can be wrong with a row, as SQL conditions over a part of a relation (contract, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compliance.catalog.coercion import Coercion
from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR, Column, Relation, Type
from compliance.catalog.sources import literal, quoted
from compliance.catalog.statistics import Statistics

UNKNOWN_PLATFORM = "platform does not stand in platforms, or its row there is bad"
CONTRADICTED_ISSUER = "short_name is repeated with another level or operator"
"""Reasons that only other rows tell of."""

_MUST_BE_FILLED = ("title_id", "platform")
"""Columns that name a row of another relation: empty is as good as null."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a row breaks the contract."""

    condition: str
    """SQL over the part's view; TRUE for a bad row, FALSE or NULL for a good one."""
    reason: str


def breaches(
    relation: Relation, coercions: Mapping[str, Coercion], statistics: Mapping[str, Statistics]
) -> Iterator[Breach]:
    """What a row can break by itself, but for what the statistics rule out."""
    for column in relation.columns:
        yield from _column(relation, column, coercions[column.name], statistics[column.name])
    if relation.name == "titles" and not statistics["online_at"].has_no_null:
        status, online_at = coercions["status"].expression, coercions["online_at"].expression
        yield Breach(
            f"{status} IN ('scheduled', 'online') AND ({online_at}) IS NULL",
            "online_at is empty, but status is scheduled or online",
        )


def among(coercions: Mapping[str, Coercion], column: str, table: str, reason: str) -> Breach:
    """The row's value stands in that one-column table."""
    return Breach(f"{coercions[column].expression} IN (SELECT {quoted(column)} FROM {quoted(table)})", reason)


def repeated(key: str) -> str:
    """The reason of a row whose key stands on others, too."""
    return f"{key} is repeated"


def good(found: list[Breach]) -> str:
    """SQL that is TRUE for rows without any of these breaches."""
    return " AND ".join(f"({breach.condition}) IS NOT TRUE" for breach in found) or "TRUE"


def reasons(found: list[Breach]) -> str:
    """SQL for the reasons of a bad row in one text."""
    cases = ", ".join(f"CASE WHEN {breach.condition} THEN {literal(breach.reason)} END" for breach in found)
    return f"concat_ws('; ', {cases})"


def _column(relation: Relation, column: Column, coercion: Coercion, known: Statistics) -> Iterator[Breach]:
    name, expression = column.name, f"({coercion.expression})"
    if coercion.beyond and (coercion.raw is not None or not _fits(column, known)):
        yield Breach(coercion.beyond, f"{name} is out of range")
    if column.type in (Type.INSTANT, Type.DAY) and not known.in_years:
        kind = column.type.value
        yield Breach(
            f"{expression} < {kind} '{EARLIEST_YEAR}-01-01' OR {expression} >= {kind} '{LATEST_YEAR + 1}-01-01'",
            f"{name} lies before {EARLIEST_YEAR} or after {LATEST_YEAR}",
        )
    if column.floor is not None and not known.within(column.floor, None):
        yield Breach(f"{expression} < {column.floor}", f"{name} is below {column.floor:g}")
    if column.ceiling is not None and not known.within(None, column.ceiling):
        yield Breach(f"{expression} > {column.ceiling}", f"{name} is above {column.ceiling:g}")
    if column.nullable:
        return
    if name in _MUST_BE_FILLED or name == relation.key:
        if not (known.has_no_null and known.has_no_empty_text):
            yield Breach(f"{expression} IS NULL OR {expression} = ''", f"{name} is empty")
    elif not known.has_no_null or coercion.wrong is not None:
        # A value that is out of range has no typed value either; one reason is enough for it.
        beyond = f" AND ({coercion.beyond}) IS NOT TRUE" if coercion.beyond else ""
        yield Breach(f"{expression} IS NULL{beyond}", f"{name} is empty")


def _fits(column: Column, known: Statistics) -> bool:
    bits = {Type.INTEGER: 62, Type.SMALL: 31}.get(column.type)
    return known.in_years if bits is None else known.within(-(2.0**bits) + 1, 2.0**bits - 1)
