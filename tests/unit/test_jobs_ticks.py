"""Scheduled times: each once, whatever is done to the clocks of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ConfigurationError
from jobs.clockwork.ticks import newest_tick, prove, ticks, ticks_between
from tests.clockworks import at

BERLIN, LORD_HOWE, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Shanghai")


def test_schedules_are_wall_time_in_shanghai() -> None:
    assert next(ticks("30 2 * * *", at("2026-11-23 02:29"))) == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert list(ticks_between("0 9 * * mon-fri", at("2026-11-20 09:00"), at("2026-11-24 09:00"))) == [
        at("2026-11-23 09:00"),
        at("2026-11-24 09:00"),
    ]


def test_where_the_clocks_are_put_back_a_time_comes_once() -> None:
    found = [
        tick.astimezone(BERLIN).isoformat()
        for tick in islice(ticks("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=UTC), BERLIN), 2)
    ]
    assert found == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]


def test_where_the_clocks_are_put_forward_a_skipped_time_comes_after_the_gap() -> None:
    found = [
        tick.astimezone(BERLIN).isoformat()
        for tick in islice(ticks("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), BERLIN), 2)
    ]
    assert found == ["2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"]


def test_every_quarter_of_an_hour_goes_on_across_both_changes() -> None:
    for month, day in ((3, 28), (10, 24)):
        begin = datetime(2026, month, day, 20, tzinfo=UTC)
        found = list(ticks_between("*/15 * * * *", begin, begin + timedelta(hours=12), BERLIN))
        assert {other - one for one, other in pairwise(found)} <= {timedelta(minutes=15), timedelta(minutes=75)}


@given(
    st.sampled_from(["30 2 * * *", "*/20 * * * *", "0 0 1 * *", "15 1-3 * * sun", "59 23 * * *"]),
    st.sampled_from([BERLIN, LORD_HOWE, SHANGHAI, ZoneInfo("America/New_York")]),
    st.integers(0, 26_000).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(0, 60),
)
def test_it_does_not_matter_where_one_looks_from(schedule: str, zone: ZoneInfo, begin: datetime, taken: int) -> None:
    """Ticks ascend, and those after any of them are the rest: so nobody who looks again and again sees one twice."""
    found = list(islice(ticks(schedule, begin, zone), 80))
    assert all(one < other for one, other in pairwise([begin, *found]))
    assert list(islice(ticks(schedule, found[taken], zone), 5)) == found[taken + 1 : taken + 6]


def test_the_newest_that_has_come() -> None:
    assert newest_tick("30 2 * * *", at("2026-11-23 02:30")) == at("2026-11-23 02:30")
    assert newest_tick("30 2 * * *", at("2026-11-23 02:29")) == at("2026-11-22 02:30")
    assert newest_tick("0 0 1 1 *", at("2026-11-23 02:29")) == at("2026-01-01 00:00")


@pytest.mark.parametrize("schedule", ["", "30 2 * *", "61 2 * * *", "30 2 * * 1-5", "often", "0 0 31 2 *"])
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    """Days of the week by number too: APScheduler counts them from Monday, cron from Sunday."""
    with pytest.raises(ConfigurationError, match="schedule"):
        prove(schedule)
