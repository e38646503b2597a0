"""The platform's own numbers: the next free serial of its issuer and year, one a title, by one host at a time."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from compliance.permits import canonical
from compliance.register.store import Store
from compliance.register.tables import ASSIGNED, SERIALS

WORDS = "网微剧备字"
_AT_ONCE = 500
"""Rows of one statement."""


@dataclass(frozen=True, slots=True)
class Due:
    """A title that is to get a number."""

    title_id: str
    platform: str
    issuer: str
    """Folded short name that stands in the number."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A title's number; `new` unless it had got it before."""

    title_id: str
    platform: str
    number: str
    new: bool


def assign_numbers(
    store: Store, due: Sequence[Due], *, year: int, now: datetime, taken: Mapping[str, int] | None = None
) -> list[Assigned]:
    """Give each title the next serial of its issuer in that year, in the order given, all of them or none.

    A title keeps the number that it got first. `taken`: by issuer, the highest serial of that year known to be in use
    elsewhere. The counter moves in the same transaction as the rows are written, and writers come one after the other:
    no serial is given twice, and none is left out, whoever dies when. Raises RegisterError.
    """
    with store.writing() as connection:
        before = _assigned_before(connection, due)
        last: dict[str, int] = {}
        assigned, rows = [], []
        for title in due:
            key = (title.platform, title.title_id)
            if key not in before:
                issuer = title.issuer
                last[issuer] = last.get(issuer, 0) or _last(connection, issuer, year, (taken or {}).get(issuer, 0))
                last[issuer] += 1
                number = canonical(issuer, WORDS, year, str(last[issuer]))
                rows.append(_row(title, year, last[issuer], number, now))
                assigned.append(Assigned(title.title_id, title.platform, number, new=True))
                before[key] = number
            else:
                assigned.append(Assigned(title.title_id, title.platform, before[key], new=False))
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(ASSIGNED.insert().values(rows[start : start + _AT_ONCE]))
        for issuer, serial in last.items():
            _move(connection, issuer, year, serial)
    return assigned


def any_assigned(store: Store) -> bool:
    """Whether the platform has given any number yet. Raises RegisterError."""
    with store.reading() as connection:
        return connection is not None and connection.execute(sa.select(ASSIGNED.c.serial).limit(1)).first() is not None


def _assigned_before(connection: sa.Connection, due: Sequence[Due]) -> dict[tuple[str, str], str]:
    before: dict[tuple[str, str], str] = {}
    ids = list({title.title_id for title in due})
    for start in range(0, len(ids), _AT_ONCE):
        found = sa.select(ASSIGNED.c.platform, ASSIGNED.c.title_id, ASSIGNED.c.number).where(
            ASSIGNED.c.title_id.in_(ids[start : start + _AT_ONCE])
        )
        before.update(((row.platform, row.title_id), row.number) for row in connection.execute(found))
    return before


def _last(connection: sa.Connection, issuer: str, year: int, taken: int) -> int:
    counter = sa.select(SERIALS.c.last).where(SERIALS.c.issuer == issuer, SERIALS.c.year == year)
    return max(connection.scalar(counter) or 0, taken)


def _move(connection: sa.Connection, issuer: str, year: int, serial: int) -> None:
    where = (SERIALS.c.issuer == issuer, SERIALS.c.year == year)
    if not connection.execute(SERIALS.update().where(*where).values(last=serial)).rowcount:
        connection.execute(SERIALS.insert().values(issuer=issuer, year=year, last=serial))


def _row(title: Due, year: int, serial: int, number: str, now: datetime) -> dict[str, object]:
    return {
        "issuer": title.issuer,
        "year": year,
        "serial": serial,
        "platform": title.platform,
        "title_id": title.title_id,
        "number": number,
        "assigned_at": now.isoformat(sep=" ", timespec="seconds"),
        "assigned_by": socket.gethostname(),
    }
