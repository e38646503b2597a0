"""What a rule is: the words of its front matter, and its expressions, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from compliance.policy import Action
from compliance.policy.settings import StageActions
from compliance.rules.facts import FACTS
from compliance.rules.grammar import Vocabulary
from compliance.rules.language import Expression, parse_condition

Outcome = Literal["not_applicable", "pass", "fail", "unknown"]
"""What became of one rule at one title."""

ACTIONS: Final[tuple[Action, ...]] = ("warn", "hold", "block")
"""What a failed rule may ask for, mildest first: the worst action of a title decides."""

Choices = tuple[tuple[Action, Expression | None], ...]
"""Actions with their conditions: the first that holds is taken; the last has none."""


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in both languages of the gate."""

    zh: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Softer:
    """A milder action of a failed rule where a condition holds."""

    action: Action
    when: Expression


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its file says it.

    At a title of one of `kinds`: not applicable where `applies` is false, else unknown where `unknown_when` is true,
    else failed where `fails` is true, else passed. Of a failed rule the first of `softer` whose condition holds gives
    the action, else `action` does. An unknown outcome always acts as hold.
    """

    id: str
    title: Bilingual
    action: Action
    clause: str
    needs: tuple[str, ...]
    kinds: tuple[str, ...]
    applies: Expression
    fails: Expression
    evidence: tuple[str, ...]
    remedy: Bilingual
    unknown_when: Expression | None = None
    unknown_title: Bilingual | None = None
    """What is said of a title at which it is unknown: nothing is proven against it."""
    unknown_remedy: Bilingual | None = None
    softer: tuple[Softer, ...] = ()
    because: Bilingual | None = None
    path: Path | None = None

    def says(self, outcome: Outcome) -> Bilingual:
        """What is said of a title of that outcome."""
        return self.unknown_title if outcome == "unknown" and self.unknown_title is not None else self.title

    def cure(self, outcome: Outcome) -> Bilingual:
        """What is to be done about that outcome."""
        return self.unknown_remedy if outcome == "unknown" and self.unknown_remedy is not None else self.remedy

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All expressions of the rule, in the order in which they are asked."""
        asked = (self.applies, self.unknown_when, self.fails, *(softer.when for softer in self.softer))
        return tuple(expression for expression in asked if expression is not None)

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that the rule asks or shows, sorted."""
        asked = {name for expression in self.expressions for name in expression.facts}
        return tuple(sorted(asked | set(self.evidence)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the rule asks, sorted."""
        return tuple(sorted({name for expression in self.expressions for name in expression.parameters}))

    def choices(self, by_stage: StageActions | None = None) -> Choices:
        """The actions of the failed rule, each with its condition: the first that holds is taken, the last needs none.

        What the policy asks for at a stage stands before what the rule says.
        """
        stages = by_stage.model_dump(exclude_none=True) if by_stage is not None else {}
        asked = [(action, _at_stage(stage)) for stage, action in stages.items()]
        return (*asked, *((softer.action, softer.when) for softer in self.softer), (self.action, None))


def _at_stage(stage: str) -> Expression:
    return parse_condition(f"stage = '{stage}'", Vocabulary(FACTS, {}))
