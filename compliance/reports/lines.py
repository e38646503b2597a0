"""The lines of the report model: one class for each kind of thing that a report lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from compliance.rules.model import Bilingual, Outcome, Rule

Found = tuple[str, Outcome]
"""A rule and what became of it, failed or unknown: what it says of a title depends on both."""


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One run of the trend."""

    run_id: str
    as_of: date
    allow: int
    hold: int
    block: int

    @property
    def judged(self) -> int:
        """All judged titles."""
        return self.allow + self.hold + self.block


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule did in the run."""

    rule: Rule
    evaluated: int
    fail: int
    unknown: int
    actions: Mapping[str, int]
    """Findings by action."""
    fresh: int
    """Findings that the run before did not have."""
    cured: int
    """Findings of the run before that this one does not have, though it asked the rule again."""
    off: bool
    reason: str | None
    """Why the rule is off."""

    @property
    def rank(self) -> int:
        """0 for a rule that blocks, 1 for one that holds, 2 for one that warns, 3 for one without findings."""
        return next((rank for rank, action in enumerate(("block", "hold", "warn")) if self.actions.get(action)), 3)

    @property
    def findings(self) -> int:
        """Titles with a finding of this rule."""
        return self.fail + self.unknown

    @property
    def says(self) -> Bilingual:
        """What the rule says of its findings; where it failed at no title, nothing is said to be proven."""
        return self.rule.says("unknown" if self.unknown and not self.fail else "fail")

    @property
    def cure(self) -> Bilingual:
        """What is to be done: about failures, about what could not be told, or about each of the two."""
        failed, unknown = self.rule.cure("fail"), self.rule.cure("unknown")
        if not self.unknown or failed == unknown:
            return failed
        if not self.fail:
            return unknown
        return Bilingual(f"{failed.zh}；无法判定的：{unknown.zh}", f"{failed.en}; where unknown: {unknown.en}")


@dataclass(frozen=True, slots=True)
class Share:
    """Verdicts of one group of titles, such as a regime."""

    name: str
    allow: int
    hold: int
    block: int

    @property
    def judged(self) -> int:
        """All titles of the group."""
        return self.allow + self.hold + self.block


@dataclass(frozen=True, slots=True)
class ProducerLine:
    """Blocked and held titles of one producer, and how many of its titles were judged."""

    name: str
    judged: int | None
    """None: not known, for the titles that name no producer."""
    hold: int
    block: int
    fresh: int
    """Titles with a finding that the run before did not have."""


@dataclass(frozen=True, slots=True)
class Age:
    """Findings that block or hold, by how long they have stood: from `days_from` on, below `days_until` (None: on)."""

    days_from: int
    days_until: int | None
    block: int
    hold: int


@dataclass(frozen=True, slots=True)
class SlotLine:
    """Placements of one slot that are active on the as-of day."""

    name: str
    active: int | None
    """None: not known, the run was made without reports."""
    blocked: int
    held: int


@dataclass(frozen=True, slots=True)
class LabelLine:
    """Label rows of one channel."""

    channel: str
    rows: int
    with_text: int
    newest: date | None


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One filing system's extract."""

    system: str
    rows: int
    newest: date | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """A day after the as-of day on which something changes here."""

    on: date
    kind: Literal["law", "register", "platform"]
    says: Bilingual


@dataclass(frozen=True, slots=True)
class Urgent:
    """One thing to act on: how many there are, and which titles of the table (or which section) it means."""

    key: str
    """Of the report's texts."""
    number: int
    decision: str = ""
    stage: str = ""
    slot: str = ""
    section: str = ""
    """The section of the report that says more."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Titles that are blocked or held by exactly these findings."""

    found: tuple[Found, ...]
    decision: str
    titles: int


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of a video's frame that was read, as a JPEG."""

    title_id: str
    episode_no: int | None
    outcome: str
    """What became of the reading, such as `verified` (contract, section 3)."""
    text: str
    at_s: float | None
    path: str
    """Within the evidence store."""
    file: Path


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding of a title, with the values that the rule saw."""

    rule: str
    outcome: Outcome
    action: str
    evidence: Mapping[str, Any]
    since: date | None
    fresh: bool


@dataclass(frozen=True, slots=True)
class TitleLine:
    """One blocked or held title with its findings; texts are empty where unknown."""

    title_id: str
    name: str
    platform: str
    producer: str
    decision: str
    stage: str
    regime: str
    tier: int | None
    permit: str
    online_on: date | None
    slots: Sequence[str]
    """Slots of its active placements."""
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something occurs."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Findings compared with the run before."""

    before: RunPoint
    fresh: int
    standing: int
    cured: int
    gone: int
    """Findings that are not there any more because their title, or their rule, is not judged any more."""


WaiverState = Literal["in_use", "expiring", "not_honoured", "unused", "expired", "revoked"]
"""What has become of a waiver; not honoured: the policy does not let its rule be waived."""


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """One waiver, and on how many findings of the run it was used."""

    waiver_id: str
    scope: str
    subject: str
    rule: str
    approved_by: str
    last_on: date
    days_left: int
    used: int
    state: WaiverState


@dataclass(frozen=True, slots=True)
class GuardLine:
    """How near the run came to one bound of the guard of the block list."""

    name: str
    column: str
    """The column of `fill_fallen`; empty for the others."""
    value: float
    bound: float
    count: int
    held: bool
    """Beyond the bound: the list is held until somebody approves it."""
    least: int = 0
    """Fewer rows than these hold nothing, however far beyond the bound."""

    @property
    def state(self) -> Literal["guard_held", "guard_too_few", "guard_passed"]:
        """What became of it, as a key of the report's texts, which may tell count and least count."""
        if self.held:
            return "guard_held"
        return "guard_too_few" if self.value > self.bound and self.count < self.least else "guard_passed"

    @property
    def told(self) -> bool:
        """Whether there is anything to tell: not for a reading that is as it was."""
        return self.held or bool(self.value)

    @property
    def days(self) -> int | None:
        """What a reading counts that is of days: it has neither a share nor a bound. None for the others."""
        return self.count if self.name == "other_day" else None
