"""What the groups of a report's breakdowns are called, in every form alike."""

from __future__ import annotations

from compliance.reports.lines import Age
from compliance.reports.model import Report
from compliance.reports.texts import TEXTS
from compliance.rules.model import Bilingual


def group_name(report: Report, kind: str, name: str) -> Bilingual:
    """A group of titles by `kind` (stage, regime, tier, platform); an empty name: those that have none."""
    if not name:
        return TEXTS[f"none_{kind}"]
    if kind == "tier":
        return TEXTS[f"tier_{name}"]
    return TEXTS[name] if kind == "stage" else report.called(name)


def age_name(age: Age) -> Bilingual:
    """How long findings have stood, such as `1–6 days`."""
    if age.days_until is None:
        text, begin, end = TEXTS["age_on"], age.days_from, 0
    elif age.days_until == 1:
        text, begin, end = TEXTS["age_first"], 0, 0
    else:
        text, begin, end = TEXTS["age_between"], age.days_from, age.days_until - 1
    return Bilingual(text.zh.format(begin=begin, end=end), text.en.format(begin=begin, end=end))
