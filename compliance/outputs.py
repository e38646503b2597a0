"""Publish a run's files all or nothing: a reader sees the last complete run or the new one, never a mixture.

A run is staged in a hidden folder and synced to disk; one atomic swap of a symbolic link then makes it the current one:

    OUT/verdicts.parquet -> current/verdicts.parquet      and so on, one link a file
    OUT/current          -> .runs/20261123T010203Z-1f2e3d4c
    OUT/.runs/…          the last three runs, and the lock that keeps a second run out

A reader that opens several files of one run resolves `current` first and reads from there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.errors import ConfigurationError, GateError
from compliance.files import is_full, sync_file, sync_folder
from compliance.language import worded
from compliance.verdicts.summary import SUMMARY

LABELS = "labels"
"""The folder of label evidence in an out folder."""
OUTPUTS = (
    "verdicts.parquet",
    "findings.parquet",
    "block_list.parquet",
    "block_list.csv",
    "blocked_placements.parquet",
    "quarantine.parquet",
    "waived.parquet",
    SUMMARY,
    "report.html",
    "report.xlsx",
)
"""The files of a run."""

CURRENT = "current"
STATE = "state"
"""The folder of the state for single titles. Large, and of use only in the current run: earlier runs lose it."""
CARRIED = ".carried"
"""The folder of the state that an incremental audit carries on from; as with `STATE`, earlier runs lose it."""
JUDGED = ".judged.parquet"
"""Titles that an incremental audit judged (title_id); whatever else its outputs have is as the run before had it."""
MEASURES = ".measures.json"
"""Titles, register, judged, unknown, placements, blocked_placements, stale_systems, filled: what the guard looks at."""
KEPT_RUNS = 3

_RUNS = ".runs"
_STAGING = ".staging-"
_NEXT = ".next-"


class PublicationError(GateError):
    """The outputs could not be written; the previous ones are untouched (exit 3)."""


class InterruptedRunError(GateError):
    """The user stopped a run before anything of it was published (exit 130)."""

    exit_code = 130


def new_run_id(instant: datetime) -> str:
    """A name for the run that began at an instant in UTC; names sort by time."""
    return f"{instant:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def current_run(out: Path) -> Path | None:
    """The folder with the files of the last complete run; None where there is none yet."""
    current = out / CURRENT
    return current.resolve() if current.is_dir() else None


def out_of(place: Path) -> Path:
    """The out folder to which a folder belongs: itself, unless it is a run's, or the state in one of them."""
    folder = place.parent if place.name == STATE else place
    if folder.name == CURRENT:
        return folder.parent
    return folder.parent.parent if folder.parent.name == _RUNS else folder


def prepare(out: Path) -> None:
    """Make the folder of the outputs where it is not there yet. Raises PublicationError where that cannot be done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(out, error) from error


@contextlib.contextmanager
def run_folder(out: Path, run_id: str) -> Iterator[Path]:
    """A folder to write one run's files into; they are published together when the block ends without an error.

    Raises ConfigurationError where OUT cannot take outputs or another run is writing to it, PublicationError where the
    disk is full or refuses, InterruptedRunError on Ctrl-C. On any error the previous outputs stay as they were.
    """
    with _explained(out), _locked(out) as runs:
        _refuse_foreign_files(out)
        _sweep(out, runs)
        staged, complete = runs / f"{_STAGING}{run_id}", runs / run_id
        staged.mkdir()
        try:
            yield staged
            _sync(staged)
            staged.rename(complete)
            _publish(out, complete)
        except BaseException as error:
            if current_run(out) == complete.resolve():
                raise  # the run is out: only the tidying after it was cut short
            shutil.rmtree(staged, ignore_errors=True)
            shutil.rmtree(complete, ignore_errors=True)
            _unlink_dangling(out)
            if isinstance(error, KeyboardInterrupt):
                raise InterruptedRunError(
                    worded(
                        "已中断：什么都没有发布，上一次的结果不变",
                        "interrupted: nothing was published, the previous outputs stand",
                    )
                ) from None
            raise


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A complete run that a user has named, and the out folder that it stands in (None: a folder by itself)."""

    folder: Path
    out: Path | None


def find_run(named: str, out: Path | None) -> NamedRun:
    """The run that is named by its id (among those kept in `out`), by an out folder, or by its own folder.

    Raises ConfigurationError where there is no such run.
    """
    path = Path(named)
    current = current_run(path)
    if current is not None:
        return NamedRun(current, path)
    if (path / SUMMARY).is_file():
        folder = path.resolve()
        return NamedRun(folder, folder.parent.parent if folder.parent.name == _RUNS else None)
    runs = [run.parent for run in (out / _RUNS).glob(f"[!.]*/{SUMMARY}")] if out is not None else []
    for run in runs:
        if run.name == named:
            return NamedRun(run.resolve(), out)
    raise ConfigurationError(
        worded(f"没有这次审核：{named}", f"there is no run {named}"),
        problems=[worded(f"{out} 中留有：{run.name}", f"kept in {out}: {run.name}") for run in sorted(runs)],
        remedy=worded(
            "指定输出文件夹、某次审核的文件夹，或 --out 中留有的审核编号",
            "name an out folder, a run's own folder, or the id of a run that is kept in --out",
        ),
    )


@contextlib.contextmanager
def amended(run: NamedRun) -> Iterator[Path]:
    """A folder to write further files of a complete run into; each takes its place, whole, when the block ends well.

    Raises ConfigurationError where a run is being written, PublicationError where the disk is full or refuses.
    """
    if run.out is None:
        with _explained(run.folder), TemporaryDirectory(prefix=_STAGING, dir=run.folder) as place:
            yield Path(place)
            _take_places(Path(place), run.folder)
        return
    with _explained(run.out), _locked(run.out) as runs, TemporaryDirectory(prefix=_STAGING, dir=runs) as place:
        yield Path(place)
        names = _take_places(Path(place), run.folder)
        if current_run(run.out) == run.folder.resolve():
            _link(run.out, names)


def _take_places(staged: Path, folder: Path) -> list[str]:
    _sync(staged)
    names = sorted(path.name for path in staged.iterdir())
    for name in names:
        (staged / name).replace(folder / name)
    sync_folder(folder)
    return names


def _link(out: Path, names: Iterable[str]) -> None:
    """Give each file of the current run its name in the out folder."""
    for name in sorted(names):
        link = out / name
        if not name.startswith(".") and not link.is_symlink():
            link.symlink_to(Path(CURRENT) / name)


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[Path]:
    """The folder of runs, held by this process alone; the kernel frees the lock however the process ends."""
    runs = out / _RUNS
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


def _refuse_foreign_files(out: Path) -> None:
    """A real file under an output's name is not ours, and could not be replaced together with the rest."""
    foreign = [name for name in (CURRENT, *OUTPUTS) if (out / name).exists() and not (out / name).is_symlink()]
    if foreign:
        raise ConfigurationError(
            worded(
                f"{out}：其中有 {len(foreign)} 个文件不是本软件写出的",
                f"{out}: {len(foreign)} file(s) here were not written by a run of the gate",
            ),
            problems=[str(out / name) for name in foreign],
            remedy=worded("移走它们，或用 --out 指定别的文件夹", "move them away, or give another folder with --out"),
        )


def _sweep(out: Path, runs: Path) -> None:
    """Remove what dead runs left. Nobody else is writing: the lock is ours."""
    for leftover in (*runs.glob(f"{_STAGING}*"), *out.glob(f"{_NEXT}*")):
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)
    _unlink_dangling(out)


def _publish(out: Path, complete: Path) -> None:
    """Swap the link. New names point into `current` before it has them: all appear in the same instant."""
    _link(out, (path.name for path in complete.iterdir()))
    following = out / f"{_NEXT}{complete.name}"
    following.symlink_to(Path(_RUNS) / complete.name)
    sync_folder(complete.parent)
    following.replace(out / CURRENT)
    sync_folder(out)
    _unlink_dangling(out)
    _retire(complete)


def _unlink_dangling(out: Path) -> None:
    """Remove names that the current run does not have, such as a report's after a run without reports."""
    for link in out.iterdir():
        if link.is_symlink() and not link.exists() and link.readlink().parts[:1] in ((CURRENT,), (_RUNS,)):
            link.unlink()


def _retire(newest: Path) -> None:
    """Remove all but the last few runs. What cannot be removed today is tried again by the next run."""
    earlier = [folder for folder in newest.parent.iterdir() if folder.is_dir() and folder != newest]
    earlier.sort(key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    for folder in earlier[KEPT_RUNS - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in earlier:
        for state in (STATE, CARRIED):
            shutil.rmtree(folder / state, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Force every file to disk: after a power cut, a published name must not point at an empty file."""
    for path in folder.rglob("*"):
        if path.is_file():
            sync_file(path)
        else:
            sync_folder(path)
    sync_folder(folder)


_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


@contextlib.contextmanager
def _explained(out: Path) -> Iterator[None]:
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
