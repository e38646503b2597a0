"""What is to be read, and what came of it: the values that travel between the queue and its workers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from compliance.labels.deciding import Outcome, Sighting

READER = "2"
"""Changes when a reading of the same video may come out otherwise: older readings are then no longer fresh."""


@dataclass(frozen=True, slots=True)
class Task:
    """One video to be read."""

    file: Path
    expected: str | None = None
    """The number as the catalog has it; None or no number: what is read is told, and nothing can be verified."""
    title_id: str | None = None
    episode_no: int | None = None
    media_hash: str | None = None
    """The catalog's; None: it has none, and what is read of the episode is never stale."""
    notice_wanted: bool = False
    """The AI notice is looked for through the whole plan."""
    proven_by: str | None = None
    """`sha256` or `md5`: the catalog's hash is this of the file, and is compared."""

    @property
    def name(self) -> str:
        """The file's path as text that can be kept and told: what is no UTF-8 in it stands as `\\xff`."""
        return os.fsencode(self.file).decode("utf-8", "backslashreplace")


def resolved(path: Path) -> Path:
    """The file that a path leads to; the path itself where its links lead in a circle: whoever reads it tells that."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps what `..` leaves


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a frame, as JPEG, and the reading that it shows."""

    sighting: Sighting
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class NoticeFound:
    """The AI notice as it was read, with its picture."""

    text: str
    at_s: float
    confidence: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task."""

    outcome: Outcome
    number: str | None = None
    """Canonical: the number expected where it is verified, else the number that frames agree on."""
    text: str | None = None
    at_s: float | None = None
    confidence: float | None = None
    reason: str | None = None
    detail: str | None = None
    crops: tuple[Crop, ...] = ()
    notice: NoticeFound | None = None
    notice_looked_for: bool = False
    file_sha256: str | None = None
    """Of the file, where it was reckoned: no catalog's hash says what was read, or it is this one."""
    size: int | None = None
    changed_ns: int | None = None
    """When the file was last written, as the file system says."""
    duration_s: float | None = None
    frames: int = 0
    cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One reading as the evidence store has it."""

    file: str
    expected: str | None
    title_id: str | None
    episode_no: int | None
    outcome: Outcome
    permit: str | None
    text: str | None
    at_s: float | None
    confidence: float | None
    reason: str | None
    detail: str | None
    media_hash: str | None
    read_at: datetime
    """In Asia/Shanghai, without a zone."""
    notice: str | None = None
    notice_at_s: float | None = None
    notice_evidence: str | None = None
    evidence: tuple[str, ...] = field(default=())
    """Paths of the frame crops, inside the store."""
