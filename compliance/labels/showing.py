"""What is on display when: with a variable frame rate one frame may stand on the screen for seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from av.error import FFmpegError

from compliance.labels.failures import UnreadableVideo

LOOK_S = 0.24
"""From one look to the next. A frame that stays on display counts as one more look after each such time."""
_SLACK_S = 0.005
"""Times of frames are no exact multiples of anything."""
_REORDERED = 16
"""A frame is decoded at most so many frames before or after those that are displayed next to it."""

Shown = tuple[float, Any]
"""When it is looked at, in seconds, and the decoded frame."""


class Screen:
    """The screen of a video that is played forwards: what counts is what stands on it, not when a frame begins."""

    def __init__(self, frames: Iterable[Shown], ends_s: float | None) -> None:
        """Frames with the times at which they begin, in order; the last one stands until `ends_s`, where known."""
        self._frames = iter(frames)
        self._ends_s = ends_s
        self._broken: UnreadableVideo | None = None
        self._shown: Shown | None = None
        self._upcoming = self._next()

    def at(self, time_s: float) -> Shown | None:
        """The frame on display then; None before the first and after the last. Times may not go back.

        The time that comes with it is that of the frame's beginning, or of the last full look since then: looks
        at one frame in less than LOOK_S are one look. Raises UnreadableVideo.
        """
        shown = self._forward(time_s)
        if shown is None or (self._upcoming is None and time_s > self._end(shown) + _SLACK_S):
            return None
        begins_s, frame = shown
        looks = int((time_s - begins_s + _SLACK_S) / LOOK_S)
        return round(begins_s + looks * LOOK_S, 3), frame

    def each(self, start_s: float, step_s: float) -> Iterator[Shown]:
        """Different frames, at least so far apart, from the one on display at a time. Raises UnreadableVideo."""
        time_s, last = start_s, None
        while True:
            shown = self._forward(time_s)
            if shown is not None and shown is not last:
                last = shown
                yield shown
            if self._upcoming is None and self._broken is None:
                return
            time_s = max(time_s + step_s, self._upcoming[0] if self._upcoming else 0.0)

    def _forward(self, time_s: float) -> Shown | None:
        if self._broken is not None:
            raise self._broken
        while self._upcoming is not None and self._upcoming[0] <= time_s + _SLACK_S:
            self._shown, self._upcoming = self._upcoming, self._next()
        return self._shown

    def _next(self) -> Shown | None:
        """The next frame. Where it cannot be read, that is told once the one before it has been looked at."""
        try:
            return next(self._frames, None)
        except UnreadableVideo as error:
            self._broken = error
            return None

    def _end(self, shown: Shown) -> float:
        return shown[0] if self._ends_s is None else max(shown[0], self._ends_s)


def with_stay(packets: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Packets in their order, each with whether its frame stays on display for a look or longer.

    Frames to which no other refers are not decoded, for speed; a title card of one frame may be such a one. Files do
    not say how long a frame stays: what is displayed next does.
    """
    coming, broken = iter(packets), None
    window: deque[Any] = deque()
    around: deque[int | None] = deque(maxlen=2 * _REORDERED + 1)
    ended = False
    while window or not ended:
        while len(window) <= _REORDERED and not ended:
            try:
                window.append(next(coming))
                around.append(window[-1].pts)
            except StopIteration:
                ended = True
            except FFmpegError as error:
                ended, broken = True, error  # told once the packets before it have been
        if window:
            yield window[0], _stays(window.popleft(), around)
    if broken is not None:
        raise broken


def _stays(packet: Any, around: Iterable[int | None]) -> bool:
    if packet.pts is None:
        return False
    later = [pts for pts in around if pts is not None and pts > packet.pts]
    return not later or float((min(later) - packet.pts) * packet.time_base) >= LOOK_S
