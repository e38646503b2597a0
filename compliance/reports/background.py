"""What the ledger tells about a run: the runs before it, and the waivers that there are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from compliance.ledger.runs import recorded_runs
from compliance.ledger.store import Ledger
from compliance.ledger.waivers import waivers_in
from compliance.reports.lines import RunPoint
from compliance.reports.reading import run_point
from compliance.verdicts.waivers import NO_WAIVERS, Waivers


@dataclass(frozen=True, slots=True)
class Background:
    """What a report tells beside the run's own files."""

    past: tuple[RunPoint, ...] = ()
    """The runs before, the oldest first."""
    waivers: Waivers = NO_WAIVERS


def background_of(ledger: Ledger, run_id: str) -> Background:
    """The background of a run, which may not be in the ledger yet. Raises LedgerError."""
    before = takewhile(lambda run: run.run_id != run_id, recorded_runs(ledger))
    return Background(tuple(run_point(run.said) for run in before), waivers_in(ledger))
