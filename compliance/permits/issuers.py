"""Who issues numbers: the shipped table, and a catalog's relations on top of it (contract, section 2)."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from compliance.permits.folding import fold_issuer
from compliance.permits.patterns import DATA, UNKNOWN_OPERATORS

NATIONAL, PROVINCE, PLATFORM = "national", "province", "platform"
_LEVELS = (NATIONAL, PROVINCE, PLATFORM)
_COMMAS = re.compile("[,，、]")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who may stand in the issuer's place of a number."""

    short_name: str
    level: str
    """`national`, `province` or `platform`."""
    operator: str | None
    """The company behind a platform; None where it is unknown."""


def stated(text: str | None) -> str | None:
    """An operator's name or a licence's number, trimmed; None where it is blank or says unknown, as 无 or 待定 do.

    An unknown operator equals nobody, and such a licence is none.
    """
    trimmed = (text or "").strip()
    return None if fold_issuer(trimmed).casefold() in UNKNOWN_OPERATORS else trimmed


def split_short_names(short_names: str | None) -> tuple[str, ...]:
    """The folded names of a platform's `short_names`, which `,` `，` or `、` part; empty ones are left out."""
    folded = (fold_issuer(name) for name in _COMMAS.split(short_names or ""))
    return tuple(dict.fromkeys(name for name in folded if name))


@cache
def shipped_issuers() -> Mapping[str, Issuer]:
    """The shipped table by short name: the regulators and the platforms whose names are known."""
    with (DATA / "issuers.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["short_name"], row["level"], row["operator"]) for row in csv.DictReader(file)]
    return MappingProxyType(_table(rows))


def resolve_issuers(
    shipped: Mapping[str, Issuer],
    issuers: Iterable[tuple[str, str, str | None]],
    platforms: Iterable[tuple[str | None, str | None]],
) -> Mapping[str, Issuer]:
    """The issuers of a catalog by folded short name.

    `issuers` are rows of the relation: short_name, level, operator. `platforms` are short_names and operator of each
    platform. A platform's short names win over `issuers`, `issuers` over `shipped`. Rows of one relation that
    contradict each other leave the operator unknown and the level that proves least: nothing is believed by row order.
    """
    owned = [(name, PLATFORM, operator) for names, operator in platforms for name in split_short_names(names)]
    return MappingProxyType({**shipped, **_table(issuers), **_table(owned)})


def contradicted(rows: Iterable[tuple[str | None, str, str | None]]) -> list[str]:
    """The short names, as written, under which rows (short_name, level, operator) give one issuer two levels or
    operators, however its name is spelt."""
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    written: dict[str, set[str]] = defaultdict(set)
    for short_name, level, operator in rows:
        if short_name is not None:
            name = fold_issuer(short_name)
            said[name].add((level, operator or ""))
            written[name].add(short_name)
    return sorted(spelt for name, both in said.items() if len(both) > 1 for spelt in written[name])


def _table(rows: Iterable[tuple[str, str, str | None]]) -> dict[str, Issuer]:
    table: dict[str, Issuer] = {}
    for short_name, level, operator in rows:
        name = fold_issuer(short_name)
        if name:
            issuer = Issuer(name, level, stated(operator))
            table[name] = _agreed(table.get(name, issuer), issuer)
    return table


def _agreed(one: Issuer, other: Issuer) -> Issuer:
    level = max(one.level, other.level, key=_LEVELS.index)
    return Issuer(one.short_name, level, one.operator if one.operator == other.operator else None)
