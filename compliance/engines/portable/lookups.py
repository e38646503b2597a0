"""Small relations that the portable steps look things up in: the law, issuers, platforms, placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from compliance.engines.portable.engine import Engine
from compliance.permits import Issuer, patterns, resolve_issuers, shipped_issuers, split_short_names, stated
from compliance.policy import Policy
from compliance.policy.model import FORMS

_TEXT, _NUMBER, _FLAG, _DAY = pa.string(), pa.int64(), pa.bool_(), pa.date32()
_EARLIEST, _NEVER = date(1000, 1, 1), date(9999, 12, 31)


def give_lookups(engine: Engine, policy: Policy) -> Mapping[str, Issuer]:
    """Give the relations `law`, `issuers_known`, `platform_facts`, `platform_issuers`, `placeholders`; the issuers.

    The clean relations `issuers` and `platforms` must be there.
    """
    platforms = engine.rows(
        "SELECT platform, short_names, operator, av_licence, registration_no, valid_until FROM platforms"
    )
    issuers = resolve_issuers(
        shipped_issuers(),
        engine.rows("SELECT short_name, level, operator FROM issuers"),
        [(names, operator) for _, names, operator, *_ in platforms],
    )
    brackets = set(patterns.OPEN + patterns.CLOSE)
    _give(
        engine,
        "issuers_known",
        {"short_name": _TEXT, "level": _TEXT, "operator": _TEXT, "plain": _FLAG},
        [(name, issuer.level, issuer.operator, not set(name) & brackets) for name, issuer in issuers.items()],
    )
    _give(
        engine,
        "platform_facts",
        {"platform": _TEXT, "operator": _TEXT, "av_licence": _TEXT, "registration_no": _TEXT, "valid_until": _DAY},
        [
            (platform, *map(stated, (operator, licence, registration)), valid_until)
            for platform, _, operator, licence, registration, valid_until in platforms
        ],
    )
    _give(
        engine,
        "platform_issuers",
        {"platform": _TEXT, "short_name": _TEXT},
        [(platform, name) for platform, names, *_ in platforms for name in split_short_names(names)],
    )
    _give(engine, "placeholders", {"permit": _TEXT}, sorted({(permit,) for permit in policy.placeholders}))
    _give_law(engine, policy)
    return issuers


def _give_law(engine: Engine, policy: Policy) -> None:
    """One row per form, regime and period, each from its first day until the next one's; the first from ever."""
    rows = []
    for form in FORMS:
        periods = policy.periods(policy.classified_as(form))
        begins = [_EARLIEST, *(period.from_ for _, period in periods[1:])]
        ends = [*begins[1:], _NEVER]
        for (regime, period), from_on, before_on in zip(periods, begins, ends, strict=True):
            voluntary = 1 in regime.voluntary_tiers, 2 in regime.voluntary_tiers
            amounts = period.tier_1_from_yuan, period.tier_2_from_yuan
            bounds = regime.episode_bound_s, regime.episode_count_bound
            triggers = regime.special_subjects, regime.promotion
            rows.append((form, from_on, before_on, regime.id, *triggers, *voluntary, *amounts, *bounds))
    columns = {
        "form": _TEXT,
        "from_on": _DAY,
        "before_on": _DAY,
        "regime": _TEXT,
        "subject_triggers": _FLAG,
        "promotion": _FLAG,
        "voluntary_1": _FLAG,
        "voluntary_2": _FLAG,
        "tier_1_from_yuan": _NUMBER,
        "tier_2_from_yuan": _NUMBER,
        "episode_bound_s": _NUMBER,
        "episode_count_bound": _NUMBER,
    }
    _give(engine, "law", columns, rows)


def _give(engine: Engine, name: str, columns: Mapping[str, pa.DataType], rows: Sequence[Sequence[Any]]) -> None:
    schema = pa.schema(list(columns.items()))
    engine.give(name, pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows], schema=schema))
