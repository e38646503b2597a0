"""Files that are whole or not there: written beside, forced to disk, renamed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

_LOCK_POLL_S = 0.02
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_TEXT = re.compile(
    "|".join([*(re.escape(os.strerror(number)) for number in _FULL), r"\d+ requested and \d+ written"])
)
"""What DuckDB, Arrow and numpy say of a full disk: their errors have the system's text inside, or none."""


def is_full(error: Exception) -> bool:
    """Whether something could not be written because the disk, a quota or the largest size of a file is reached."""
    return (isinstance(error, OSError) and error.errno in _FULL) or _FULL_TEXT.search(str(error)) is not None


def write_durably(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader, or a start after a power cut, finds the old content or the new, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.next")
    descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force a folder's names to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Force a file's content to disk."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def link_or_copy(source: Path, target: Path) -> None:
    """A second name for a file that is never changed; a copy where the file system gives it none. Not yet synced.

    Of a folder of part files, such as a distributed engine writes, each file gets one.
    """
    remove(target)
    if source.is_dir():
        target.mkdir()
        for part in source.resolve().iterdir():
            link_or_copy(part, target / part.name)
        return
    try:
        os.link(source.resolve(), target)
    except OSError:
        with source.open("rb") as reading, target.open("wb") as writing:
            while block := reading.read(1 << 20):
                writing.write(block)
        sync_file(target)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hex; of a folder of files, that of their names and SHA-256, by name."""
    if path.is_dir():
        parts = [f"{part.name} {sha256_of(part)}\n" for part in sorted(path.iterdir())]
        return hashlib.sha256("".join(parts).encode()).hexdigest()
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextlib.contextmanager
def locked(path: Path, *, patience_s: float) -> Iterator[None]:
    """Hold a lock file alone; the kernel frees it however the process ends. Raises TimeoutError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        deadline = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{path} is held by another process") from None
                time.sleep(_LOCK_POLL_S)
        yield
    finally:
        os.close(descriptor)
