"""Audits that are kept: one that a user names, to be read, or to have further files put beside its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.errors import ConfigurationError
from compliance.files import sync_folder
from compliance.language import worded
from compliance.out_folder import RUNS, explained, locked_runs, sync_tree
from compliance.outputs import SCAN, STAGING, audit_of, current_audit, current_run, link_names
from compliance.run_files import SUMMARY


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A complete audit that a user has named, and the out folder that it stands in (None: a folder by itself)."""

    folder: Path
    out: Path | None


def find_run(named: str, out: Path | None) -> NamedRun:
    """The audit that is named by its id (among those kept in `out`), by an out folder, or by its own folder.

    A scan's folder stands for the audit below it. Raises ConfigurationError where there is no such run.
    """
    path = Path(named)
    current = current_audit(path)
    if current is not None:
        return NamedRun(current, path)
    if (path / SUMMARY).is_file():
        folder = path.resolve()
        return NamedRun(audit_of(folder) or folder, folder.parent.parent if folder.parent.name == RUNS else None)
    found = (out / RUNS).glob(f"[!.]*/{SUMMARY}") if out is not None else ()
    runs = sorted(run.parent for run in found if not (run.parent / SCAN).exists())
    for run in runs:
        if run.name == named:
            return NamedRun(run.resolve(), out)
    raise ConfigurationError(
        worded(f"没有这次审核：{named}", f"there is no run {named}"),
        problems=[worded(f"{out} 中留有：{run.name}", f"kept in {out}: {run.name}") for run in runs],
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
        with explained(run.folder), TemporaryDirectory(prefix=STAGING, dir=run.folder) as place:
            yield Path(place)
            _take_places(Path(place), run.folder)
        return
    with explained(run.out), locked_runs(run.out) as runs, TemporaryDirectory(prefix=STAGING, dir=runs) as place:
        yield Path(place)
        names = _take_places(Path(place), run.folder)
        shown = current_run(run.out)
        if shown is not None and audit_of(shown) == run.folder.resolve():
            if shown != run.folder.resolve():  # a scan's, which readers see
                _give_places(run.folder, names, shown, runs)
            link_names(run.out, names)


def _take_places(staged: Path, folder: Path) -> list[str]:
    sync_tree(staged)
    names = sorted(path.name for path in staged.iterdir())
    for name in names:
        (staged / name).replace(folder / name)
    sync_folder(folder)
    return names


def _give_places(folder: Path, names: Sequence[str], other: Path, runs: Path) -> None:
    """The same files under the same names in another run's folder."""
    with TemporaryDirectory(prefix=STAGING, dir=runs) as place:
        for name in names:
            os.link(folder / name, Path(place, name))
        _take_places(Path(place), other)
