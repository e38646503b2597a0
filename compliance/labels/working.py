"""Reading one task, in whatever process: every way in which a video can be bad becomes an outcome with a reason."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from compliance.labels.deciding import Decision, Outcome
from compliance.labels.episode import Episode, Reading
from compliance.labels.failures import Failure, UnreadableVideo
from compliance.labels.models import Image, Models
from compliance.labels.tasks import Crop, Done, NoticeFound, Task
from compliance.permits.parsing import Permit, parse

NOTHING_EXPECTED, EXPECTED_MALFORMED = "nothing_expected", "expected_malformed"
NOT_SETTLED, NOT_SEEN = "not_settled", "not_seen"
VIDEO_SUFFIXES = frozenset(
    f".{name}"
    for name in (
        "mp4 m4v mov mkv webm ts m2ts mts flv f4v avi wmv asf mpg mpeg vob 3gp rm rmvb mxf ogv".split()  # noqa: SIM905 - a list of words is read more easily
    )
)
_QUALITY = 88
"""Of the JPEGs."""


def read_task(models: Models, task: Task) -> Done:
    """Read one video; never raises for what is wrong with it."""
    began = time.process_time()
    try:
        size, changed_ns = _version(task.file)
    except OSError as error:
        return Done(Outcome.FAILED, reason=Failure.NO_FILE, detail=error.strerror)
    done = _read(models, task)
    with suppress(OSError):
        if _version(task.file) != (size, changed_ns):
            done = Done(Outcome.FAILED, reason=Failure.CHANGED)
    return replace(done, size=size, changed_ns=changed_ns, cpu_s=time.process_time() - began)


def _version(file: Path) -> tuple[int, int]:
    """What changes when the file does. Raises OSError."""
    stat = file.stat()
    return stat.st_size, stat.st_mtime_ns


def _read(models: Models, task: Task) -> Done:
    own = None
    try:
        own = _own_sha256(task)
        reading = Episode(models, expected_permit(task), notice_wanted=task.notice_wanted).read(task.file)
    except UnreadableVideo as error:
        return Done(Outcome.FAILED, reason=error.failure, detail=error.detail, file_sha256=own)
    return _done(task, reading, own)


def expected_permit(task: Task) -> Permit | None:
    """The number expected, parsed; None where there is none or it is none."""
    found = parse(task.expected)
    return found if isinstance(found, Permit) else None


def _own_sha256(task: Task) -> str | None:
    """The file's SHA-256; None where the catalog's hash tells files apart, and is another one.

    Raises UnreadableVideo where that hash is to be proven and is of another file.
    """
    said, algorithm = task.media_hash, task.proven_by
    if said is None:
        return _hash(task.file, "sha256")
    if algorithm is None:
        return None
    own = _hash(task.file, algorithm)
    if said.rpartition(":")[2].lower() != own:
        raise UnreadableVideo(Failure.OTHER_MEDIA, f"the catalog's {algorithm} is {said}, the file's is {own}")
    return own if algorithm == "sha256" else None


def _hash(path: Path, algorithm: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()
    except OSError as error:
        raise UnreadableVideo(Failure.NO_FILE, error.strerror or str(error)) from None


def _done(task: Task, reading: Reading, file_sha256: str | None) -> Done:
    decision = reading.decision
    first = decision.on[0] if decision.on else None
    notice = reading.notice
    return Done(
        outcome=decision.outcome,
        number=decision.number,
        text=_text(decision),
        at_s=first.at_s if first else None,
        confidence=_confidence(decision),
        reason=_reason(task, decision),
        crops=tuple(Crop(proof.sighting, _jpeg(proof.picture)) for proof in reading.proofs),
        notice=None
        if notice is None or reading.notice_picture is None
        else NoticeFound(notice.text, notice.at_s, notice.confidence, _jpeg(reading.notice_picture)),
        notice_looked_for=reading.notice_looked_for,
        file_sha256=file_sha256,
        duration_s=reading.duration_s,
        frames=reading.frames,
    )


def _text(decision: Decision) -> str | None:
    """What the label shows: the number where it is settled, else the likeliest reading as it is."""
    if decision.number is not None:
        return decision.number
    return decision.on[0].text if decision.on else None


def _confidence(decision: Decision) -> float | None:
    """That all these frames would err alike; None where they settle nothing."""
    if decision.number is None:
        return None
    return round(1 - math.prod(1 - min(one.confidence, 0.9999) for one in decision.on[:3]), 4)


def _reason(task: Task, decision: Decision) -> str | None:
    if decision.outcome is Outcome.ABSENT:
        return NOT_SEEN
    if decision.outcome is not Outcome.UNREADABLE:
        return None
    if expected_permit(task) is None:
        return EXPECTED_MALFORMED if task.expected and task.expected.strip() else NOTHING_EXPECTED
    return NOT_SETTLED


def _jpeg(image: Image) -> bytes:
    import cv2

    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(encoded)


def videos_in(folder: Path) -> list[Path]:
    """The video files of a folder and those in it, in order of their names; hidden ones left out.

    A link that leads nowhere is one of them: what it should have led to was to be read.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in VIDEO_SUFFIXES
        and (path.is_file() or (path.is_symlink() and not path.exists()))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
