"""The proof of the incremental audit: the same catalog judged both ways, and the outputs compared row by row.

What is published is the full audit's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compliance.catalog.snapshot import Snapshot
from compliance.catalog.sources import open_catalog
from compliance.engines.audit import AuditRequest, Tell, run_audit
from compliance.engines.duck.session import session
from compliance.engines.duck.steps import literal
from compliance.language import worded
from compliance.run_files import SUMMARY, write_summary
from compliance.verdicts.summary import Summary

DIFFERENCES = "incremental_differences"
"""Among the counts of a proven run: rows and numbers in which the two audits differ."""

_ROWS = (
    "verdicts", "findings", "block_list", "blocked_placements", "quarantine", "waived", ".unlisted", ".listed",
    ".producers",
)  # fmt: skip
_NUMBERS = (SUMMARY, ".measures.json", ".population.json")
_OF_THE_RUN = ("run_id", "seconds", "notes", "carried_from")


@dataclass(frozen=True, slots=True)
class Difference:
    """One output in which two runs differ."""

    output: str
    rows: int
    example: str
    """One of the rows, or the numbers. It quotes the catalog."""


def proven_audit(request: AuditRequest, *, progress: Tell) -> Summary:
    """Audit in full, and tell among notes and counts whether an incremental audit says the same.

    Raises what `run_audit` raises.
    """
    with TemporaryDirectory(prefix=".proof-", dir=request.folder) as place:
        folder = Path(place) / "incremental"
        folder.mkdir()
        catalog = Snapshot(open_catalog(request.catalog, mapping=request.mapping), Path(place) / "catalog")
        tried = replace(request, folder=folder, incremental=True, keep=False, state=False)
        carried = run_audit(tried, progress=progress, catalog=catalog)
        full = run_audit(replace(request, incremental=False), progress=progress, catalog=catalog)
        note = carried.notes[-1]
        if carried.carried_from is None:
            proven = replace(full, notes=(*full.notes, f"the incremental audit could not be proven: {note}"))
        else:
            progress(worded("与增量审核的结果比较", "comparing with the incremental audit"))
            found = differences(folder, request.folder, memory=request.memory, threads=request.threads)
            proven = _told(full, found, note)
    write_summary(request.folder, proven)
    return proven


def _told(full: Summary, found: list[Difference], note: str) -> Summary:
    said = ", ".join(f"{one.output} {one.rows:,}" for one in found)
    verdict = f"differs from the full audit, which counts: {said}" if found else "says the same as the full audit"
    counts = {**full.counts, DIFFERENCES: sum(one.rows for one in found)}
    return replace(full, counts=counts, notes=(*full.notes, f"proof: {note}; it {verdict}"))


def differences(one: Path, other: Path, *, memory: str = "1GB", threads: int | None = None) -> list[Difference]:
    """Every output in which two runs' folders differ, but for what names the run itself."""
    return [*_in_rows(one, other, memory, threads), *_in_numbers(one, other)]


def _in_rows(one: Path, other: Path, memory: str, threads: int | None) -> Iterator[Difference]:
    with (
        TemporaryDirectory(prefix=".work-", dir=other) as spill,
        session(Path(spill), memory=memory, threads=threads) as con,
    ):
        for name in _ROWS:
            files = [folder / f"{name}.parquet" for folder in (one, other)]
            there = [file for file in files if file.exists()]
            if len(there) < len(files):
                if there:
                    yield Difference(name, 1, f"{there[0]} alone is there")
                continue
            left, right = (f"SELECT * FROM read_parquet({literal(str(file))})" for file in files)
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE unlike AS"
                f" ({left} EXCEPT ALL {right}) UNION ALL ({right} EXCEPT ALL {left})"
            )
            (rows, example) = con.execute("SELECT count(*), min(CAST(unlike AS VARCHAR)) FROM unlike").fetchall()[0]
            if rows:
                yield Difference(name, rows, example)


def _in_numbers(one: Path, other: Path) -> Iterator[Difference]:
    for name in _NUMBERS:
        left, right = (_read(folder / name) for folder in (one, other))
        unlike = sorted(key for key in left.keys() | right.keys() if left.get(key) != right.get(key))
        if unlike:
            yield Difference(name, len(unlike), "; ".join(f"{k}: {left.get(k)} / {right.get(k)}" for k in unlike))


def _read(path: Path) -> dict[str, Any]:
    """The numbers; lists in one order, for that of theirs means nothing."""
    if not path.exists():
        return {}
    said = json.loads(path.read_text(encoding="utf-8"))
    ordered = {key: sorted(value, key=repr) if isinstance(value, list) else value for key, value in said.items()}
    return {key: value for key, value in ordered.items() if key not in _OF_THE_RUN}
