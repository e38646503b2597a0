"""Waivers: what a person has answered for, up to a day. One function decides for a catalog, a title and the service."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.mistakes import no_such_rule
from compliance.permits import name_key, names_equal
from compliance.permits.folding import drop_unseen
from compliance.policy.settings import WaiverSettings

Scope = Literal["title", "platform", "producer"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver of one rule, for a title, or for all titles of a platform or a producer."""

    waiver_id: str
    scope: Scope
    subject: str
    """The title_id, the platform, or the producer's name."""
    rule: str
    last_on: date
    """The last day on which it holds, in Asia/Shanghai."""
    reason: str
    ticket: str
    requested_by: str
    approved_by: str
    granted_on: date
    permit: str | None = None
    """Of a title's waiver: the canonical number it was given for; with another number it is void."""
    evidence: str | None = None
    """Of a title's waiver: what the rule saw when it was given (`seen`); void once the rule sees anything else."""
    revoked_on: date | None = None

    def state(self, as_of: date) -> Literal["in_force", "expired", "revoked"]:
        """Whether it is over on a day, as far as the waiver itself tells; a revoked one is over on every day."""
        if self.revoked_on is not None:
            return "revoked"
        return "expired" if as_of > self.last_on else "in_force"

    def days_left(self, as_of: date) -> int:
        """Days on which it still holds, the as-of day included; 0: over."""
        return max(0, (self.last_on - as_of).days + 1)


@dataclass(frozen=True, slots=True)
class Case:
    """A finding as far as a waiver asks about it."""

    title_id: str
    platform: str | None
    producer: str | None
    rule: str
    permit: str | None
    evidence: str
    """What the rule saw, as `seen` writes it."""


class Waivers:
    """The waivers that there are, found by what they are for."""

    def __init__(self, waivers: Iterable[Waiver] = ()) -> None:
        self.all = tuple(waivers)
        self._by_subject: dict[tuple[str, Scope, str], list[Waiver]] = {}
        for waiver in self.all:
            key = (waiver.rule, waiver.scope, subject_key(waiver.scope, waiver.subject))
            self._by_subject.setdefault(key, []).append(waiver)

    def __bool__(self) -> bool:
        return bool(self.all)

    def honoured(self, settings: WaiverSettings) -> Waivers:
        """Those that a policy lets count: a rule of its `never` is waived by none, whenever it was granted.

        Whatever judges by waivers takes them through here.
        """
        return Waivers(waiver for waiver in self.all if is_honoured(waiver, settings))

    def in_force(self, as_of: date) -> tuple[Waiver, ...]:
        """The waivers that hold on a day, as far as they tell themselves."""
        return tuple(waiver for waiver in self.all if waiver.state(as_of) == "in_force")

    def waiver_for(self, case: Case, as_of: date) -> Waiver | None:
        """The waiver under which a finding does not count on a day; of several the one that holds longest."""
        subjects: tuple[tuple[Scope, str | None], ...] = (
            ("title", case.title_id),
            ("platform", case.platform),
            ("producer", case.producer),
        )
        held = [
            waiver
            for scope, subject in subjects
            if subject and (key := subject_key(scope, subject))  # marks alone are nobody's name
            for waiver in self._by_subject.get((case.rule, scope, key), ())
            if waiver.state(as_of) == "in_force" and not is_void(waiver, case)
        ]
        return max(held, key=lambda waiver: (waiver.last_on, waiver.waiver_id), default=None)


NO_WAIVERS = Waivers()


def is_honoured(waiver: Waiver, settings: WaiverSettings) -> bool:
    """Whether a policy lets the waiver count, which may have been granted under another one."""
    return waiver.rule not in settings.never


def is_for(waiver: Waiver, titles: Mapping[Scope, str | None]) -> bool:
    """Whether a waiver is for a title of this id, platform and producer."""
    subject = titles[waiver.scope]
    if subject is None:
        return False
    return subject_key(waiver.scope, subject) == subject_key(waiver.scope, waiver.subject)


def alike(one: Waiver, other: Waiver) -> bool:
    """Whether two waivers waive the same rule for the same title, platform or producer."""
    keys = {(waiver.rule, waiver.scope, subject_key(waiver.scope, waiver.subject)) for waiver in (one, other)}
    return len(keys) == 1


def is_void(waiver: Waiver, case: Case) -> bool:
    """Whether a title's waiver was given for another number, or for something else than the rule sees now."""
    if waiver.scope != "title":
        return False
    return waiver.permit != case.permit or waiver.evidence != case.evidence


def seen(evidence: Mapping[str, Any]) -> str:
    """What a rule saw as one text for one state of things; days and instants as the outputs write them."""
    return json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_written)


def _written(value: object) -> str:
    """A day or an instant as the engine writes it: no zeros at the end of a fraction of a second."""
    return str(value).rstrip("0") if isinstance(value, datetime) and value.microsecond else str(value)


def refuse_unfit(waiver: Waiver, settings: WaiverSettings, rules: Collection[str]) -> None:
    """Raise ConfigurationError with everything that keeps a waiver from being granted on its `granted_on`."""
    problems = [
        worded(f"{name} 为空", f"{name} is empty")
        for name in ("subject", "reason", "ticket", "requested_by", "approved_by")
        if not drop_unseen(getattr(waiver, name))
    ]
    if waiver.subject and not subject_key(waiver.scope, waiver.subject):
        problems.append(worded(f"“{waiver.subject}”不是名称", f"{waiver.subject!r} is no name"))
    if waiver.rule not in rules:
        problems.append(no_such_rule(waiver.rule, rules))
    if waiver.rule in settings.never:
        problems.append(
            worded(
                f"{waiver.rule} 不得豁免（政策 [waivers] never）",
                f"{waiver.rule} cannot be waived (policy, [waivers] never)",
            )
        )
    if names_equal(waiver.requested_by, waiver.approved_by):  # however the one person is written
        asks = waiver.requested_by.strip()
        problems.append(worded(f"{asks} 不能批准自己的申请", f"{asks} cannot approve what {asks} asks for"))
    if waiver.last_on < waiver.granted_on:
        problems.append(
            worded(
                f"截止日 {waiver.last_on} 已过：今天是 {waiver.granted_on}",
                f"its last day {waiver.last_on} is over: today is {waiver.granted_on}",
            )
        )
    if waiver.days_left(waiver.granted_on) > settings.longest_days:
        days = waiver.days_left(waiver.granted_on)
        problems.append(
            worded(
                f"将持续 {days} 天，政策最长允许 {settings.longest_days} 天",
                f"it would hold for {days} days, and the policy allows {settings.longest_days}",
            )
        )
    if problems:
        raise ConfigurationError(
            worded(
                f"不能批准此豁免，原因 {len(problems)} 条",
                f"this waiver cannot be granted, for {len(problems)} reason(s)",
            ),
            problems=problems,
            remedy=worded(
                "`gate waive add --help` 说明豁免需要什么；`gate policy show waivers` 列出其界限",
                "`gate waive add --help` tells what a waiver needs; `gate policy show waivers` lists its bounds",
            ),
        )


def subject_key(scope: Scope, subject: str) -> str:
    """Equal for two subjects that are the same: names of producers are equal by name equality."""
    return name_key(subject) if scope == "producer" else subject
