"""What is on display when, told from the beginnings of frames and the times of packets alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest
from av.error import InvalidDataError

from compliance.labels.failures import Failure, UnreadableVideo
from compliance.labels.showing import Screen, Shown, with_stay


@dataclass
class Packet:
    pts: int | None
    time_base: Fraction = Fraction(1, 100)


def frames(*begin: float) -> list[Shown]:
    return [(at, f"frame of {at}") for at in begin]


def test_a_frame_is_on_display_until_the_next_one_begins() -> None:
    screen = Screen(frames(0.0, 0.04, 3.0, 3.04), ends_s=3.08)

    assert screen.at(0.0) == (0.0, "frame of 0.0")
    assert screen.at(2.0) == (1.96, "frame of 0.04")
    assert screen.at(3.0) == (3.0, "frame of 3.0")


def test_looks_at_one_frame_are_one_look_until_it_has_stood_long_enough() -> None:
    screen = Screen(frames(1.0, 9.0), ends_s=10.0)

    looks = [screen.at(time) for time in (1.0, 1.1, 1.23, 1.24, 1.47, 1.48)]

    assert [look[0] for look in looks if look] == [1.0, 1.0, 1.0, 1.24, 1.24, 1.48]


def test_nothing_is_on_display_before_the_first_frame_and_after_the_last() -> None:
    screen = Screen(frames(1.0, 2.0), ends_s=4.0)

    assert screen.at(0.5) is None
    assert screen.at(3.9) is not None
    assert screen.at(4.1) is None
    assert Screen(frames(1.0, 2.0), ends_s=None).at(2.5) is None
    assert Screen([], ends_s=4.0).at(1.0) is None


def test_each_frame_comes_once_from_the_one_on_display() -> None:
    begins = (0.0, 1.0, 1.04, 1.08, 1.12, 1.16, 5.0)

    assert [at for at, _ in Screen(frames(*begins), 6.0).each(0.2, 0.12)] == [0.0, 1.0, 1.12, 1.16, 5.0]


def test_what_cannot_be_read_is_told_once_what_was_before_it_has_been_looked_at() -> None:
    def broken() -> Iterator[Shown]:
        yield from frames(0.0)
        raise UnreadableVideo(Failure.CORRUPT, "…")

    screen = Screen(broken(), ends_s=10.0)

    assert screen.at(0.1) == (0.0, "frame of 0.0")
    with pytest.raises(UnreadableVideo):
        screen.at(0.2)
    with pytest.raises(UnreadableVideo):
        list(Screen(broken(), ends_s=10.0).each(0.0, 0.1))


def test_a_packet_stays_by_what_is_displayed_after_it_in_whatever_order_they_come() -> None:
    packets = [Packet(pts) for pts in (0, 12, 4, 8, 316, 16, 312, None)]

    assert {packet.pts for packet, stays in with_stay(packets) if stays} == {16, 316}
    assert [packet for packet, _ in with_stay(packets)] == packets


def test_packets_before_a_broken_one_are_not_lost() -> None:
    def broken() -> Iterator[Packet]:
        yield from map(Packet, range(0, 400, 4))
        raise InvalidDataError(1, "broken")

    packets = with_stay(broken())

    assert [next(packets)[0].pts for _ in range(100)] == list(range(0, 400, 4))
    with pytest.raises(InvalidDataError):
        next(packets)
