"""The summary of a run: what came in, what became of it, rule by rule (contract, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, RunInvalidError
from compliance.language import worded


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """What one rule did in a run."""

    evaluated: int
    """Titles to which the rule applied: passed, failed and unknown together."""
    fail: int
    unknown: int
    off: bool
    reason: str | None = None
    """Why the rule is off."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One run in numbers. `counts` is what `count_titles` of the engine gives."""

    run_id: str
    as_of: date
    policy: str
    counts: Mapping[str, int]
    rules: Mapping[str, RuleCounts]
    regimes: Mapping[str, int]
    """Judged micro-dramas by regime."""
    engine: str
    seconds: float
    inputs: Mapping[str, int]
    """Rows of each relation in the catalog."""
    stale_systems: tuple[str, ...] = ()
    """Filing systems without rows, or with an extract that is too old."""
    notes: tuple[str, ...] = field(default=())
    carried_from: str | None = None
    """The run from which an incremental audit has what it did not judge itself; None: everything was judged."""

    def exit_code(self) -> int:
        """3 where something that should have been judged was not, 1 where a title is blocked or held, else 0."""
        if self.counts["quarantined"]:
            return EXIT_INCOMPLETE
        return EXIT_FOUND if self.counts["block"] or self.counts["hold"] else EXIT_CLEAR

    def as_json(self) -> dict[str, Any]:
        """The summary as JSON values; days as ISO text."""
        return {**asdict(self), "as_of": self.as_of.isoformat(), "exit_code": self.exit_code()}

    def prove_written(self, verdicts: int) -> None:
        """Raise RunInvalidError unless as many verdicts were written as titles were judged."""
        if verdicts != self.counts["judged"]:
            raise RunInvalidError(
                worded(
                    f"应有 {self.counts['judged']:,} 条判定，写出 {verdicts:,} 条；没有发布任何结果",
                    f"{self.counts['judged']:,} titles were judged, and {verdicts:,} written: nothing published",
                ),
                remedy=worded(
                    "这是程序缺陷，与片库无关：请报告", "this is a defect of the program, not of the catalog: report it"
                ),
            )

    def prove(self) -> None:
        """Raise RunInvalidError unless the counts add up: a title that is in no count would have passed in silence."""
        counts = self.counts
        wrong = []
        if counts["judged"] != counts["allow"] + counts["hold"] + counts["block"]:
            wrong.append("judged is not allow + hold + block")
        accounted = sum(counts[name] for name in ("judged", "offline", "other", "repeated", "nameless"))
        if counts["titles"] != accounted:
            wrong.append(
                f"titles ({counts['titles']:,}) is not judged + offline + other + repeated + nameless ({accounted:,})"
            )
        if counts["judged"] > counts["unjudged"] and not any(
            rule.evaluated or rule.off for rule in self.rules.values()
        ):
            wrong.append("no rule was evaluated on any title")
        if wrong:
            raise RunInvalidError(
                worded(
                    "本次审核的计数合不上；什么都没有发布", "the counts of the run do not add up; nothing was published"
                ),
                problems=wrong,
                remedy=worded(
                    "这是程序的缺陷，与片库无关：请连同计数报告",
                    "this is a defect of the program, not of the catalog: report it with the summary",
                ),
            )
