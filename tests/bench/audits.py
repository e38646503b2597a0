"""The full audit beside the tuned DuckDB SQL: time, memory, growth."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.catalogs import AS_OF, HOME, Sample, sample, short
from tests.bench.correctness import prove_gate, prove_peer
from tests.bench.measuring import Pairs, Work, in_turn, measure, median
from tests.bench.table import Row, processor_time, timed

GATE = str(Path(sys.executable).parent / "gate")
PEER = Path(__file__).parent / "peers" / "tuned_duckdb.py"
TIME_BAR, MEMORY_BAR, GROWTH_BAR = 1.5, 4.0, 10.0
FOUND = 1
"""Exit code of an audit that blocks or holds something."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The audit of one sample by both."""

    sample: Sample
    pairs: Pairs


def gate_audit(of: Sample) -> tuple[Work, Path]:
    """`gate audit` without reports, and where it writes."""
    out = HOME / "out-gate"
    command = [GATE, "audit", "--catalog", str(of.catalog), "--out", str(out), "--as-of", str(AS_OF), "--no-reports"]
    return Work("gate audit", command, lambda: emptied(out), exits=FOUND), out


def peer_audit(of: Sample) -> tuple[Work, Path]:
    """The peer's eleven rules, and where it writes."""
    out = HOME / "out-peer"
    return Work(
        "tuned DuckDB SQL", [sys.executable, str(PEER), str(of.catalog), str(out), str(AS_OF)], lambda: emptied(out)
    ), out


def emptied(folder: Path) -> None:
    """An empty folder: against a list of another sample the guard would hold this one's."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def audit(titles: int, rounds: int) -> Measured:
    """Measure both in turn. Raises WrongFindings, before any time is told, where one of them is wrong."""
    catalog = sample(titles)
    catalog.warm()
    ours, our_out = gate_audit(catalog)
    peer, peer_out = peer_audit(catalog)
    measure(ours)
    prove_gate(catalog, our_out)
    measure(peer)
    prove_peer(catalog, peer_out)
    return Measured(catalog, in_turn(ours, peer, rounds))


def rows_of(measured: Measured) -> Iterator[Row]:
    """Time and memory of one size."""
    size, pairs = short(measured.sample.titles), measured.pairs
    yield timed(f"full audit, {size} titles", pairs, TIME_BAR)
    yield processor_time(size, pairs)
    peak = max(cost.peak for cost in pairs.ours)
    yield Row(
        f"– its peak memory, {size}",
        gigabytes(peak),
        gigabytes(max(cost.peak for cost in pairs.peers)),
        figure=peak / 2**30,
        bar=MEMORY_BAR,
        unit="GB",
        ratio=pairs.ratio("peak"),
    )


def growth(small: Measured, large: Measured) -> Row:
    """How much longer the large audit takes than the small one."""
    times = median(large.pairs.ours) / median(small.pairs.ours)
    theirs = median(large.pairs.peers) / median(small.pairs.peers)
    work = f"growth, {short(small.sample.titles)} → {short(large.sample.titles)}"
    return Row(work, f"{times:.1f} ×", f"{theirs:.1f} ×", figure=times, bar=GROWTH_BAR * _steps(small, large))


def _steps(small: Measured, large: Measured) -> float:
    return large.sample.titles / small.sample.titles / 10


def memory(titles: int) -> Row:
    """Peak memory and time of one audit of a very large sample, checked like the others."""
    catalog = sample(titles)
    ours, out = gate_audit(catalog)
    cost = measure(ours)
    prove_gate(catalog, out)
    work = f"peak memory, {short(titles)} titles, same setting"
    return Row(work, f"{gigabytes(cost.peak)} ({cost.wall:.0f} s)", figure=cost.peak / 2**30, bar=MEMORY_BAR, unit="GB")


def gigabytes(size: int) -> str:
    """1.53 GB."""
    return f"{size / 2**30:.2f} GB"
