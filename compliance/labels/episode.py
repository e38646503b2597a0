"""One episode: which frames are looked at, in which order, until they settle what its label says."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.labels.deciding import Decision, Sighting, decide, settled
from compliance.labels.failures import Failure, UnreadableVideo
from compliance.labels.looking import STRETCHED, Looker, Notice, Seen, View
from compliance.labels.media import Frame, Media, open_media, picture
from compliance.labels.models import Image, Models
from compliance.labels.showing import LOOK_S, Screen, Shown
from compliance.permits.parsing import Permit

OPENING_S = (0.5, 1.2, 2.0, 2.8, 3.6, 4.4, 5.2)
ENDING_S = (2.8, 2.0, 1.2, 0.4)
"""Seconds before the end."""
KEY_FRAMES = 20
_CLOSER = 8
"""Looks in close succession at most, once something that looks like a number has been seen, each time."""
_BEFORE_S, _AFTER_S, _TICK_S = 0.8, 1.6, 0.04
"""Round what was seen, closer looks begin and end so far from it; seconds from one try to the next."""
_MEANS, _MEAN_OF, _LEAST_MEAN, _MEAN_S = 2, 20, 3, 0.12
"""Means, frames of each at most and at least, seconds between two frames; no frame is in two means."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A reading and the part of the picture that shows it."""

    sighting: Sighting
    picture: Image


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one video."""

    decision: Decision
    proofs: tuple[Proof, ...]
    """Pictures of the readings that the decision stands on, the best first."""
    notice: Notice | None
    notice_picture: Image | None
    notice_looked_for: bool
    """Whether the whole plan was gone through in search of the notice, where it was not found before."""
    duration_s: float | None
    frames: int
    """Frames looked at."""


@dataclass(slots=True)
class _State:
    sightings: list[Sighting] = field(default_factory=list)
    pictures: dict[float, list[Proof]] = field(default_factory=dict)
    tracks: list[Seen] = field(default_factory=list)
    notice: Notice | None = None
    notice_picture: Image | None = None
    frames: int = 0
    planned_over: bool = False
    """Opening, key frames and ending have been gone through."""


class Episode:
    """Reads one video with one number in mind."""

    def __init__(self, models: Models, expected: Permit | None, *, notice_wanted: bool) -> None:
        self._looker = Looker(models, expected)
        self._expected = None if expected is None else expected.canonical
        self._notice_wanted = notice_wanted
        self._now = _State()

    def read(self, path: Path) -> Reading:
        """Go through the plan until it is settled. Raises UnreadableVideo."""
        with open_media(path) as media:
            whole = self._go_through(media)
            if self._now.frames == 0:
                raise UnreadableVideo(Failure.NO_FRAMES, "not one frame could be decoded")
            now = self._now
            decision = decide(now.sightings, self._expected)
            proofs = tuple(
                proof for one in decision.on[:3] for proof in now.pictures[one.at_s] if proof.sighting == one
            )
            return Reading(decision, proofs, now.notice, now.notice_picture, whole, media.duration_s, now.frames)

    def _go_through(self, media: Media) -> bool:
        """Whether the plan was gone through to its end. Raises UnreadableVideo where a part of it could not be."""
        broken: UnreadableVideo | None = None
        planned = (self._opening, self._keys, self._ending)
        for place, stage in enumerate((*planned, self._closer, self._faint, self._thorough)):
            self._now.planned_over = place >= len(planned)
            if self._done():
                return False
            try:
                stage(media)
            except UnreadableVideo as error:
                broken = broken or error
        if broken is not None and not self._settled():
            raise broken  # a part was never seen: nobody may say that nothing is there
        return True

    def _done(self) -> bool:
        return self._settled() and (self._now.notice is not None or not self._notice_wanted)

    def _settled(self, *, whole: bool = False) -> bool:
        return settled(self._now.sightings, self._expected, whole=whole or self._now.planned_over)

    def _opening(self, media: Media) -> None:
        self._watch(_screen(media), OPENING_S)
        if self._now.frames == 0:  # shorter than that
            for at, frame in islice(media.forward(), 1):
                self._search(picture(at, frame))

    def _ending(self, media: Media) -> None:
        if media.duration_s is None or media.duration_s <= OPENING_S[-1]:
            return
        times = [media.duration_s - before for before in ENDING_S if media.duration_s - before > OPENING_S[-1]]
        if times:
            self._watch(_screen(media, times[0]), times)

    def _keys(self, media: Media) -> None:
        for at, frame in media.key_frames(KEY_FRAMES):
            if at <= OPENING_S[-1]:
                continue
            self._search(picture(at, frame))
            if self._done():
                return

    def _closer(self, media: Media) -> None:
        """More frames round those that showed something, the best first."""
        for track in self._best_tracks(3):
            if self._settled():
                return
            at = track.sighting.at_s
            screen = _screen(media, max(0.0, at - _BEFORE_S))
            last, turn = -1.0, 0
            for tick in range(1, round((_BEFORE_S + _AFTER_S) / _TICK_S) + 1):
                if self._settled():
                    break
                shown = screen.at(at - _BEFORE_S + tick * _TICK_S)
                if shown is None or shown[0] - last < LOOK_S - 0.005 or shown[0] in self._now.pictures:
                    continue
                last = shown[0]
                shot = picture(*shown)
                stretched = self._again(shot, track, STRETCHED[turn % len(STRETCHED)])
                if not self._settled():
                    self._again(shot, track, turn)
                track = _better(track, stretched)
                turn += 1

    def _faint(self, media: Media) -> None:
        """Means of frames: what stands still comes out of a picture that moves."""
        if self._settled():
            return
        means = _means(islice(_screen(media).each(0.2, _MEAN_S), _MEANS * _MEAN_OF))
        for mean in means:
            self._search(mean)
        for track in self._best_tracks(2):
            for turn in (*STRETCHED, 3):
                for mean in means:
                    if self._settled():
                        return
                    track = _better(track, self._again(mean, track, turn))

    def _thorough(self, media: Media) -> None:
        """The larger detector on a larger picture."""
        if self._settled():
            return
        begins_s = next((track.sighting.at_s for track in self._best_tracks(1)), OPENING_S[0])
        screen, last = _screen(media, begins_s), None
        seen: Sequence[Seen] = ()
        for turn in range(3):
            shown = screen.at(begins_s + turn * LOOK_S)
            if shown is None:
                continue
            if shown[1] is not last:
                last = shown[1]
                seen = self._search(picture(*shown), longest=1280, thorough=True).seen
            elif seen:  # the same picture: cut out in another way
                self._again(picture(*shown), seen[0], turn)

    def _watch(self, screen: Screen, times: Sequence[float]) -> None:
        """Look at the screen at these times; where something shows, just after them too."""
        planned, closer = deque(times), 0
        track: Seen | None = None
        last: Any = None
        while planned:
            shown = screen.at(planned.popleft())
            if shown is None or (shown[1] is last and track is None):
                continue  # nothing is on display, or still the frame on which nothing was found
            last = shown[1]
            track = self._look(picture(*shown), track, closer)
            if self._done():
                return
            wanted = track is not None and closer < _CLOSER and not self._settled(whole=True)
            closer = closer + 1 if wanted else 0
            soon = shown[0] + LOOK_S
            if closer and planned and soon < planned[0]:
                planned.appendleft(soon)

    def _look(self, shot: Frame, track: Seen | None, closer: int) -> Seen | None:
        if track is not None and closer:
            again = self._again(shot, track, closer)
            if again is not None:
                return track
        view = self._search(shot)
        return view.seen[0] if view.seen else None

    def _search(self, shot: Frame, *, longest: int = 960, thorough: bool = False) -> View:
        view = self._looker.search(shot, longest=longest, thorough=thorough)
        self._now.frames += 1
        for seen in view.seen[:3]:
            self._keep(shot, seen)
        if view.seen:
            self._now.tracks.append(view.seen[0])
        if view.notices and self._now.notice is None:
            self._now.notice = max(view.notices, key=lambda notice: notice.confidence)
            self._now.notice_picture = around(shot.image, self._now.notice.box)
        return view

    def _again(self, shot: Frame, track: Seen, turn: int) -> Seen | None:
        self._now.frames += 1
        seen = self._looker.again(shot, track, turn=turn)
        if seen is not None:
            self._keep(shot, seen)
        return seen

    def _keep(self, shot: Frame, seen: Seen) -> None:
        self._now.sightings.append(seen.sighting)
        proof = Proof(seen.sighting, around(shot.image, seen.sighting.box))
        self._now.pictures.setdefault(seen.sighting.at_s, []).append(proof)

    def _best_tracks(self, most: int) -> list[Seen]:
        return sorted(self._now.tracks, key=lambda track: (track.sighting.deficit, -track.sighting.confidence))[:most]


def _better(track: Seen, seen: Seen | None) -> Seen:
    """Of two readings the one nearer to the number expected: its lines are gone on with."""
    return track if seen is None or seen.sighting.deficit >= track.sighting.deficit else seen


def _screen(media: Media, start_s: float = 0.0) -> Screen:
    return Screen(media.forward(start_s), media.duration_s)


def _means(frames: Iterable[Shown]) -> list[Frame]:
    """Means of frames in turn; without those of too few."""
    totals: list[NDArray[np.float32] | None] = [None] * _MEANS
    counts, times = [0] * _MEANS, [0.0] * _MEANS
    for place, (at, frame) in enumerate(frames):
        which = place % _MEANS
        image = picture(at, frame).image
        before = totals[which]
        totals[which] = image.astype(np.float32) if before is None else np.add(before, image, out=before)
        counts[which], times[which] = counts[which] + 1, at
    return [
        Frame(at, (total / count).astype(np.uint8), averaged=True)
        for total, count, at in zip(totals, counts, times, strict=True)
        if total is not None and count >= _LEAST_MEAN
    ]


def around(image: Image, box: tuple[int, int, int, int]) -> Image:
    """The part of a picture round a box, with the box drawn, for people to look at."""
    import cv2

    left, top, right, bottom = box
    margin = max(24, bottom - top)
    high, wide = image.shape[:2]
    x, y = max(0, left - margin), max(0, top - margin)
    part = image[y : min(high, bottom + margin), x : min(wide, right + margin)].copy()
    cv2.rectangle(part, (left - x - 3, top - y - 3), (right - x + 3, bottom - y + 3), (0, 220, 0), 1)
    return part
