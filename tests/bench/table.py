"""The table of what was measured, on the terminal and in docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from compliance import clock
from tests.bench.measuring import Pairs, median

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: written by `python -m tests.bench --write` -->", "<!-- end of measured -->"
HEADERS = ("work", "gate", "peer", "gate ÷ peer", "bar", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was done, what both took, and the bar that it is held to."""

    work: str
    gate: str
    peer: str = "–"
    figure: float | None = None
    """What the bar is about: a ratio, seconds or gigabytes."""
    bar: float | None = None
    unit: str = "×"
    ratio: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the figure is within the bar; None where there is no bar."""
        return None if self.figure is None or self.bar is None else self.figure <= self.bar

    def cells(self) -> tuple[str, ...]:
        """The line as texts."""
        ratio = "–" if self.ratio is None else f"{self.ratio:.2f} ×"
        bar = "–" if self.bar is None else f"≤ {self.bar:g} {self.unit}"
        return self.work, self.gate, self.peer, ratio, bar, {True: "yes", False: "**no**", None: "–"}[self.met]


def timed(work: str, pairs: Pairs, bar: float, *, digits: int = 2) -> Row:
    """How long both took, side by side."""
    ours, theirs = (f"{median(side):.{digits}f} s" for side in (pairs.ours, pairs.peers))
    return Row(work, ours, theirs, figure=pairs.ratio(), bar=bar, ratio=pairs.ratio())


def processor_time(size: str, pairs: Pairs) -> Row:
    """The CPU time of the same."""
    ours, theirs = (f"{median(side, 'cpu'):.1f} s" for side in (pairs.ours, pairs.peers))
    return Row(f"– its CPU, {size}", ours, theirs, ratio=pairs.ratio("cpu"))


def machine() -> str:
    """What it was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{clock.today()}: {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table under a line that names the machine."""
    lines = [HEADERS, ("---", "--:", "--:", "--:", "--:", "---"), *(row.cells() for row in rows)]
    return "\n".join([machine(), "", *(f"| {' | '.join(cells)} |" for cells in lines)])


def write(rows: Sequence[Row], page: Path = PAGE) -> None:
    """Put the table into the page, in the place of the one before. Raises ValueError where the page has no place."""
    put(page, markdown(rows))


def put(page: Path, text: str) -> None:
    """Put what was measured into a page, in the place of what stood there. Raises ValueError where it has no place."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} has no lines {BEGIN} and {END} to write between")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", encoding="utf-8")
