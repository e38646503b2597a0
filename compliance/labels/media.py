"""Frames of a video file: what it is, how long it is, and its pictures at given times, upright."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from compliance.labels.failures import Failure, UnreadableVideo
from compliance.labels.models import Image
from compliance.labels.showing import with_stay

LONGEST = 1920
"""Pixels of a picture's longer side: a larger frame is made smaller."""
_CONTAINERS = ("mov", "matroska", "mpegts", "mpeg", "flv", "avi", "asf", "rm", "mxf", "ogg")
"""Kinds of files that hold their pictures themselves, as FFmpeg names them. A playlist would show another file's."""
_LACKING_S = 1.0
"""A file may end so long before it says that it does."""


@dataclass(frozen=True)
class Frame:
    """One picture of a video."""

    at_s: float
    image: Image
    averaged: bool = False
    """The mean of several frames: what stands still comes out, what moves blurs."""

    @cached_property
    def sha256(self) -> str:
        """Of the picture's bytes as decoded, rows of blue-green-red."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()


class Media:
    """An open video."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container, self._stream = container, stream
        self._begins_s = float((stream.start_time or 0) * stream.time_base)
        self.duration_s = _duration(container, stream)
        """None where the file does not say."""
        self._ends_s = _end(container, stream)
        self._reached_s = 0.0

    def forward(self, start_s: float = 0.0, *, keys_only: bool = False) -> Iterator[tuple[float, Any]]:
        """Decoded frames in order from the key frame at or before a time. Raises UnreadableVideo."""
        context = self._stream.codec_context
        try:
            if start_s > 0:
                target = int((start_s + self._begins_s) / self._stream.time_base)
                self._container.seek(target, stream=self._stream, backward=True)
            else:
                self._container.seek(int(self._begins_s / self._stream.time_base), stream=self._stream, backward=True)
            for packet, stays in with_stay(self._packets()):
                context.skip_frame = "NONKEY" if keys_only else "DEFAULT" if stays else "NONREF"
                if packet.has_sidedata("encryption_info"):
                    raise UnreadableVideo(Failure.ENCRYPTED, "its pictures are encrypted")
                for frame in packet.decode():
                    if frame.time is not None and not frame.is_corrupt:
                        yield float(frame.time) - self._begins_s, frame
            self._prove_whole()
        except av.error.FFmpegError as error:
            raise UnreadableVideo(_why(error), error.strerror or str(error)) from None

    def _packets(self) -> Iterator[Any]:
        """Packets of the pictures; of the sound's, only when they end: it may outlast the last picture."""
        for packet in self._container.demux(self._stream, *self._container.streams.audio):
            begins = packet.dts if packet.pts is None else packet.pts
            if begins is not None:
                self._reached_s = max(self._reached_s, float((begins + (packet.duration or 0)) * packet.time_base))
            if packet.stream_index == self._stream.index:
                yield packet

    def _prove_whole(self) -> None:
        """At the file's end: raises UnreadableVideo where an upload broke off, which some containers do not tell."""
        if self._ends_s is not None and self._reached_s < self._ends_s - _LACKING_S:
            said = f"it ends at {self._reached_s:.1f} s instead of {self._ends_s:.1f} s"
            raise UnreadableVideo(Failure.CORRUPT, said)

    def key_frames(self, most: int) -> Iterator[tuple[float, Any]]:
        """At most so many key frames, spread over the whole video; each once."""
        if self.duration_s is None:
            for place, found in enumerate(self.forward(keys_only=True)):
                if place >= most:
                    return
                yield found
            return
        seen: set[float] = set()
        for place in range(most):
            at, frame = next(self.forward(self.duration_s * place / most, keys_only=True), (None, None))
            if at is not None and at not in seen:
                seen.add(at)
                yield at, frame


def picture(at_s: float, frame: Any) -> Frame:
    """A decoded frame as a picture: eight bits, upright, its longer side at most LONGEST."""
    scale = min(1.0, LONGEST / max(frame.width, frame.height))
    size = {} if scale == 1 else {"width": round(frame.width * scale), "height": round(frame.height * scale)}
    image = frame.to_ndarray(format="bgr24", **size)
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    if turns:
        image = np.ascontiguousarray(np.rot90(image, turns))
    return Frame(at_s, image)


@contextmanager
def open_media(path: Path) -> Iterator[Media]:
    """The video in that file. Raises UnreadableVideo where there is none that can be read."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableVideo(Failure.NO_FILE, error.strerror or str(error)) from None
    if size == 0:
        raise UnreadableVideo(Failure.EMPTY, "zero bytes")
    try:
        container = av.open(str(path), metadata_errors="replace", options={"format_whitelist": ",".join(_CONTAINERS)})
    except av.error.ArgumentError:
        raise UnreadableVideo(Failure.NOT_A_VIDEO, f"none of {', '.join(_CONTAINERS)}") from None
    except (av.error.FFmpegError, OSError) as error:
        raise UnreadableVideo(_why(error), error.strerror or str(error)) from None
    with container:
        if not container.streams.video:
            raise UnreadableVideo(Failure.NO_VIDEO, f"{len(container.streams)} stream(s), none of video")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise UnreadableVideo(Failure.CODEC, "no decoder for its codec")
        stream.codec_context.thread_count = 1
        yield Media(container, stream)


def _duration(container: Any, stream: Any) -> float | None:
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _end(container: Any, stream: Any) -> float | None:
    """When the last picture ends by the file's own word, on the clock of its packets."""
    if stream.duration:
        return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
    return ((container.start_time or 0) + container.duration) / av.time_base if container.duration else None


def _why(error: Exception) -> Failure:
    return Failure.CODEC if isinstance(error, av.error.DecoderNotFoundError) else Failure.CORRUPT
