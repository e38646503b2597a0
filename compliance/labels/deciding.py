"""What several frames together say of an episode's label. Pure: it sees readings, never pictures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

VERIFIED_FRAMES, CONTRADICTED_FRAMES = 2, 3
NEAR = 2.0
"""Nats: the number expected is as good as the best reading."""
FAR = 8.0
"""Nats: the number expected is not what is shown."""
SURE = 0.9
"""Mean probability of a reading's characters from which it may speak against the number expected."""


class Outcome(StrEnum):
    """What was found (contract, section 3)."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    UNREADABLE = "unreadable"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One reading of something that looks like a number, in one frame."""

    at_s: float
    text: str
    confidence: float
    number: str | None
    """Canonical, where the text as read holds a number."""
    deficit: float
    """Nats by which the number expected is worse than the text as read; infinite where none is expected."""
    even: bool = True
    """The digits stand at even distances."""
    open_ended: bool = False
    """It shows the number expected, but no 号 at its end."""
    box: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Left, top, right, bottom in pixels of the upright picture."""
    frame_sha256: str = ""
    averaged: bool = False
    """Read from the mean of several frames: it may speak for the number expected, never against it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, the number it is about, and the readings it stands on, the best first."""

    outcome: Outcome
    number: str | None
    on: tuple[Sighting, ...]


def supports(sighting: Sighting) -> bool:
    """Whether a reading shows the number expected."""
    return sighting.deficit <= NEAR and sighting.even


def decide(sightings: Sequence[Sighting], expected: str | None) -> Decision:
    """Judge all readings of an episode; `expected` is canonical, None where no number is expected.

    Verified: two frames show the number expected. Contradicted: three frames agree on another, surely read, and the
    number expected is far from each; no frame shows it. A number that nobody expected is told, never judged.
    """
    shown = _one_a_frame([sighting for sighting in sightings if supports(sighting)])
    if expected is not None and len(shown) >= VERIFIED_FRAMES and (_ended(shown) or not _goes_on(sightings, expected)):
        return Decision(
            Outcome.VERIFIED, expected, tuple(sorted(shown, key=lambda one: (one.deficit, -one.confidence)))
        )
    agreed = _agreed(sightings, expected)
    if agreed and expected is not None and not shown:
        return Decision(Outcome.CONTRADICTED, agreed[0].number, agreed)
    if agreed and expected is None:
        return Decision(Outcome.UNREADABLE, agreed[0].number, agreed)
    if sightings:
        return Decision(
            Outcome.UNREADABLE, None, tuple(sorted(sightings, key=lambda one: (one.deficit, -one.confidence)))
        )
    return Decision(Outcome.ABSENT, None, ())


def settled(sightings: Sequence[Sighting], expected: str | None, *, whole: bool) -> bool:
    """Whether more frames can change nothing.

    `whole`: opening, key frames and ending have been gone through. Before that nobody may say that no frame shows
    the number expected: what stands first may be another title's, in a trailer for instance. Nor that a number
    without 号 is whole: it may appear character by character.
    """
    decision = decide(sightings, expected)
    if decision.outcome is Outcome.CONTRADICTED or (decision.outcome is Outcome.VERIFIED and not _ended(decision.on)):
        return whole
    return decision.outcome is Outcome.VERIFIED or decision.number is not None


def _ended(shown: Sequence[Sighting]) -> bool:
    """Whether enough frames show the number with 号 at its end."""
    return sum(not one.open_ended for one in shown) >= VERIFIED_FRAMES


def _goes_on(sightings: Sequence[Sighting], expected: str) -> bool:
    """Whether any frame shows a longer number that begins as the one expected does."""
    begins = expected.removesuffix("号")
    return any(one.number != expected and (one.number or "").startswith(begins) for one in sightings)


def _agreed(sightings: Sequence[Sighting], expected: str | None) -> tuple[Sighting, ...]:
    """The readings of the number that most frames agree on, if it is another one and enough do."""
    by_number: dict[str, list[Sighting]] = defaultdict(list)
    for one in sightings:
        if (
            one.number is not None
            and one.number != expected
            and one.confidence >= SURE
            and one.even
            and not one.averaged
        ):
            by_number[one.number].append(one)
    most = max((_one_a_frame(group) for group in by_number.values()), key=len, default=[])
    if len(most) < CONTRADICTED_FRAMES or any(one.deficit <= FAR for one in most):
        return ()
    return tuple(sorted(most, key=lambda one: -one.confidence))


def _one_a_frame(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The best reading of each frame."""
    best: dict[float, Sighting] = {}
    for one in sorted(sightings, key=lambda one: (one.deficit, -one.confidence)):
        best.setdefault(one.at_s, one)
    return list(best.values())
