"""The policy: regimes and settings with their dates, sources and confidence, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from compliance.permits import Permit, Unreadable, parse
from compliance.policy.settings import (
    Confidence,
    GuardSettings,
    RuleSettings,
    Setting,
    SettingValue,
    StageActions,
    Table,
    WaiverSettings,
    Wording,
)

Form = Literal["live_action", "ai", "animation"]
FORMS: tuple[Form, ...] = ("live_action", "ai", "animation")


class Period(Table):
    """Days on which a regime holds for some forms, with the amounts (yuan) from which its tiers 1 and 2 begin."""

    forms: tuple[Form, ...] = Field(min_length=1, strict=False)
    from_: date = Field(alias="from")
    until: date | None = None
    """Last day in force; None: still in force."""
    tier_1_from_yuan: int = Field(gt=0)
    tier_2_from_yuan: int | None = Field(default=None, gt=0)
    """None: the regime has no tier 2."""
    confidence: Confidence

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise ValueError(f"until ({self.until}) is before from ({self.from_})")
        if self.tier_2_from_yuan is not None and self.tier_2_from_yuan >= self.tier_1_from_yuan:
            raise ValueError("tier_2_from_yuan is not below tier_1_from_yuan")
        return self


class Regime(Table):
    """One set of rules on tiers: what lifts a title into tier 1 or 2, and when (regulation, section 1)."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: Wording
    source: str = Field(min_length=1)
    confidence: Confidence
    special_subjects: bool
    """A special subject is tier 1."""
    promotion: bool
    """Sponsor promotion or a first-screen placement is tier 1."""
    voluntary_tiers: tuple[Literal[1, 2], ...] = Field(strict=False)
    """Tiers that a producer may choose."""
    episode_bound_s: int = Field(gt=0)
    """From this length of an episode on, a title is no micro-drama."""
    episode_count_bound: int | None = Field(default=None, gt=0)
    """Above this count a title is no micro-drama; None: no bound."""
    periods: tuple[Period, ...] = Field(min_length=1, strict=False)


class Policy(Table):
    """All dated law and every setting that a run is judged by."""

    revision: str = Field(min_length=1)
    special_subjects: tuple[str, ...] = Field(min_length=1, strict=False)
    placeholders: tuple[str, ...] = Field(strict=False)
    regimes: tuple[Regime, ...] = Field(min_length=1, strict=False)
    settings: Mapping[str, Setting]
    rules: RuleSettings = RuleSettings()
    actions: Mapping[str, StageActions] = Field(default_factory=dict)
    waivers: WaiverSettings = WaiverSettings()
    guard: GuardSettings = GuardSettings()

    @field_validator("placeholders")
    @classmethod
    def _canonical(cls, placeholders: tuple[str, ...]) -> tuple[str, ...]:
        numbers = [parse(text) for text in placeholders]
        if unreadable := [number.raw for number in numbers if isinstance(number, Unreadable)]:
            raise ValueError(f"no permit numbers: {', '.join(map(str, unreadable))}")
        return tuple(number.canonical for number in numbers if isinstance(number, Permit))

    @model_validator(mode="after")
    def _every_day_has_one_regime(self) -> Self:
        for form in FORMS:
            _unbroken(form, [(period, regime.id) for regime, period in self.periods(form)])
        return self

    def periods(self, form: Form) -> list[tuple[Regime, Period]]:
        """The regimes that hold for a form, in order of time."""
        held = [(regime, period) for regime in self.regimes for period in regime.periods if form in period.forms]
        return sorted(held, key=lambda pair: pair[1].from_)

    def regime_on(self, day: date, form: Form) -> tuple[Regime, Period]:
        """The regime in force on a day for a form; days before the first regime fall under it."""
        periods = self.periods(self.classified_as(form))
        for regime, period in reversed(periods):
            if period.from_ <= day:
                return regime, period
        return periods[0]

    def classified_as(self, form: Form) -> Form:
        """The form whose regimes and amounts apply (a setting for animation)."""
        if form == "animation" and self.setting("animation_amounts_as") == "ai":
            return "ai"
        return form

    def setting(self, name: str) -> SettingValue:
        """The value of a setting. Raises KeyError."""
        return self.settings[name].value

    def day(self, name: str) -> date:
        """The value of a setting that is a day."""
        value = self.setting(name)
        if not isinstance(value, date):
            raise TypeError(f"setting {name} is no day: {value!r}")
        return value

    def number(self, name: str) -> int | float:
        """The value of a setting that is a number."""
        value = self.setting(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"setting {name} is no number: {value!r}")
        return value


def _unbroken(form: Form, periods: list[tuple[Period, str]]) -> None:
    """A gap or overlap between regimes would leave a title without law, or with two."""
    if not periods:
        raise ValueError(f"no regime holds for form {form}")
    for (earlier, earlier_id), (later, later_id) in pairwise(periods):
        if earlier.until is None or (later.from_ - earlier.until).days != 1:
            raise ValueError(
                f"form {form}: {later_id} begins on {later.from_}, but {earlier_id} ends on"
                f" {earlier.until or 'no day'}; regimes must follow each other day by day"
            )
    if periods[-1][0].until is not None:
        raise ValueError(f"form {form}: no regime holds after {periods[-1][0].until}")
