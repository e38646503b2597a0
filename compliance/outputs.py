"""Publish a run's files all or nothing: a reader sees the last complete run or the new one, never a mixture.

A run is staged in a hidden folder and synced to disk; one atomic swap of a symbolic link then makes it the current one:

    OUT/verdicts.parquet -> current/verdicts.parquet      and so on, one link a file
    OUT/current          -> .runs/20261123T010203Z-1f2e3d4c
    OUT/.runs/…          the last three audits, and the lock that keeps a second run out

A reader that opens several files of one run resolves `current` first and reads from there.

Between two audits a scan of what is about to go online (`compliance.prepublication`) becomes the current run: it has a
block list of its own, and all other files of the audit that it stands on. The audit's folder stays what it was.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from compliance.errors import ConfigurationError, GateError
from compliance.files import sync_folder
from compliance.language import worded
from compliance.out_folder import RUNS, explained, locked_runs, sync_tree
from compliance.run_files import SUMMARY

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
"""The folder of the state for single titles. Large, and of use only until the next audit: earlier ones lose it."""
CARRIED = ".carried"
"""The folder of the state that an incremental audit carries on from; as with `STATE`, earlier audits lose it."""
JUDGED = ".judged.parquet"
"""Titles that an incremental audit judged (title_id); whatever else its outputs have is as the run before had it."""
SCAN = "prepublish.json"
"""What a scan says of itself; among it `audit`, the name of the folder of the audit that it stands on, or null."""
SCANNED = "prepublish.parquet"
"""Of a scan, its verdicts, each with its findings as JSON: of these titles the audit that it stands on is older."""
DUE = "state-due"
"""The folder of the state of what a scan judged: newer than the audit's."""
MEASURES = ".measures.json"
"""Titles, register, judged, unknown, placements, blocked_placements, stale_systems, filled: what the guard looks at."""
KEPT_RUNS, KEPT_SCANS = 3, 2
"""Audits that are kept, and scans: a reader may still be at the one before."""

STAGING = ".staging-"
_NEXT = ".next-"


class InterruptedRunError(GateError):
    """The user stopped a run before anything of it was published (exit 130)."""

    exit_code = 130


def new_run_id(instant: datetime) -> str:
    """A name for the run that began at an instant in UTC; names sort by time."""
    return f"{instant:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def begun_at(run_id: str) -> datetime:
    """The instant in UTC of a name that `new_run_id` has given. Raises ValueError for any other."""
    return datetime.strptime(run_id.partition("-")[0] + "+0000", "%Y%m%dT%H%M%SZ%z")


def current_run(out: Path) -> Path | None:
    """The folder with the files of the last complete run, be it a scan; None where there is none yet."""
    current = out / CURRENT
    return current.resolve() if current.is_dir() else None


def current_audit(out: Path) -> Path | None:
    """The folder of the last complete audit, with its own files; None where there is none yet."""
    run = current_run(out)
    return None if run is None else audit_of(run)


def audit_of(run: Path) -> Path | None:
    """A run itself, or of a scan the audit that it stands on; None where that is gone, or there was none."""
    if not (run / SCAN).is_file():
        return run if (run / SUMMARY).is_file() else None
    audit = json.loads((run / SCAN).read_text(encoding="utf-8")).get("audit")
    folder = run.parent / audit if audit is not None else None
    return folder if folder is not None and (folder / SUMMARY).is_file() else None


def out_of(place: Path) -> Path:
    """The out folder to which a folder belongs: itself, unless it is a run's, or the state in one of them."""
    folder = place.parent if place.name == STATE else place
    if folder.name == CURRENT:
        return folder.parent
    return folder.parent.parent if folder.parent.name == RUNS else folder


@contextlib.contextmanager
def run_folder(out: Path, run_id: str) -> Iterator[Path]:
    """A folder to write one run's files into; they are published together when the block ends without an error.

    Raises ConfigurationError where OUT cannot take outputs or another run is writing to it, PublicationError where the
    disk is full or refuses, InterruptedRunError on Ctrl-C. On any error the previous outputs stay as they were.
    """
    with explained(out), locked_runs(out) as runs:
        _refuse_foreign_files(out)
        _sweep(out, runs)
        staged, complete = runs / f"{STAGING}{run_id}", runs / run_id
        staged.mkdir()
        try:
            yield staged
            sync_tree(staged)
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


def link_names(out: Path, names: Iterable[str]) -> None:
    """Give each file of the current run its name in the out folder."""
    for name in sorted(names):
        link = out / name
        if not name.startswith(".") and not link.is_symlink():
            link.symlink_to(Path(CURRENT) / name)


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
    for leftover in (*runs.glob(f"{STAGING}*"), *out.glob(f"{_NEXT}*")):
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)
    _unlink_dangling(out)


def _publish(out: Path, complete: Path) -> None:
    """Swap the link. New names point into `current` before it has them: all appear in the same instant."""
    link_names(out, (path.name for path in complete.iterdir()))
    following = out / f"{_NEXT}{complete.name}"
    following.symlink_to(Path(RUNS) / complete.name)
    sync_folder(complete.parent)
    following.replace(out / CURRENT)
    sync_folder(out)
    _unlink_dangling(out)
    _retire(complete)


def _unlink_dangling(out: Path) -> None:
    """Remove names that the current run does not have, such as a report's after a run without reports."""
    for link in out.iterdir():
        if link.is_symlink() and not link.exists() and link.readlink().parts[:1] in ((CURRENT,), (RUNS,)):
            link.unlink()


def _retire(newest: Path) -> None:
    """Remove all but the last few audits and scans. What cannot be removed today is tried again by the next run."""
    folders = [folder for folder in newest.parent.iterdir() if folder.is_dir() and folder != newest]
    folders.sort(key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    folders.insert(0, newest)
    scans = [folder for folder in folders if (folder / SCAN).exists()]
    audits = [folder for folder in folders if folder not in scans]
    for folder in (*audits[KEPT_RUNS:], *scans[KEPT_SCANS:]):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in folders:
        if folder not in (newest, audit_of(newest)):
            for state in (STATE, DUE, CARRIED):
                shutil.rmtree(folder / state, ignore_errors=True)
