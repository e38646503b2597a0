"""Whole processes, measured from outside: wall time, CPU time and peak memory, in turn, so that only ratios count."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.catalogs import HOME

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a process took."""

    wall: float
    """Seconds from start to end."""
    cpu: float
    """Seconds of CPU, children included."""
    peak: int
    """Bytes of memory at the worst moment, summed over the process and its children."""


@dataclass(frozen=True, slots=True)
class Work:
    """A command to measure."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], None] = lambda: None
    """Runs before each run, unmeasured."""
    exits: int = 0
    """The exit code that means success."""


class FailedWork(Exception):  # noqa: N818 - it tells which work failed
    """A measured process ended otherwise than it should."""


def measure(work: Work) -> Cost:
    """Run the work once. Raises FailedWork with the last lines it printed."""
    work.prepare()
    with tempfile.TemporaryFile() as printed:
        begun = time.perf_counter()
        process = subprocess.Popen(
            work.command,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,
        )
        peak = 0
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, _memory(process.pid))
            time.sleep(0.01)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != work.exits:
            printed.seek(0)
            said = printed.read().decode(errors="replace").strip().splitlines()[-15:]
            raise FailedWork("\n".join([f"{work.name}: exit {process.returncode}, not {work.exits}", *said]))
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak or usage.ru_maxrss * _RSS_UNIT)


def _environment() -> dict[str, str]:
    """Compiled modules are kept, as pip leaves them, whatever this environment says."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(HOME / "compiled")}


def _memory(session: int) -> int:
    """Resident bytes of all processes of a session; 0 where the system has no /proc.

    The kernel's own maximum (ru_maxrss) is the second choice: it counts what this process had when it forked.
    """
    total = 0
    for folder in _PROC.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            total += int(fields[21]) * _PAGE
    return total


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two works measured in turn, A B A B …."""

    ours: Sequence[Cost]
    peers: Sequence[Cost]

    def ratio(self, of: str = "wall") -> float:
        """The median over the pairs of ours ÷ the peer's."""
        ratios = [getattr(our, of) / getattr(peer, of) for our, peer in zip(self.ours, self.peers, strict=True)]
        return float(statistics.median(ratios))


def in_turn(ours: Work, peer: Work, rounds: int) -> Pairs:
    """Measure both so many times, one after the other."""
    costs = [(measure(ours), measure(peer)) for _ in range(rounds)]
    return Pairs([our for our, _ in costs], [theirs for _, theirs in costs])


def median(costs: Sequence[Cost], of: str = "wall") -> float:
    """The median of one figure."""
    return float(statistics.median(getattr(cost, of) for cost in costs))
