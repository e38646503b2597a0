"""What a platform may choose: settings, rules that are off, other actions, the bounds of waivers and of the guard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Action = Literal["block", "hold", "warn"]
Stage = Literal["prepublish", "on_air"]
Confidence = Literal["H", "M", "L"]
SettingValue = bool | int | float | date | str


class Table(BaseModel):
    """A table of the policy: no key and no kind of value but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Wording(Table):
    """One text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Setting(Table):
    """A named value that the law leaves open or that is ours to choose."""

    value: SettingValue
    choices: tuple[str, ...] = Field(default=(), strict=False)
    meaning: Wording
    source: str = Field(min_length=1)
    confidence: Confidence

    @model_validator(mode="after")
    def _chosen(self) -> Self:
        if self.choices and self.value not in self.choices:
            raise ValueError(f"{self.value!r} is none of {', '.join(self.choices)}")
        return self


class RuleSettings(Table):
    """Which rules are off, each with a reason."""

    off: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("off", mode="before")
    @classmethod
    def _each_with_its_reason(cls, off: object) -> object:
        if not isinstance(off, Mapping):
            # Pydantic gathers ValueErrors alone.
            raise ValueError('each rule is turned off with a reason: [rules.off], and below it: rule = "reason"')  # noqa: TRY004
        return off

    @field_validator("off")
    @classmethod
    def _reasons(cls, off: Mapping[str, str]) -> Mapping[str, str]:
        if silent := [rule for rule, reason in off.items() if not reason.strip()]:
            raise ValueError(f"a rule is turned off with a reason: {', '.join(silent)}")
        return off


class WaiverSettings(Table):
    """Bounds of what a person may waive."""

    never: tuple[str, ...] = Field(default=(), strict=False)
    """Rules that cannot be waived."""
    longest_days: int = Field(default=90, gt=0)
    """Days for which a waiver may hold, its first and last included."""


class GuardSettings(Table):
    """Bounds beyond which a block list is held back until a person approves it. Shares lie between 0 and 1."""

    on: bool = True
    least_count: int = Field(default=100, ge=0)
    """Fewer rows than these hold nothing, whatever their share."""
    catalog_shrunk: float = Field(default=0.1, ge=0)
    """Titles fewer, of those of the run in force."""
    register_shrunk: float = Field(default=0.1, ge=0)
    register_stale: float = Field(default=0.01, ge=0)
    """Titles, of those judged, that a filing system newly gone stale has made unknown."""
    fill_fallen: float = Field(default=0.1, ge=0)
    """By how much a column's share of filled rows may fall."""
    added: float = Field(default=0.5, ge=0)
    """Entries added, of those in force."""
    removed: float = Field(default=0.2, ge=0)
    """Entries removed, of those in force."""
    placements_hit: float = Field(default=0.5, ge=0)
    """Active placements of blocked titles, of all active ones."""
    unknown: float = Field(default=0.5, ge=0)
    """Titles at which a rule is unknown, of those judged."""
    proposer_may_approve: bool = False
    """Whoever ran the audit may also release its list."""


class StageActions(Table):
    """The action of one rule at each stage, where it is not the rule's own."""

    prepublish: Action | None = None
    on_air: Action | None = None
