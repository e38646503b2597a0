"""The policy: regimes and settings with their dates, sources and confidence, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from compliance.language import Message, worded
from compliance.mistakes import written_as
from compliance.permits import Unreadable, parse
from compliance.policy.settings import (
    Confidence,
    Day,
    GuardSettings,
    RuleId,
    RuleSettings,
    Setting,
    SettingValue,
    StageActions,
    Table,
    Text,
    WaiverSettings,
    Wording,
)

Form = Literal["live_action", "ai", "animation"]
FORMS: tuple[Form, ...] = ("live_action", "ai", "animation")

SUBJECT_SEPARATORS = ",，、"


def _word(subject: str) -> str:
    if not subject or subject != subject.strip() or set(subject) & set(SUBJECT_SEPARATORS):
        raise ValueError(
            worded(
                f"{subject!r} 不是单独一个题材词，没有剧目的题材会与之相等",
                f"{subject!r} is no single word: no subject of a title would equal it",
            )
        )
    return subject


def _canonical(text: str) -> str:
    number = parse(text)
    if isinstance(number, Unreadable):
        raise ValueError(worded("不是备案号或许可证号", "is no permit number"))  # noqa: TRY004 - what Pydantic gathers
    return number.canonical


Subject = Annotated[str, AfterValidator(_word)]
Placeholder = Annotated[str, AfterValidator(_canonical)]
Yuan = Annotated[int, Field(ge=1, le=1_000_000_000_000)]


class Period(Table):
    """Days on which a regime holds for some forms, with the amounts (yuan) from which its tiers 1 and 2 begin."""

    forms: tuple[Form, ...] = Field(min_length=1, strict=False)
    from_: Day = Field(alias="from")
    until: Day | None = None
    """Last day in force; None: still in force."""
    tier_1_from_yuan: Yuan
    tier_2_from_yuan: Yuan | None = None
    """None: the regime has no tier 2."""
    confidence: Confidence

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until is not None and self.until < self.from_:
            raise ValueError(
                worded(
                    f"until（{self.until}）早于 from（{self.from_}）",
                    f"until ({self.until}) is before from ({self.from_})",
                )
            )
        if self.tier_2_from_yuan is not None and self.tier_2_from_yuan >= self.tier_1_from_yuan:
            raise ValueError(
                worded("tier_2_from_yuan 不低于 tier_1_from_yuan", "tier_2_from_yuan is not below tier_1_from_yuan")
            )
        return self


class Regime(Table):
    """One set of rules on tiers: what lifts a title into tier 1 or 2, and when (regulation, section 1)."""

    id: Annotated[str, written_as(r"[a-z0-9-]+", Message("只含 a-z、0-9 和连字符", "with a-z, 0-9 and hyphens only"))]
    title: Wording
    source: Text
    confidence: Confidence
    special_subjects: bool
    """A special subject is tier 1."""
    promotion: bool
    """Sponsor promotion or a first-screen placement is tier 1."""
    voluntary_tiers: tuple[Annotated[int, Field(ge=1, le=2)], ...] = Field(strict=False)
    """Tiers that a producer may choose."""
    episode_bound_s: int = Field(ge=1, le=86_400)
    """From this length of an episode on, a title is no micro-drama."""
    episode_count_bound: int | None = Field(default=None, ge=1, le=100_000)
    """Above this count a title is no micro-drama; None: no bound."""
    periods: tuple[Period, ...] = Field(min_length=1, strict=False)


class Policy(Table):
    """All dated law and every setting that a run is judged by."""

    revision: Text
    special_subjects: Annotated[
        tuple[Subject, ...], Message("特殊题材：题材词与之相等的剧目", "subjects that are special, equal word for word")
    ] = Field(min_length=1, strict=False)
    placeholders: Annotated[
        tuple[Placeholder, ...],
        Message("官方示例编号：不属于任何剧目", "numbers of official examples, which are nobody's"),
    ] = Field(strict=False)
    regimes: tuple[Regime, ...] = Field(min_length=1, strict=False)
    settings: Mapping[str, Setting]
    rules: RuleSettings = RuleSettings()
    actions: Mapping[RuleId, StageActions] = Field(default_factory=dict)
    waivers: WaiverSettings = WaiverSettings()
    guard: GuardSettings = GuardSettings()

    @field_validator("regimes")
    @classmethod
    def _each_has_its_own_name(cls, regimes: tuple[Regime, ...]) -> tuple[Regime, ...]:
        """Verdicts, findings and reports tell regimes apart by their ids alone."""
        ids = [regime.id for regime in regimes]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            names = ", ".join(twice)
            raise ValueError(worded(f"制度的 id 重复：{names}", f"several regimes have the id {names}"))
        return regimes

    @field_validator("regimes")
    @classmethod
    def _every_day_has_one_regime(cls, regimes: tuple[Regime, ...]) -> tuple[Regime, ...]:
        for form in FORMS:
            _unbroken(form, [(period, regime.id) for regime, period in _periods(regimes, form)])
        return regimes

    def periods(self, form: Form) -> list[tuple[Regime, Period]]:
        """The regimes that hold for a form, in order of time."""
        return _periods(self.regimes, form)

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


def _periods(regimes: tuple[Regime, ...], form: Form) -> list[tuple[Regime, Period]]:
    held = [(regime, period) for regime in regimes for period in regime.periods if form in period.forms]
    return sorted(held, key=lambda pair: pair[1].from_)


def _unbroken(form: Form, periods: list[tuple[Period, str]]) -> None:
    """A gap or overlap between regimes would leave a title without law, or with two."""
    if not periods:
        raise ValueError(worded(f"形式 {form} 没有任何制度", f"no regime holds for form {form}"))
    for (earlier, earlier_id), (later, later_id) in pairwise(periods):
        if earlier.until is None or (later.from_ - earlier.until).days != 1:
            raise ValueError(
                worded(
                    f"形式 {form}：{later_id} 自 {later.from_} 起，而 {earlier_id} 至 {earlier.until or '无终止日'}；"
                    "各项制度必须逐日相接",
                    f"form {form}: {later_id} begins on {later.from_}, but {earlier_id} ends on"
                    f" {earlier.until or 'no day'}; regimes must follow each other day by day",
                )
            )
    if last := periods[-1][0].until:
        raise ValueError(worded(f"形式 {form}：{last} 之后没有制度", f"form {form}: no regime holds after {last}"))
