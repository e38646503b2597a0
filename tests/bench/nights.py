"""The incremental audit of a night's changes beside the full audit of the same catalog, from the same night before."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from compliance.engines.incremental.proof import differences
from compliance.outputs import current_run
from tests.bench.audits import FOUND, GATE, gigabytes
from tests.bench.catalogs import AS_OF, HOME, Sample, sample, short
from tests.bench.changing import TITLES, change, settle
from tests.bench.correctness import WrongFindings
from tests.bench.measuring import Work, in_turn, measure
from tests.bench.table import Row, processor_time, timed

BAR = 0.2
FIRST, NEXT = AS_OF + timedelta(1), AS_OF + timedelta(2)
"""On the sample's own day many placements end, which is no ordinary night."""


def nights(titles: int, rounds: int) -> Iterator[Row]:
    """Measure both in turn. Raises WrongFindings, before any time is told, where they differ in any row or number."""
    of = sample(titles)
    before, after = _catalogs(of)
    start = HOME / "out-first-night"
    shutil.rmtree(start, ignore_errors=True)
    measure(_audit("first night", before, start, FIRST, "--incremental"))
    works, outs = [], []
    for name, options in (("incremental audit", ["--incremental"]), ("full audit", [])):
        outs.append(HOME / f"out-{name.partition(' ')[0]}")
        works.append(_audit(name, after, outs[-1], NEXT, *options, start=start))
        measure(works[-1])
    _prove(of, *outs)
    pairs = in_turn(works[0], works[1], rounds)
    size = short(titles)
    yield timed(f"incremental audit, {size}, a night's changes (peer: the full audit)", pairs, BAR)
    yield processor_time(size, pairs)
    peak = max(cost.peak for cost in pairs.ours)
    yield Row(f"– its peak memory, {size}", gigabytes(peak), gigabytes(max(cost.peak for cost in pairs.peers)))


def _catalogs(of: Sample) -> tuple[Path, Path]:
    """Two nights of one catalog, made once."""
    home = of.home / "nights"
    if not home.exists():
        unfinished = of.home / "nights-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        settle(of.catalog, unfinished / "before")
        change(unfinished / "before", unfinished / "after")
        unfinished.rename(home)
    return home / "before", home / "after"


def _audit(name: str, catalog: Path, out: Path, as_of: object, *options: str, start: Path | None = None) -> Work:
    command = [GATE, "audit", "--catalog", str(catalog), "--out", str(out), "--as-of", str(as_of), "--no-reports"]
    return Work(name, [*command, *options], lambda: _begin(out, start), exits=FOUND)


def _begin(out: Path, start: Path | None) -> None:
    """The out folder as the first night has left it; its files are never changed, so another name for each will do."""
    shutil.rmtree(out, ignore_errors=True)
    if start is None:
        return
    shutil.copytree(start, out, symlinks=True, copy_function=os.link)
    for database in out.rglob("*.sqlite*"):  # but for these
        content = database.read_bytes()
        database.unlink()
        database.write_bytes(content)


def _prove(of: Sample, incremental: Path, full: Path) -> None:
    runs = [current_run(out) for out in (incremental, full)]
    one, other = (_without_instant(run) for run in runs if run is not None)
    if found := differences(one, other):
        raise WrongFindings("\n  ".join(["the incremental audit is not the full one", *map(str, found)]))
    note = json.loads((one / "summary.json").read_text())["notes"][-1]
    touched = int(note.split(" titles touched")[0].rpartition(" ")[2].replace(",", ""))
    if not note.startswith("an incremental audit") or touched < 0.9 * TITLES * of.titles:
        raise WrongFindings(f"nothing is proved: {note}")


def _without_instant(run: Path) -> Path:
    """The run's folder, with the instant of the run itself taken out of its block list."""
    listed = run / "block_list.parquet"
    latest = f"(SELECT max(first_listed_at) FROM '{listed}')"
    rows = f"SELECT * REPLACE (nullif(first_listed_at, {latest}) AS first_listed_at) FROM '{listed}'"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE told AS {rows}")
        listed.unlink()
        con.execute(f"COPY told TO '{listed}' (FORMAT parquet)")
    return run
