"""What people are to hear of: written down with what it is about, in the same transaction; sent afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from jobs.clockwork.database import Database
from jobs.clockwork.tables import ALERTS

OPERATIONS = "operations"
"""The owner of whatever has no other."""

Owners = Callable[[str, str | None], Sequence[str]]
"""Who is to hear of a job, or of one platform's part in it."""


def operations_only(_job: str, _platform: str | None) -> Sequence[str]:
    """Everything is the concern of whoever runs the gate."""
    return (OPERATIONS,)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that one owner is to hear of."""

    number: int
    raised_at: datetime
    job: str
    platform: str | None
    says: str
    owner: str
    sent_at: datetime | None


def raise_alert(
    connection: sa.Connection,
    owners: Owners,
    job: str,
    says: str,
    now: datetime,
    platform: str | None = None,
    *,
    once: bool = False,
) -> None:
    """Write it down, once for each owner. `once`: not for owners who were told the same before."""
    for owner in owners(job, platform):
        if not once or not _was_told(connection, owner, job, says):
            row = {"raised_at": now, "job": job, "platform": platform, "says": says, "owner": owner}
            connection.execute(ALERTS.insert().values(row))


def _was_told(connection: sa.Connection, owner: str, job: str, says: str) -> bool:
    same = sa.select(ALERTS.c.number).where(ALERTS.c.owner == owner, ALERTS.c.job == job, ALERTS.c.says == says)
    return connection.execute(same.limit(1)).first() is not None


def unsent(database: Database) -> list[Alert]:
    """What is still to be sent, the oldest first."""
    asked = ALERTS.select().where(ALERTS.c.sent_at.is_(None)).order_by(ALERTS.c.number)
    with database.transaction() as connection:
        return [Alert(*row) for row in connection.execute(asked)]


def mark_sent(database: Database, numbers: Sequence[int], now: datetime) -> None:
    """They have been sent."""
    with database.transaction() as connection:
        connection.execute(ALERTS.update().where(ALERTS.c.number.in_(numbers)).values(sent_at=now))
