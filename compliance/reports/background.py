"""What stands behind a run beside its files: the runs before it, the waivers that there are, frames of videos."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.ledger.runs import recorded_runs
from compliance.ledger.store import Ledger
from compliance.ledger.waivers import waivers_in
from compliance.reports.frames import evidence_in
from compliance.reports.lines import RunPoint
from compliance.reports.reading import run_point
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

if TYPE_CHECKING:
    from compliance.labels.store import Evidence


@dataclass(frozen=True, slots=True)
class Background:
    """What a report tells beside the run's own files."""

    past: tuple[RunPoint, ...] = ()
    """The runs before, the oldest first."""
    waivers: Waivers = NO_WAIVERS
    evidence: Evidence | None = None
    """What was read from videos, with its frames."""
    notes: tuple[str, ...] = ()
    """What is to be told beside the notes of the run."""


def background_of(ledger: Ledger | None, run_id: str, evidence: Path | None = None) -> Background:
    """The background of a run, which may not be in the ledger yet; `evidence` is the folder of frames.

    Raises LedgerError.
    """
    store = evidence_in(evidence)
    if ledger is None:
        return Background(evidence=store)
    before = takewhile(lambda run: run.run_id != run_id, recorded_runs(ledger))
    return Background(tuple(run_point(run.said) for run in before), waivers_in(ledger), store)
