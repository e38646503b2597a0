"""Own numbers in the ledger: what the platform has given stands in the chain, in the order of its serials.

And the register against it: a number that the chain proves is in the register as it was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from compliance.language import worded
from compliance.ledger.chain import Break
from compliance.ledger.store import Ledger
from compliance.register.errors import RegisterError
from compliance.register.store import Store
from compliance.register.tables import ASSIGNED

_COLUMNS = ("issuer", "year", "serial", "title_id", "platform", "number", "assigned_at", "assigned_by")
"""What is recorded; the first three are the key, the first two of them stand once in an entry."""
_AT_ONCE = 1_000
"""Numbers of one entry."""
_SHOWN = 3

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
        new = (row for row in _given(store) if row[2] > recorded.get((row[0], row[1]), 0))
        for (issuer, year), rows in groupby(new, key=lambda row: (row[0], row[1])):
            numbers = [list(row[2:]) for row in rows]
            for start in range(0, len(numbers), _AT_ONCE):
                part = numbers[start : start + _AT_ONCE]
                body = {"issuer": issuer, "year": year, "first": part[0][0], "last": part[-1][0], "numbers": part}
                writer.append("numbers", body)
            count += len(numbers)
    return count


def unlike_numbers(ledger: Ledger, store: Store) -> Iterator[Break]:
    """Where the register is not what the ledger proves: a recorded number is gone, another's, or slipped in later.

    Numbers beyond the last recorded one are no fault: they were given, and are to be recorded. Raises LedgerError,
    RegisterError.
    """
    entries = ledger.entries("numbers")
    if not entries:
        return
    if not store.exists():
        yield Break(None, f"the register {store.where}, whose numbers are recorded, is not there")
        return
    given = {row[:3]: row[3:] for row in _given(store)}
    last: dict[Key, int] = {}
    for entry in entries:
        issuer, year = entry.said["issuer"], entry.said["year"]
        last[issuer, year] = entry.said["last"]
        for serial, *recorded in entry.said["numbers"]:
            held = given.pop((issuer, year, serial), None)
            title_id, _, number, *_ = recorded
            if held is None:
                yield Break(entry.seq, f"{number}, given to title {title_id}, is no longer in the register")
            elif list(held) != recorded:
                told = ", ".join(f"{a!r} for {b!r}" for a, b in zip(held, recorded, strict=True) if a != b)
                yield Break(entry.seq, f"{number}, given to title {title_id}: the register has {told}")
    for (issuer, year, serial), (title_id, _, number, *_) in given.items():
        if serial <= last.get((issuer, year), 0):
            yield Break(None, f"{number} of title {title_id} came into the register after later ones were recorded")


def ensure_recorded(ledger: Ledger, store: Store) -> None:
    """Raises RegisterError where the register is not the one whose numbers are recorded: it would give some again.

    Raises LedgerError where nobody can tell.
    """
    unlike = list(unlike_numbers(ledger, store))
    if not unlike:
        return
    shown = [one.says for one in unlike[:_SHOWN]]
    rest = len(unlike) - len(shown)
    raise RegisterError(
        worded(
            f"登记库 {store.where} 与台账 {ledger.place} 记录的自编号不符（{len(unlike):,} 处）；没有编号",
            f"the register {store.where} is not what the ledger {ledger.place} has recorded of own numbers"
            f" ({len(unlike):,} differences); no number was given",
        ),
        problems=[*shown, worded(f"另有 {rest:,} 处", f"{rest:,} more")] if rest else shown,
        remedy=worded(
            "核对 --database 是否指向原来的登记库；若库已丢失，先从备份恢复，再运行 gate verify",
            "see that --database names the register as before; if it was lost, restore it first, then run gate verify",
        ),
    )


def _given(store: Store) -> list[tuple[Any, ...]]:
    """_COLUMNS of every number given so far, in the order of the key."""
    columns = [ASSIGNED.c[name] for name in _COLUMNS]
    with store.reading() as connection:
        if connection is None:
            return []
        return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(*columns[:3]))]
