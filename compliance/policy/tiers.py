"""The tier of one title under a regime (regulation, section 1; contract, section 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compliance.policy.model import SUBJECT_SEPARATORS, Period, Regime

TRIMMED = "\t\n\v\f\r\x1c-\x20\x85\xa0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff\\[\\]{}\"'‘’“”"
"""What is trimmed from a subject word, as the inside of a class of regular expressions: white space and what has no
width, and what a list has round its words that is JSON, an array of PostgreSQL or a list of Python as text."""
_EDGES = re.compile(f"^[{TRIMMED}]+|[{TRIMMED}]+$")
_SPLIT = re.compile(f"[{SUBJECT_SEPARATORS}]")


def special_words(subjects: str | None, special: Sequence[str]) -> list[str]:
    """The special subjects among a title's words, in the list's order; a word counts only if it equals one."""
    words = {_EDGES.sub("", word) for word in _SPLIT.split(subjects or "")}
    return [word for word in special if word in words]


def derive_tier(
    regime: Regime,
    period: Period,
    *,
    investment_yuan: int | None,
    special_subject: bool,
    promoted: bool,
    first_screen: bool,
    voluntary_tier: int | None,
) -> int | None:
    """1, 2 or 3; None where the amount is empty and nothing else makes the title tier 1.

    A tier-2 volunteer with an empty amount has none: the amount might make it tier 1.
    """
    volunteered = voluntary_tier if voluntary_tier in regime.voluntary_tiers else None
    if (
        (regime.special_subjects and special_subject)
        or (regime.promotion and (promoted or first_screen))
        or volunteered == 1
    ):
        return 1
    if investment_yuan is None:
        return None
    if investment_yuan >= period.tier_1_from_yuan:
        return 1
    if volunteered == 2 or (period.tier_2_from_yuan is not None and investment_yuan >= period.tier_2_from_yuan):
        return 2
    return 3
