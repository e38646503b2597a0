"""The out folder as such: held by one process at a time, forced to disk, and its refusals told in words."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from compliance.errors import ConfigurationError, GateError
from compliance.files import is_full, sync_file, sync_folder
from compliance.language import worded

RUNS = ".runs"
"""The folder of the runs that are kept, and of the lock."""


class PublicationError(GateError):
    """The outputs could not be written; the previous ones are untouched (exit 3)."""


def prepare(out: Path) -> None:
    """Make the folder of the outputs where it is not there yet. Raises PublicationError where that cannot be done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(out, error) from error


@contextlib.contextmanager
def locked_runs(out: Path) -> Iterator[Path]:
    """The folder of runs, held by this process alone; the kernel frees the lock however the process ends."""
    runs = out / RUNS
    runs.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(runs / "lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                worded(f"{out}：另一次审核正在写入此文件夹", f"{out}: another run is writing to this folder"),
                remedy=worded(
                    "等它结束，或用 --out 指定别的文件夹", "wait until it has ended, or give another folder with --out"
                ),
            ) from None
        yield runs
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force every file to disk: after a power cut, a published name must not point at an empty file."""
    for path in folder.rglob("*"):
        if path.is_file():
            sync_file(path)
        else:
            sync_folder(path)
    sync_folder(folder)


_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


@contextlib.contextmanager
def explained(out: Path) -> Iterator[None]:
    """Tell a full disk and a folder that takes no files in words."""
    try:
        yield
    except GateError:
        raise
    except Exception as error:
        if is_full(error):
            raise PublicationError(
                worded(
                    f"{out}：磁盘已满；什么都没有发布，上一次的结果不变",
                    f"{out}: the disk is full; nothing was published, the previous outputs stand",
                ),
                problems=[str(error)],
                remedy=worded(
                    "腾出空间（gate doctor 可查看余量）后重跑",
                    "free space (`gate doctor` tells how much there is) and run again",
                ),
            ) from error
        if isinstance(error, OSError) and error.errno in _REFUSED and _is_of(out, error):
            raise _refusal(out, error) from error
        raise


def _is_of(out: Path, error: OSError) -> bool:
    """Whether the error is not of a file elsewhere, such as one of the catalog."""
    name = error.filename
    return not isinstance(name, str | Path) or Path(name).absolute().is_relative_to(out.absolute())


def _refusal(out: Path, error: Exception) -> PublicationError:
    return PublicationError(
        worded(
            f"{out}：无法在此写出结果；什么都没有发布",
            f"{out}: outputs cannot be written here; nothing was published",
        ),
        problems=[str(error)],
        remedy=worded("用 --out 指定当前用户可写的文件夹", "give a folder that this user may write to with --out"),
    )
