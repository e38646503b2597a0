"""Labels and episodes have no watermark: their files are kept as they came, and compared where they are others.

Files with the bytes that they had hold the rows that they had; SHA-256 says so. Of other files the rows are compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from threading import Event

import duckdb

from compliance.catalog.columns import typed
from compliance.catalog.parquet import attach_files
from compliance.catalog.relation import Checked
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import Part
from compliance.engines.incremental.kept import compare_rows
from compliance.files import link_or_copy

COMPARED: Mapping[str, tuple[str, ...]] = {
    "labels": ("title_id", "channel", "text", "title_text", "confidence", "media_hash"),
    "episodes": ("title_id", "media_hash", "ai_notice"),
}
"""The columns that facts are gathered from."""

_BLOCK = 1 << 20

_MOVED_AT_MOST, _FEW = 0.25, 100_000
"""From this share of moved rows on, a full audit is as fast; so many are compared in any case."""

Kept = Mapping[str, Sequence[tuple[str, bool]]]
"""By relation, each file's SHA-256 and whether it was staged from a database, in the order of the files."""


class Digests:
    """The SHA-256 of a catalog's files, made while the engine is at other work. To be closed, whatever the end is."""

    def __init__(self, parts: Mapping[str, Sequence[Part]]) -> None:
        self.parts = {name: parts.get(name, ()) for name in COMPARED}
        self._closed = Event()
        self._pool = ThreadPoolExecutor(len(COMPARED))
        self._made: dict[str, list[tuple[Future[str], bool]]] = {
            name: [(self._pool.submit(self._sha256_of, file), part.staged) for part in found for file in part.files]
            for name, found in self.parts.items()
        }

    def of(self, relation: str) -> list[tuple[str, bool]]:
        """The digests of a relation's files, once they are made."""
        return [(digest.result(), staged) for digest, staged in self._made[relation]]

    def as_json(self) -> dict[str, list[list[object]]]:
        """Those of all relations."""
        return {name: [list(pair) for pair in self.of(name)] for name in COMPARED}

    def close(self) -> None:
        """Read no further: nobody asks any more, and the end of the program would wait for whatever is being read."""
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)

    def _sha256_of(self, file: str) -> str:
        digest = hashlib.sha256()
        with Path(file).open("rb", buffering=0) as reading:
            while block := reading.read(_BLOCK):
                if self._closed.is_set():
                    raise CancelledError
                digest.update(block)
        return digest.hexdigest()


def same_files(digests: Digests, before: Kept, relation: str) -> bool:
    """Whether the relation's files are what they were, in whatever order."""
    return sorted(digests.of(relation)) == sorted(tuple(pair) for pair in before.get(relation, ()))


def compare_evidence(
    con: duckdb.DuckDBPyConnection, digests: Digests, before: Kept, folder: Path, relation: str
) -> None:
    """Make `<relation>_since` with the rows, bad ones included, that are there now and were not, or the other way.

    Raises Unusable where nearly all rows stand elsewhere.
    """
    kept = {
        staged: [_file(folder, relation, place) for place, (_, kind) in enumerate(before[relation]) if kind == staged]
        for staged in (False, True)
    }
    earlier = replace(RELATIONS[relation], name=f"{relation}_before")
    parts = [part for staged, files in kept.items() for part in attach_files(con, earlier, files, staged=staged)]
    columns = COMPARED[relation]
    now, then = (
        Checked(of, tuple(typed(con, of, part, []) for part in found)).select(*columns)
        for of, found in ((RELATIONS[relation], digests.parts[relation]), (earlier, parts))
    )
    nothing = f"SELECT {', '.join(columns)} FROM {relation} LIMIT 0"
    rows = sum(part.rows for part in digests.parts[relation])
    most = max(_FEW, int(_MOVED_AT_MOST * rows))
    compare_rows(con, relation, columns, now or nothing, then or nothing, most)


def keep_evidence(digests: Digests, before: Kept, earlier: Path | None, folder: Path) -> None:
    """Keep the files for the next run: a second name for what is kept already or is ours, a copy of what is not."""
    had = (
        {}
        if earlier is None
        else {
            digest: _file(earlier, relation, place)
            for relation, files in before.items()
            for place, (digest, _) in enumerate(files)
        }
    )
    for relation in COMPARED:
        files = [(file, part.staged) for part in digests.parts[relation] for file in part.files]
        for place, ((file, staged), (digest, _)) in enumerate(zip(files, digests.of(relation), strict=True)):
            target = _file(folder, relation, place)
            if digest in had:
                link_or_copy(had[digest], target)
            elif staged:
                link_or_copy(Path(file), target)
            else:
                copyfile(file, target)


def _file(folder: Path, relation: str, place: int) -> Path:
    return folder / f"{relation}-{place}.parquet"
