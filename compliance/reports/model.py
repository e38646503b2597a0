"""The report model: what every form of the report says about a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.reports.foreseen import Foreseen
from compliance.reports.lines import (
    Age,
    Changes,
    Coming,
    Frame,
    GuardLine,
    LabelLine,
    ProducerLine,
    Reason,
    RegisterLine,
    RuleLine,
    RunPoint,
    Share,
    SlotLine,
    Tally,
    TitleLine,
    Urgent,
    WaiverLine,
)
from compliance.rules.model import Bilingual


@dataclass(frozen=True, slots=True)
class Report:
    """One run as its readers need it."""

    run_id: str
    as_of: date
    policy: str
    engine: str
    seconds: float
    counts: Mapping[str, int]
    inputs: Mapping[str, int]
    stale_systems: tuple[str, ...]
    notes: tuple[str, ...]
    complete: bool
    """Whether the run was made with what reports need; else names, and parts of the breakdowns, are missing."""
    trend: tuple[RunPoint, ...]
    """The runs up to this one, the oldest first, this one last."""
    changes: Changes | None
    """None: there was no run before."""
    rules: tuple[RuleLine, ...]
    """Rules that block first, then those that hold, then those that warn; in each the most findings first."""
    stages: Mapping[str, Share]
    regimes: tuple[Share, ...]
    tiers: tuple[Share, ...]
    platforms: tuple[Share, ...]
    producers: tuple[ProducerLine, ...]
    """The producers with the most blocked and held titles."""
    ages: tuple[Age, ...]
    reasons: tuple[Reason, ...]
    slots: tuple[SlotLine, ...]
    leaks: tuple[Tally, ...]
    """Active placements of blocked titles, by failed rule."""
    quarantine: tuple[Tally, ...]
    """Rows set apart, by relation and reason."""
    register: tuple[RegisterLine, ...]
    labels: tuple[LabelLine, ...]
    waivers: tuple[WaiverLine, ...]
    """All waivers, those that need attention first."""
    guard: tuple[GuardLine, ...]
    """What the guard saw, what it holds first, then the nearest to its bound; empty where no list is published."""
    coming: tuple[Coming, ...]
    forecast: tuple[Foreseen, ...]
    """What the forecast kept with the run foresees; empty without one."""
    titles: tuple[TitleLine, ...]
    """The first blocked and held titles: first-screen ones, blocked ones on air, blocked ones, held ones."""
    frames: Mapping[str, Sequence[Frame]]
    """By title: the frames that the page shows with it; empty where no labels were read from videos."""
    frames_left_out: int
    findings: int
    first: tuple[Urgent, ...]
    """What to do first, the most urgent first."""
    names: Mapping[str, Bilingual]
    """What platforms and regimes are called, by their ids."""
    listed_producers: int
    """Producers with a blocked or held title, in all."""

    @property
    def listed(self) -> int:
        """Blocked and held titles in all."""
        return self.counts["block"] + self.counts["hold"]

    @property
    def left_out(self) -> int:
        """Blocked and held titles that `titles` leaves out."""
        return self.listed - len(self.titles)

    def called(self, key: str) -> Bilingual:
        """What a platform or a regime is called; its id where nobody knows."""
        return self.names.get(key) or Bilingual(key, key)
