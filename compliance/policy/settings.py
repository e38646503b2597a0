"""What a platform may choose: settings, rules that are off, other actions, the bounds of waivers and of the guard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR
from compliance.language import Message, worded
from compliance.mistakes import DAY, FLAG, NUMBER, TEXT, WHOLE_NUMBER, no_such_rule, none_of, outside, wrong_kind
from compliance.resources import rule_ids

Action = Literal["block", "hold", "warn"]
Stage = Literal["prepublish", "on_air"]
Confidence = Literal["H", "M", "L"]
SettingValue = bool | int | float | date | str

FIRST_DAY, LAST_DAY = date(EARLIEST_YEAR, 1, 1), date(LATEST_YEAR, 12, 31)
"""The days that a catalog may have; those of the law lie among them."""

_KINDS: Mapping[type, Message] = {bool: FLAG, int: WHOLE_NUMBER, float: NUMBER, date: DAY, str: TEXT}


class Table(BaseModel):
    """A table of the policy: no key and no kind of value but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _existing(rule: str) -> str:
    if rule not in rule_ids():
        raise ValueError(no_such_rule(rule, rule_ids()))
    return rule


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError(worded("停用规则须写明理由", "a rule is turned off with a reason"))
    return text


Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Share = Annotated[float, Field(ge=0, le=1)]
RuleId = Annotated[str, AfterValidator(_existing)]
Reason = Annotated[str, AfterValidator(_reason)]


class Wording(Table):
    """One text in both languages."""

    zh: Text
    en: Text


class Setting(Table):
    """A named value that the law leaves open or that is ours to choose."""

    value: SettingValue
    choices: tuple[str, ...] = Field(default=(), strict=False)
    """All that a text may be."""
    least: int | float | None = None
    most: int | float | None = None
    """The bounds of a number, which it may reach."""
    last_day: bool = False
    """The value is the last day of a term: what hangs on it changes on the day after."""
    meaning: Wording
    source: Text
    confidence: Confidence

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if isinstance(self.value, str) != bool(self.choices):
            raise ValueError("a text has choices, and nothing else has")
        if (type(self.value) in (int, float)) != (self.least is not None and self.most is not None):
            raise ValueError("a number has bounds, and nothing else has")
        if self.last_day and not isinstance(self.value, date):
            raise ValueError("nothing but a day is the last one of a term")
        if wrong := self.unfit(self.value):
            raise ValueError(wrong)
        return self

    @property
    def bounds(self) -> tuple[Any, Any]:
        """The least and the greatest value of a number or a day; None and None for what has no order."""
        return (FIRST_DAY, LAST_DAY) if isinstance(self.value, date) else (self.least, self.most)

    def unfit(self, value: Any) -> str:  # noqa: ANN401 - whatever stands in a file
        """What keeps a value from being this setting's, in words; empty where nothing does.

        A setting keeps the kind of value that it has: a day stays a day.
        """
        kind = type(self.value)
        if type(value) is not kind and not (kind is float and type(value) is int):
            return wrong_kind(value, _KINDS[kind])
        if kind is str:
            return "" if value in self.choices else none_of(value, self.choices)
        least, most = self.bounds
        return "" if least is None or least <= value <= most else outside(value, least, most)


class RuleSettings(Table):
    """Which rules are off, each with a reason."""

    off: Mapping[RuleId, Reason] = Field(default_factory=dict)

    @field_validator("off", mode="before")
    @classmethod
    def _each_with_its_reason(cls, off: object) -> object:
        if not isinstance(off, Mapping):
            raise ValueError(  # noqa: TRY004 - what Pydantic gathers
                worded(
                    '每条停用的规则都写明理由：先写 [rules.off]，其下写 规则 = "理由"',
                    'each rule is turned off with a reason: [rules.off], and below it: rule = "reason"',
                )
            )
        return off


class WaiverSettings(Table):
    """Bounds of what a person may waive."""

    never: Annotated[tuple[RuleId, ...], Message("不得豁免的规则", "rules that cannot be waived")] = Field(
        default=(), strict=False
    )
    longest_days: Annotated[
        int,
        Field(ge=1, le=366),
        Message("豁免最多持续多少天，含首尾两日", "days for which a waiver may hold, its first and last included"),
    ] = 90


class GuardSettings(Table):
    """Bounds beyond which a block list is held back until a person approves it."""

    on: Annotated[
        bool,
        Message("是否熔断；关闭则从不", "whether lists are held back at all"),
    ] = True
    least_count: Annotated[
        int,
        Field(ge=0, le=1_000_000),
        Message("不足此行数的，无论比例多少都不触发", "fewer rows than these hold nothing, whatever their share"),
    ] = 100
    catalog_shrunk: Annotated[
        Share, Message("剧目减少的比例，与生效那次审核相比", "titles fewer, of those of the run in force")
    ] = 0.1
    register_shrunk: Annotated[
        Share,
        Message("备案库行数减少的比例，与生效那次审核相比", "rows of the register fewer, of those of the run in force"),
    ] = 0.1
    register_stale: Annotated[
        Share,
        Message(
            "因某备案系统刚过期而无法判定的剧目占所判剧目的比例",
            "titles made unknown by a filing system newly gone stale, of those judged",
        ),
    ] = 0.01
    fill_fallen: Annotated[
        Share, Message("某一列有值的行所占比例下降多少", "by how much a column's share of filled rows falls")
    ] = 0.1
    added: Annotated[Share, Message("新增条目与生效名单之比", "entries added, of those in force")] = 0.5
    removed: Annotated[Share, Message("移除条目占生效名单的比例", "entries removed, of those in force")] = 0.2
    placements_hit: Annotated[
        Share,
        Message(
            "被拦截剧目的在用推荐位占全部在用推荐位的比例", "active placements of blocked titles, of all active ones"
        ),
    ] = 0.5
    unknown: Annotated[
        Share, Message("有规则无法判定的剧目占所判剧目的比例", "titles at which a rule is unknown, of those judged")
    ] = 0.5
    proposer_may_approve: Annotated[
        bool, Message("提交名单的人能否自己批准", "whether whoever proposed a list may approve it")
    ] = False


class StageActions(Table):
    """The action of one rule at each stage, where it is not the rule's own."""

    prepublish: Action | None = None
    on_air: Action | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.prepublish is None and self.on_air is None:
            raise ValueError(
                worded("没有写 prepublish 或 on_air 的处置", "no action is given: write prepublish or on_air, or both")
            )
        return self
