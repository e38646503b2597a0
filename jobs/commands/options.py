"""Options and messages that the commands of the jobs share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from compliance import clock
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

NO_TIME = Message("{text} 不是时间", "{text} is no time")
TIME_REMEDY = Message(
    "写成 2026-11-23T02:30（上海时间），或带上时区",
    "write it like 2026-11-23T02:30 (Asia/Shanghai), or with a zone",
)
AHEAD = Message("{text} 还没有到", "{text} has not come yet")


def instant(text: str) -> datetime:
    """A scheduled time in UTC, to the second; without a zone it is Asia/Shanghai's. Raises ConfigurationError."""
    try:
        said = datetime.fromisoformat(text)
        zoned = said if said.tzinfo is not None else said.replace(tzinfo=clock.SHANGHAI)
        return zoned.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise ConfigurationError(NO_TIME(text=text), remedy=TIME_REMEDY()) from None


def come(text: str) -> datetime:
    """A scheduled time that has come, give or take what clocks differ by. Raises ConfigurationError."""
    scheduled_for = instant(text)
    if scheduled_for > clock.now() + timedelta(minutes=5):
        raise ConfigurationError(AHEAD(text=text), remedy=TIME_REMEDY())
    return scheduled_for


def last_instant(text: str) -> datetime:
    """The end of a stretch of time that has come, in UTC: a day alone counts whole. Raises ConfigurationError."""
    begun = come(text)
    if len(text) > len("2026-11-23"):
        return begun
    return min(begun + timedelta(days=1, seconds=-1), max(begun, clock.now()))


def wall(moment: datetime | None) -> str:
    """An instant as a reader in Shanghai writes it."""
    return "" if moment is None else f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
