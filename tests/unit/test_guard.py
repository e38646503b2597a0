"""The guard: each bound just below, at and above, and the least count under which nothing is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.blocklist.guard import Change, Measures, assess, days_off
from compliance.policy import load_policy
from compliance.policy.settings import GuardSettings

SETTINGS = GuardSettings(least_count=10)
BEFORE = Measures(
    titles=1000,
    register=1000,
    judged=1000,
    unknown=0,
    placements=1000,
    blocked_placements=0,
    filled={"titles.permit_number": 0.95},
)
SAME = Change(in_force=1000, added=0, removed=0)


def held(now: Measures, change: Change = SAME, settings: GuardSettings = SETTINGS) -> list[str]:
    return [reading.name for reading in assess(now, BEFORE, change, settings) if reading.held]


def test_a_night_like_the_one_before_passes() -> None:
    assert held(BEFORE) == []


@pytest.mark.parametrize(
    ("name", "at", "above"),
    [
        ("catalog_shrunk", {"titles": 900}, {"titles": 899}),
        ("register_shrunk", {"register": 900}, {"register": 899}),
        ("placements_hit", {"blocked_placements": 500}, {"blocked_placements": 501}),
        ("unknown", {"unknown": 500}, {"unknown": 501}),
        ("fill_fallen titles.permit_number", {"filled": {"titles.permit_number": 0.85}}, {"filled": {}}),
        ("register_stale", {"unknown": 10, "stale_systems": ("other",)}, {"unknown": 11, "stale_systems": ("other",)}),
    ],
)
def test_a_run_is_held_only_beyond_its_bound(name: str, at: dict[str, object], above: dict[str, object]) -> None:
    assert held(replace(BEFORE, **at)) == []
    assert held(replace(BEFORE, **above)) == [name]


def test_a_list_is_held_only_beyond_its_bounds() -> None:
    assert held(BEFORE, Change(1000, added=500, removed=200)) == []
    assert held(BEFORE, Change(1000, added=501, removed=0)) == ["added"]
    assert held(BEFORE, Change(1000, added=0, removed=201)) == ["removed"]


def test_few_rows_hold_nothing_whatever_their_share() -> None:
    tiny = Measures(titles=9, register=9, judged=9, unknown=0, placements=9, blocked_placements=0)
    gone = Measures(titles=0, register=0, judged=9, unknown=9, placements=9, blocked_placements=9)
    readings = assess(gone, tiny, Change(9, added=9, removed=9), SETTINGS)
    assert [reading.name for reading in readings if reading.held] == []
    assert {reading.name: reading.value for reading in readings}["catalog_shrunk"] == 1


def test_the_first_list_is_held_only_by_what_it_is_itself() -> None:
    names = [reading.name for reading in assess(BEFORE, None, None, SETTINGS)]
    assert names == ["placements_hit", "unknown"]
    assert [r.name for r in assess(replace(BEFORE, unknown=900), None, None, SETTINGS) if r.held] == ["unknown"]


TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("as_of", "in_force", "expected"),
    [
        (0, 0, 0),
        (0, -1, 0),
        (-1, -1, 0),
        (-1, 0, 1),
        (-92, 0, 92),
        (1, 0, 1),
        (0, 30, 0),
        (-1, 30, 0),
        (31, 30, 0),
    ],
)
def test_a_list_of_another_day_is_told(as_of: int, in_force: int, expected: int) -> None:
    """Before the day of the list in force, or after today, unless the list in force is; days from today."""
    assert days_off(TODAY + timedelta(days=as_of), TODAY + timedelta(days=in_force), TODAY) == expected


def test_a_list_of_another_day_is_held_however_little_it_changes() -> None:
    (held,) = [one for one in assess(BEFORE, BEFORE, SAME, SETTINGS, days_off=92) if one.held]
    assert (held.name, held.count) == ("other_day", 92)
    assert "92 day(s) before that of the list in force, or after today" in held.says()
    assert assess(BEFORE, BEFORE, SAME, GuardSettings(on=False), days_off=92) == ()


def test_a_system_that_was_stale_before_holds_nothing_anew() -> None:
    stale = replace(BEFORE, stale_systems=("other",), unknown=400)
    readings = assess(stale, replace(stale, unknown=0), SAME, SETTINGS)
    assert [reading.name for reading in readings if reading.held] == []


def test_a_guard_that_is_off_reads_nothing() -> None:
    assert assess(replace(BEFORE, titles=0), BEFORE, SAME, GuardSettings(on=False)) == ()


def test_the_shipped_bounds_leave_small_catalogs_alone() -> None:
    assert load_policy().guard == GuardSettings()
    assert held(replace(BEFORE, titles=901), Change(10, added=99, removed=10), load_policy().guard) == []
