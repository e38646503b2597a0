"""What frames say together: never a wrong number as right, never a right one as wrong, on a misreading."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.labels.deciding import FAR, NEAR, Outcome, Sighting, decide, settled

RIGHT, OTHER, THIRD = (f"（番茄）网微剧备字（2026）第{serial}号" for serial in (847205, 847206, 12))


def sight(at_s: float, number: str | None, deficit: float, **more: object) -> Sighting:
    return replace(Sighting(at_s, number or "…", 0.97, number, deficit), **more)


def right(at_s: float) -> Sighting:
    return sight(at_s, RIGHT, 0.0)


def other(at_s: float, number: str = OTHER) -> Sighting:
    return sight(at_s, number, 12.0)


def test_two_frames_verify() -> None:
    decision = decide([right(0.5), right(0.8)], RIGHT)

    assert (decision.outcome, decision.number) == (Outcome.VERIFIED, RIGHT)
    assert len(decision.on) == 2


def test_two_readings_of_one_frame_are_one() -> None:
    assert decide([right(0.5), right(0.5)], RIGHT).outcome == Outcome.UNREADABLE


def test_a_number_nearly_as_good_as_the_best_reading_counts() -> None:
    assert decide([right(0.5), sight(0.8, OTHER, NEAR)], RIGHT).outcome == Outcome.VERIFIED
    assert decide([right(0.5), sight(0.8, OTHER, NEAR + 0.01)], RIGHT).outcome == Outcome.UNREADABLE


def test_a_swallowed_digit_does_not_verify() -> None:
    assert (
        decide([sight(0.5, RIGHT, 0, even=False), sight(1, RIGHT, 0, even=False)], RIGHT).outcome == Outcome.UNREADABLE
    )


def test_three_frames_contradict() -> None:
    decision = decide([other(0.5), other(0.8), other(1.2)], RIGHT)

    assert (decision.outcome, decision.number) == (Outcome.CONTRADICTED, OTHER)


@pytest.mark.parametrize(
    "spoilt",
    [
        [other(0.5), other(0.8)],
        [other(0.5), other(0.8), other(0.8)],
        [other(0.5), other(0.8), other(1.2, THIRD)],
        [other(0.5), other(0.8), sight(1.2, OTHER, FAR)],
        [other(0.5), other(0.8), sight(1.2, OTHER, 12, confidence=0.89)],
        [other(0.5), other(0.8), sight(1.2, OTHER, 12, even=False)],
        [other(0.5), other(0.8), sight(1.2, OTHER, 12, averaged=True)],
        [other(0.5), other(0.8), other(1.2), right(2.0)],
    ],
)
def test_less_does_not_contradict(spoilt: list[Sighting]) -> None:
    assert decide(spoilt, RIGHT).outcome == Outcome.UNREADABLE


def test_a_contradiction_is_settled_only_once_the_plan_has_been_gone_through() -> None:
    others = [other(0.5), other(0.8), other(1.2)]

    assert not settled(others, RIGHT, whole=False)
    assert settled(others, RIGHT, whole=True)


def test_two_frames_of_the_number_expected_win_over_any_others() -> None:
    sightings = [other(at / 10) for at in range(10)] + [right(3.6), right(3.84)]

    assert decide(sightings, RIGHT).outcome == Outcome.VERIFIED
    assert settled(sightings, RIGHT, whole=False)


def test_a_number_without_its_last_character_is_right_where_no_frame_shows_more_of_it() -> None:
    cut = [sight(at, RIGHT, 0.0, open_ended=True) for at in (0.5, 0.8)]
    longer = sight(4.0, RIGHT.replace("号", "1号"), 12.0)

    assert decide(cut, RIGHT).outcome == Outcome.VERIFIED
    assert not settled(cut, RIGHT, whole=False)
    assert settled(cut, RIGHT, whole=True)
    assert decide([*cut, longer], RIGHT).outcome == Outcome.UNREADABLE
    assert settled([right(1.2), right(1.44), *cut], RIGHT, whole=False)


def test_nothing_seen_is_absent() -> None:
    assert decide([], RIGHT).outcome == Outcome.ABSENT


def test_a_number_that_nobody_expected_is_told_and_never_judged() -> None:
    decision = decide([sight(at, OTHER, float("inf")) for at in (0.5, 0.8, 1.2)], None)

    assert (decision.outcome, decision.number) == (Outcome.UNREADABLE, OTHER)


SIGHTINGS = st.lists(
    st.builds(
        sight,
        st.sampled_from([0.5, 0.8, 1.2, 2.0]),
        st.sampled_from([None, RIGHT, OTHER, THIRD]),
        st.floats(0, 200),
        confidence=st.floats(0, 1),
        even=st.booleans(),
        averaged=st.booleans(),
    ),
    max_size=9,
)


@given(SIGHTINGS)
def test_outcomes_stand_on_enough_frames(sightings: list[Sighting]) -> None:
    decision = decide(sightings, RIGHT)

    frames = {one.at_s for one in decision.on}
    if decision.outcome is Outcome.VERIFIED:
        assert len(frames) >= 2
        assert all(one.deficit <= NEAR and one.even for one in decision.on)
    if decision.outcome is Outcome.CONTRADICTED:
        assert len(frames) >= 3
        assert decision.number != RIGHT
        assert not any(one.deficit <= NEAR and one.even for one in sightings)
    assert (decision.outcome is Outcome.ABSENT) == (not sightings)


@given(SIGHTINGS)
def test_the_order_of_frames_does_not_matter(sightings: list[Sighting]) -> None:
    ahead, back = decide(sightings, RIGHT), decide(sightings[::-1], RIGHT)

    assert ahead.outcome == back.outcome
