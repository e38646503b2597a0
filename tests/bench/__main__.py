"""Measure, and print the table of docs/performance.md.

    python -m tests.bench              1 M and 10 M titles
    python -m tests.bench --quick      200,000 titles, for CI
    python -m tests.bench --titles 1000000 30000000 --rounds 5
    python -m tests.bench --only labels    labels read from clips, near misses, speed (an hour on a busy machine)
    python -m tests.bench --write      also put the table into docs/performance.md

Exits 1 where the gate or the peer finds anything but what was planted; a missed bar is told, and is no failure here:
machines are shared and noisy, and the table is read by people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import chain

from tests.bench.audits import audit, growth, memory, rows_of
from tests.bench.clips import clips
from tests.bench.correctness import WrongFindings
from tests.bench.labels import labels
from tests.bench.measuring import FailedWork
from tests.bench.nights import nights
from tests.bench.reading import reading
from tests.bench.registering import registering
from tests.bench.reports import reports
from tests.bench.singles import singles
from tests.bench.spark import spark
from tests.bench.start import start
from tests.bench.table import Row, markdown, write

PARTS = ("audit", "incremental", "start", "reading", "reports", "single", "register")
ASKED_FOR = ("spark", "clips", "labels")
"""Parts that take long, measured only where `--only` names them."""
QUICK, USUAL = (200_000,), (1_000_000, 10_000_000)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="200,000 titles, a minute")
    parser.add_argument("--titles", type=int, nargs="+", help="sizes to audit beside the peer")
    parser.add_argument("--memory", type=int, nargs="*", default=[], help="sizes to audit once, for their peak memory")
    parser.add_argument(
        "--shares", type=int, nargs="+", default=[100, 10], help="of the full size, for clips: 100 is 1/100"
    )
    parser.add_argument("--rounds", type=int, default=3, help="pairs to measure")
    parser.add_argument("--only", choices=(*PARTS, *ASKED_FOR), nargs="+", default=PARTS, help="parts of the table")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md and labels.md")
    return parser.parse_args()


def _rows(sizes: tuple[int, ...], memory_sizes: list[int], rounds: int, parts: set[str]) -> Iterator[Row]:
    yield from _audits(sizes, rounds, parts)
    for size in memory_sizes:
        yield memory(size)
    if "start" in parts:
        yield start(2 * rounds + 1)
    if "reading" in parts:
        yield from reading(sizes[0], rounds)
    if "reports" in parts:
        yield reports(sizes[0], rounds)
    if "single" in parts:
        yield from singles(sizes[-1])
    yield from _of_the_rest(sizes, rounds, parts)


def _of_the_rest(sizes: tuple[int, ...], rounds: int, parts: set[str]) -> Iterator[Row]:
    if "register" in parts:
        yield from registering(sizes[0], rounds, large=sizes[0] >= USUAL[0])
    if "spark" in parts:
        yield from spark(sizes, rounds)


def _audits(sizes: tuple[int, ...], rounds: int, parts: set[str]) -> Iterator[Row]:
    if "audit" in parts:
        measured = []
        for size in sizes:
            measured.append(audit(size, rounds))
            yield from rows_of(measured[-1])
        if len(measured) > 1:
            yield growth(measured[0], measured[-1])
    if "incremental" in parts:
        for size in sizes:
            yield from nights(size, rounds)


def main() -> int:
    """Measure and print; the exit code."""
    asked = _arguments()
    sizes = tuple(asked.titles) if asked.titles else QUICK if asked.quick else USUAL
    parts = set(asked.only)
    rows: list[Row] = []
    of_clips = clips(tuple(asked.shares)) if "clips" in parts else iter(())
    try:
        read = labels(write_page=asked.write) if "labels" in parts else ()
        for row in chain(_rows(sizes, asked.memory, asked.rounds, parts), of_clips, read):
            rows.append(row)
            print("  ".join(row.cells()), flush=True)  # noqa: T201 - this is a program that prints
    except (WrongFindings, FailedWork) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a program that prints
        return 1
    print(f"\n{markdown(rows)}")  # noqa: T201 - this is a program that prints
    if asked.write and parts != {"labels"}:
        write(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
