"""The one place that asks the clock. Days are days in Asia/Shanghai, where the law counts them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is that one place


def today() -> date:
    """The present day in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def wall_time() -> datetime:
    """The present instant as wall time in Asia/Shanghai, without a zone: as catalogs and block lists have it."""
    return now().astimezone(SHANGHAI).replace(tzinfo=None)


def steady() -> float:
    """A stopwatch's reading in seconds: it never goes back, whatever is done to the clock. Only differences count."""
    return time.monotonic()
