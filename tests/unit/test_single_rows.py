"""Rows in JSON keep the contract of the catalog, or every breach is told by column."""

# ruff: noqa: DTZ001, SIM300 - wall time in Asia/Shanghai; what is expected stands first

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from compliance.engines.single.rows import BrokenRowError, read_title

TITLE: dict[str, Any] = {
    "title_id": "t1",
    "platform": "fanqie",
    "name": "归来之后",
    "kind": "micro_drama",
    "form": "live_action",
    "uploader": "institution",
    "promoted": False,
    "episode_count": 80,
    "longest_episode_s": 120,
    "status": "draft",
}


def problems(values: object) -> tuple[str, ...]:
    with pytest.raises(BrokenRowError) as caught:
        read_title(values)
    return caught.value.problems


def test_what_may_be_empty_may_be_left_out() -> None:
    given = read_title(TITLE)
    assert (None, None, None) == (given.row["permit_number"], given.row["online_at"], given.row["investment_yuan"])
    assert (None, None, None) == (given.labels, given.episodes, given.placements)


def test_an_empty_string_means_null() -> None:
    assert read_title({**TITLE, "permit_number": "", "online_at": ""}).row["permit_number"] is None


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("2026-11-23T08:00:00", datetime(2026, 11, 23, 8)),
        ("2026-11-23", datetime(2026, 11, 23)),
        ("2026-11-23T00:30:00Z", datetime(2026, 11, 23, 8, 30)),
        ("2026-11-22T18:00:00-02:00", datetime(2026, 11, 23, 4)),
    ],
)
def test_instants_become_wall_time_in_shanghai(text: str, wall: datetime) -> None:
    assert wall == read_title({**TITLE, "online_at": text}).row["online_at"]


def test_rows_come_along() -> None:
    given = read_title(
        {
            **TITLE,
            "labels": [{"channel": "overlay", "text": "番茄", "confidence": 1}],
            "episodes": [{"ai_notice": True}],
            "placements": [],
        }
    )
    assert ([1.0], [True], []) == (
        [row["confidence"] for row in given.labels or ()],
        [row["ai_notice"] for row in given.episodes or ()],
        given.placements,
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title_id": ""}, "title_id: must have a value"),
        ({"name": None}, "name: must have a value"),
        ({"kind": "film"}, "kind: 'film' is none of micro_drama, drama, other"),
        ({"investment_yuan": -1}, "investment_yuan: -1 is less than 0"),
        ({"investment_yuan": 2**63}, "investment_yuan: 9223372036854775808 is too large"),
        ({"investment_yuan": 1.5}, "investment_yuan: a whole number is expected, not 1.5"),
        ({"investment_yuan": True}, "investment_yuan: a whole number is expected, not True"),
        ({"promoted": 1}, "promoted: true or false is expected, not 1"),
        ({"voluntary_tier": 3}, "voluntary_tier: 3 is more than 2"),
        ({"name": 7}, "name: text is expected, not 7"),
        ({"name": "\ud800"}, "name: half a character (a lone surrogate) stands in the text"),
        ({"online_at": "soon"}, "online_at: an instant such as 2026-11-23T08:00:00 is expected, not 'soon'"),
        ({"online_at": "0001-01-01T00:00:00+14:00"}, "online_at: an instant such as 2026-11-23T08:00:00 is expected,"),
        ({"online_at": "1989-12-31"}, "online_at: the year 1989 is before 1990 or after 2100"),
        ({"status": "online"}, "online_at: a title that is online has one"),
        ({"colour": 1}, "'colour': titles has no such column"),
        ({"labels": {}}, "labels: a list is expected, not {}"),
        ({"labels": [1]}, "labels[0]: an object is expected, not 1"),
        ({"labels": [{"channel": "radio"}]}, "labels[0].channel: 'radio' is none of burned_in, overlay, detail_page"),
        (
            {"placements": [{"slot": "feed", "starts_at": None}]},
            "placements[0].starts_at: must have a value",
        ),
        (
            {"labels": [{"channel": "overlay", "confidence": float("nan")}]},
            "labels[0].confidence: a number is expected, not nan",
        ),
    ],
)
def test_every_breach_is_told(change: dict[str, object], told: str) -> None:
    (problem,) = problems({**TITLE, **change})
    assert problem.startswith(told)


def test_all_breaches_are_told_at_once() -> None:
    assert 3 == len(problems({**TITLE, "kind": "film", "promoted": None, "episodes": 4}))


@pytest.mark.parametrize("values", [None, [], "t1", 7])
def test_only_an_object_is_a_title(values: object) -> None:
    assert problems(values)[0].startswith("a title is a JSON object")


def test_days_are_days() -> None:
    from compliance.catalog.schema import REGISTER
    from compliance.engines.single.rows import _value

    assert date(2026, 5, 25) == _value(REGISTER.column("issued_on"), "2026-05-25")
