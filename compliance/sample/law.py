"""The tiers as the sample sees them: read from the regulation by hand, apart from the policy that the gate judges by.

That the two agree is what a run over a sample shows; so this page takes nothing from compliance.policy.
Days are days since 1970-01-01.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from compliance.sample.draw import Flags, Ints

EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


FIRST_DAY = day_number(date(2021, 1, 1))
LICENCES_FROM = day_number(date(2022, 1, 1))
"""A 网微剧 number of an earlier year is implausible."""
DOCUMENT_NEEDED = day_number(date(2024, 6, 1))
CLASSES_2026 = day_number(date(2026, 1, 1))
AI_CLASSES = day_number(date(2026, 7, 1))
ORDER_16 = day_number(date(2026, 9, 1))

UNKNOWN_TIER = 0
NO_AMOUNT = -1


def push_triggers(online_on: Ints) -> Flags:
    """Whether the regime of the day makes a first-screen or promoted title tier 1."""
    return online_on < CLASSES_2026


def tier(online_on: Ints, ai: Flags, amount: Ints, special: Flags, pushed: Flags, voluntary: Ints) -> Ints:
    """Tier 1, 2 or 3, or UNKNOWN_TIER; `pushed` is first-screen or promoted, `voluntary` 0 where not volunteered."""
    ai_amounts = ai & (online_on >= AI_CLASSES)
    old = online_on < CLASSES_2026
    upper = np.where(old, 1_000_000, np.where(ai_amounts, 800_000, 3_000_000))
    lower = np.where(online_on < DOCUMENT_NEEDED, 1_000_000, np.where(old | ai_amounts, 300_000, 1_000_000))
    order_16 = online_on >= ORDER_16
    first = (
        (special & (online_on >= DOCUMENT_NEEDED))
        | (amount >= upper)
        | (pushed & push_triggers(online_on))
        | ((voluntary == 1) & (old | order_16))
    )
    second = (amount >= lower) | ((voluntary == 2) & order_16)
    by_amount = np.where(second, 2, 3)
    return np.where(first, 1, np.where(amount == NO_AMOUNT, UNKNOWN_TIER, by_amount)).astype(np.int64)
