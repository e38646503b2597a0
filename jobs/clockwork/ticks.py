"""The scheduled times of a schedule.

A schedule speaks of wall time. Each wall time is one instant: where clocks are put back, the first of the two; where
they are put forward and skip it, as long after the gap as it lies within. APScheduler's own arithmetic is used on wall
time only: where clocks are put back it gives instants twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from apscheduler.triggers.cron import CronTrigger

from compliance import clock
from compliance.errors import ConfigurationError
from compliance.language import worded

_NUMBERED_DAYS = set("0123456789")
_WIDEST_CHANGE = timedelta(hours=3)


@cache
def _trigger(schedule: str) -> CronTrigger:
    fields = schedule.split()
    if len(fields) != 5 or _NUMBERED_DAYS & set(fields[4].partition("/")[0]):
        raise ConfigurationError(
            worded(f"时间表 {schedule!r} 无法识别", f"the schedule {schedule!r} is not understood"),
            remedy=worded(
                "按 crontab 写分、时、日、月、星期，星期用英文缩写：'30 2 * * *'、'0 9 * * mon-fri'",
                "write minute, hour, day, month and day of the week as in crontab, days of the week by name:"
                " '30 2 * * *', '0 9 * * mon-fri'",
            ),
        )
    try:
        return CronTrigger.from_crontab(schedule, timezone=UTC)
    except ValueError as error:
        raise ConfigurationError(
            worded(f"时间表 {schedule!r} 无法识别：{error}", f"the schedule {schedule!r} is not understood: {error}")
        ) from None


def prove(schedule: str) -> None:
    """Raise ConfigurationError for what is no schedule, or never comes."""
    if _trigger(schedule).get_next_fire_time(None, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ConfigurationError(worded(f"时间表 {schedule!r} 永远不会到", f"the schedule {schedule!r} never comes"))


def ticks(schedule: str, after: datetime, zone: tzinfo = clock.SHANGHAI) -> Iterator[datetime]:
    """The scheduled times after an instant, in UTC, ascending, each once. Raises ConfigurationError."""
    trigger = _trigger(schedule)
    wall = after.astimezone(zone).replace(tzinfo=UTC) - _WIDEST_CHANGE
    last = after
    while (following := trigger.get_next_fire_time(None, wall)) is not None:
        tick = following.replace(tzinfo=zone, fold=0).astimezone(UTC)
        wall = following + timedelta(seconds=1)
        if tick > last:
            last = tick
            yield tick


def ticks_between(schedule: str, after: datetime, until: datetime, zone: tzinfo = clock.SHANGHAI) -> Iterator[datetime]:
    """The scheduled times after one instant, up to and with another."""
    for tick in ticks(schedule, after, zone):
        if tick > until:
            return
        yield tick


def newest_tick(schedule: str, now: datetime, zone: tzinfo = clock.SHANGHAI) -> datetime | None:
    """The last scheduled time that has come; None where there was none in a year."""
    for days in (1, 32, 366):
        newest = None
        for newest in ticks_between(schedule, now - timedelta(days=days), now, zone):  # noqa: B007 - the last one
            pass
        if newest is not None:
            return newest
    return None
