"""The days to come on which something changes here: the law, an extract gone stale, a platform's registration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from compliance.policy import Policy
from compliance.policy.settings import Setting
from compliance.reports.lines import Coming, RegisterLine
from compliance.reports.texts import catalog_word
from compliance.rules.model import Bilingual

HORIZON = timedelta(days=180)
"""How far ahead registrations are looked at; the law is told however far ahead it is known."""


def coming(
    policy: Policy, as_of: date, register: Sequence[RegisterLine], platforms: Sequence[Mapping[str, Any]]
) -> tuple[Coming, ...]:
    """All such days after the as-of day, the next one first."""
    found = [*law_days(policy), *_stale(policy, register), *_platforms(platforms, as_of)]
    return tuple(sorted((day for day in found if day.on > as_of), key=lambda day: (day.on, day.says.en)))


def law_days(policy: Policy) -> Iterator[Coming]:
    """Every day on which the policy's law changes, past and to come: regimes begin and end, dated settings arrive."""
    for regime in policy.regimes:
        for period in regime.periods:
            zh, en = ([catalog_word(form)[language] for form in period.forms] for language in ("zh", "en"))
            yield _law(
                period.from_,
                f"{regime.title.zh}开始适用（{'、'.join(zh)}）",
                f"{regime.title.en} begins ({', '.join(en)})",
            )
    for name, setting in policy.settings.items():
        if isinstance(setting.value, date):
            yield _dated(name, setting, setting.value)


def _dated(name: str, setting: Setting, day: date) -> Coming:
    zh, en = setting.meaning.zh, setting.meaning.en
    if setting.last_day:
        past = day + timedelta(days=1)
        return _law(past, f"期限已于前一日届满：{zh}（{name}）", f"past since the day before: {en} ({name})")
    return _law(day, f"{zh}（{name}）", f"{en} ({name})")


def _law(on: date, zh: str, en: str) -> Coming:
    return Coming(on, "law", Bilingual(zh, en))


def _stale(policy: Policy, register: Sequence[RegisterLine]) -> Iterator[Coming]:
    fresh = timedelta(days=int(policy.number("register_fresh_days")))
    for line in register:
        if line.newest is not None and not line.stale:
            says = Bilingual(
                f"备案库“{catalog_word(line.system).zh}”若不更新即告过期（最新 {line.newest}）",
                f"the register's {line.system} extract goes stale unless renewed (newest {line.newest})",
            )
            yield Coming(line.newest + fresh + timedelta(days=1), "register", says)


def _platforms(platforms: Sequence[Mapping[str, Any]], as_of: date) -> Iterator[Coming]:
    for platform in platforms:
        if platform["valid_until"] is None:
            continue
        last = date.fromisoformat(platform["valid_until"])
        if last <= as_of + HORIZON:
            says = Bilingual(
                f"平台“{platform['name']}”的资质自此日起失效（有效期至 {last}）",
                f"the registration of {platform['name']} is no longer valid (last day {last})",
            )
            yield Coming(last + timedelta(days=1), "platform", says)
