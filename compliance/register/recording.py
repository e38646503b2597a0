"""Own numbers in the ledger: what the platform has given stands in the chain, in the order of its serials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import sqlalchemy as sa

from compliance.ledger.store import Ledger
from compliance.register.store import Store
from compliance.register.tables import ASSIGNED

_AT_ONCE = 1_000
"""Numbers of one entry."""

Key = tuple[str, int]
"""Issuer and year."""


def record_numbers(ledger: Ledger, store: Store) -> int:
    """Write into the ledger what it does not have of the numbers given so far, whoever gave them; how many.

    Numbers are given first and recorded after: of a process that ends in between the next one records them. Raises
    LedgerError, RegisterError.
    """
    with ledger.writing() as writer:
        recorded: dict[Key, int] = {}
        for said in (entry.said for entry in writer.entries("numbers")):
            recorded[said["issuer"], said["year"]] = said["last"]
        count = 0
        for (issuer, year), rows in groupby(_given(store, recorded), key=lambda row: (row[0], row[1])):
            numbers = [list(row[2:]) for row in rows]
            for start in range(0, len(numbers), _AT_ONCE):
                part = numbers[start : start + _AT_ONCE]
                body = {"issuer": issuer, "year": year, "first": part[0][0], "last": part[-1][0], "numbers": part}
                writer.append("numbers", body)
            count += len(numbers)
    return count


def _given(store: Store, recorded: Mapping[Key, int]) -> Iterator[Sequence[object]]:
    """issuer, year, serial, title_id, platform, number, assigned_at, assigned_by: those that are not recorded."""
    names = ("issuer", "year", "serial", "title_id", "platform", "number", "assigned_at", "assigned_by")
    asked = sa.select(*(ASSIGNED.c[name] for name in names))
    with store.reading() as connection:
        rows = (
            [] if connection is None else connection.execute(asked.order_by(*(ASSIGNED.c[n] for n in names[:3]))).all()
        )
    yield from (tuple(row) for row in rows if row.serial > recorded.get((row.issuer, row.year), 0))
