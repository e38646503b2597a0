"""Random rows of facts: types and closed lists kept, NULL wherever it may be, values near the rules' bounds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pyarrow as pa

from compliance.rules.facts import FACTS, Fact, FactType

_DAYS = [
    day + timedelta(days=shift)
    for day in (date(2024, 6, 1), date(2024, 6, 30), date(2026, 9, 1), date(2026, 11, 22))
    for shift in (-1, 0, 1)
]
_INSTANTS = [datetime(day.year, day.month, day.day, hour) for day in _DAYS for hour in (0, 23)]  # noqa: DTZ001 - wall time
_INTEGERS = [0, 1, 2, 3, 4, 1199, 1200, 1201, 2021, 2022, 2026, 2027]
_TEXTS = ["番茄", "红果", "字节跳动", "a", "A", "", "it's"]

_ARROW = {
    FactType.TEXT: pa.string(),
    FactType.INTEGER: pa.int64(),
    FactType.FLAG: pa.bool_(),
    FactType.DAY: pa.date32(),
    FactType.INSTANT: pa.timestamp("us"),
}

AS_OF_DAYS = _DAYS


def random_rows(random: Random, count: int) -> list[dict[str, object]]:
    """So many rows with a value for every fact."""
    return [{name: _value(random, fact) for name, fact in FACTS.items()} for _ in range(count)]


def as_arrow(rows: list[dict[str, object]]) -> pa.Table:
    """The rows as a table of the facts' types."""
    schema = pa.schema([(name, _ARROW[fact.type]) for name, fact in FACTS.items()])
    return pa.Table.from_pylist(rows, schema)


def _value(random: Random, fact: Fact) -> object:
    if fact.nullable and random.random() < 0.3:
        return None
    if fact.type is FactType.FLAG:
        return random.random() < 0.5
    if fact.type is FactType.TEXT:
        return random.choice(fact.values or _TEXTS)
    return random.choice({FactType.INTEGER: _INTEGERS, FactType.DAY: _DAYS, FactType.INSTANT: _INSTANTS}[fact.type])
