"""What is planted: one case a kind of violation, with every finding it brings along, and decoys with none.

Each case starts from a plain title (`titles.plain`) and changes the least that breaks the rule. A copy takes all that
the title planted just before it has, number included, under a title_id of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.sample import law, places
from compliance.sample import titles as t
from compliance.sample.changes import (
    Change,
    amount,
    cycle,
    elsewhere,
    foreign_issuer,
    issued_late,
    next_year,
    nothing,
    old_placeholders,
    placeholders,
    private,
    put,
    renamed,
    reviewed_late,
    shown_again,
    sibling_issuer,
    special,
    together,
    too_long,
    unknown_issuer,
    unmarked,
    with_siblings,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding that a title must have."""

    rule: str
    action: str = "block"
    outcome: str = "fail"


@dataclass(frozen=True, slots=True)
class Era:
    """Days on which a planted title went or goes online."""

    first: date
    last: date | None = None


LEGACY = Era(date(2022, 6, 1), date(2024, 5, 31))
OF_2024 = Era(date(2024, 6, 1), date(2025, 12, 31))
MODERN = Era(date(2024, 6, 1))
OF_2026 = Era(date(2026, 1, 1))
AI_CLASSES = Era(date(2026, 7, 1))
ORDER_16 = Era(date(2026, 9, 1))


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of planted title. `before` runs before its tier and document are derived, `after` afterwards."""

    name: str
    findings: tuple[Finding, ...] = ()
    before: Change = nothing
    after: Change = nothing
    era: Era = MODERN
    on_air: bool = False
    """Never planted in scheduled titles."""
    copies: bool = False
    """Shares all that the case before it has: a pair of titles with one number."""
    at_most: int | None = None
    """Planted so often and no oftener: its numbers must not repeat."""
    as_of_from: date | None = None


def _fails(*rules: str) -> tuple[Finding, ...]:
    return tuple(Finding(rule) for rule in rules)


def _warns(rule: str) -> tuple[Finding, ...]:
    return (Finding(rule, "warn"),)


def _holds(rule: str) -> tuple[Finding, ...]:
    return (Finding(rule, "hold"),)


def _unknown(rule: str) -> Finding:
    return Finding(rule, "hold", "unknown")


_FILED_BELOW = _fails("permit-below-tier")
_SHARED = _fails("number-on-several-titles", "permit-unregistered")

ALL_CASES: tuple[Case, ...] = (
    Case("no number, no label", _fails("permit-missing", "label-missing"), after=put(typed=t.BLANK, label=t.NO_ROW)),
    Case(
        "no number, a label with one",
        _fails("permit-missing", "label-differs"),
        after=put(typed=t.BLANK, channel=t.OVERLAY),
    ),
    Case("legacy, never filed", _fails("legacy-unfiled"), era=LEGACY, after=put(typed=t.BLANK, label=t.NO_ROW)),
    Case(
        "not a number",
        (*_fails("permit-malformed"), *_holds("label-unreadable")),
        after=put(typed=t.MALFORMED, label=t.AS_TYPED),
    ),
    Case(
        "a platform's licence",
        _fails("permit-malformed", "label-differs"),
        after=put(typed=t.PLATFORM_LICENCE, channel=t.DETAIL_PAGE),
    ),
    Case("placeholder", _fails("permit-placeholder"), after=placeholders, at_most=1 + 2 * len(places.REGULATORS)),
    Case("old placeholder", _fails("permit-placeholder"), era=LEGACY, after=old_placeholders, at_most=2),
    Case("issuer unknown", (*_holds("issuer-unknown"), _unknown("permit-below-tier")), after=unknown_issuer),
    Case("issuer unknown, legacy", _holds("issuer-unknown"), era=LEGACY, after=unknown_issuer),
    Case("V number today", _fails("permit-not-accepted"), before=put(wanted=t.WITH_V)),
    Case("series licence today", _fails("permit-not-accepted"), before=put(wanted=t.WITH_SERIES)),
    Case(
        "tier 1 by cost, a regulator's filing",
        _FILED_BELOW,
        before=amount(3_000_000, 9_000_000, wanted=t.REGULATOR_FILING),
    ),
    Case("tier 2 by cost, a platform's filing", _FILED_BELOW, era=OF_2026, before=amount(1_000_000, 2_999_999)),
    Case("tier 2 by cost in 2024", _FILED_BELOW, era=OF_2024, before=amount(300_000, 999_999)),
    Case("AI, tier 2 by cost", _FILED_BELOW, era=AI_CLASSES, before=amount(300_000, 799_999, form=t.AI)),
    Case("special subject, a platform's filing", _FILED_BELOW, before=special),
    Case("first screen in 2024", _FILED_BELOW, era=OF_2024, before=put(screen=True)),
    Case("voluntary tier 1, a platform's filing", _FILED_BELOW, era=ORDER_16, before=put(voluntary=1)),
    Case("unregistered", _fails("permit-unregistered"), after=put(registered=False)),
    Case("inactive", _fails("permit-inactive"), after=cycle("register_status", 1, 2, 3, 4)),
    Case("registered under another name", _fails("permit-title-mismatch"), after=put(register_name=t.DIFFERENT)),
    Case("another producer", _warns("permit-producer-mismatch"), after=put(register_producer=t.DIFFERENT)),
    Case("year to come", _fails("permit-year-implausible"), after=next_year),
    Case("year before the numbers", _fails("permit-year-implausible"), after=put(year=2021)),
    Case("issued after going online", _warns("permit-after-online"), on_air=True, after=issued_late),
    Case("another platform's number", _fails("other-platform-number"), after=foreign_issuer),
    Case("a sibling's number", _warns("same-operator-number"), before=with_siblings, after=sibling_issuer),
    Case("number used twice: the first"),
    Case(
        "number used twice: another title",
        _fails("number-on-several-titles", "permit-title-mismatch"),
        copies=True,
        after=renamed,
    ),
    Case("unregistered number used twice: the first", _SHARED, after=put(registered=False)),
    Case("unregistered number used twice: another title", _SHARED, copies=True, after=renamed),
    Case("decoy, number of a title now offline: the first"),
    Case("decoy, number of a title now offline", copies=True, after=together(renamed, put(status=t.OFFLINE))),
    Case("decoy, number on no micro-drama: the first"),
    Case("decoy, number on no micro-drama", copies=True, after=together(renamed, put(kind=t.OTHER))),
    Case("decoy, one title on two platforms: the first", before=put(wanted=t.REGULATOR_FILING)),
    Case("decoy, one title on two platforms", copies=True, after=elsewhere),
    Case("platform not qualified", _fails("platform-unqualified"), before=put(platform=places.UNQUALIFIED)),
    Case("platform's licence lapsed", _fails("platform-unqualified"), before=put(platform=places.LAPSED)),
    Case("never reviewed", _holds("review-missing"), after=put(reviewed_at=t.NEVER)),
    Case("reviewed late", _holds("review-missing"), on_air=True, after=reviewed_late),
    Case("shown again unreviewed", _holds("reshow-unreviewed"), era=OF_2024, on_air=True, after=shown_again),
    Case(
        "cost not given",
        (*_holds("tier-unknown"), _unknown("permit-below-tier")),
        before=put(amount=law.NO_AMOUNT),
    ),
    Case("cost not given, legacy", _holds("tier-unknown"), era=LEGACY, before=put(amount=law.NO_AMOUNT)),
    Case(
        "declared too low",
        _warns("tier-under-declared"),
        before=amount(3_000_000, 9_000_000, wanted=t.WITH_LICENCE),
        after=cycle("declared", 2, 3),
    ),
    Case("promoted", _holds("first-screen-unreviewed"), era=OF_2026, before=put(promoted=True)),
    Case("on the first screen", _holds("first-screen-unreviewed"), era=OF_2026, before=put(screen=True)),
    Case("private upload", _holds("private-upload-special-subject"), before=private),
    Case("episodes too long", _holds("not-a-micro-drama"), after=too_long),
    Case("unmarked", _holds("unmarked-micro-drama"), after=unmarked),
    Case("no label", _fails("label-missing"), after=put(label=t.NO_ROW)),
    Case("label without text", _fails("label-missing"), after=put(label=t.NO_TEXT)),
    Case("label of an old cut", _holds("label-stale"), after=put(label=t.STALE, channel=t.BURNED_IN)),
    Case("label without number", _holds("label-unreadable"), after=put(label=t.NO_NUMBER)),
    Case(
        "overlay with another number",
        _fails("label-differs"),
        after=together(put(label=t.OTHER_NUMBER), cycle("channel", t.OVERLAY, t.DETAIL_PAGE)),
    ),
    Case(
        "burned-in with another number",
        _holds("label-differs"),
        after=put(label=t.OTHER_NUMBER, channel=t.BURNED_IN),
    ),
    Case("label with another title", _holds("label-title-differs"), era=ORDER_16, after=put(label=t.OTHER_TITLE)),
    Case(
        "AI without notice",
        _fails("ai-notice-missing"),
        before=put(form=t.AI),
        after=put(notice=t.NO_NOTICE),
        as_of_from=date(2026, 9, 1),
    ),
    Case(
        "AI, notice not known",
        (_unknown("ai-notice-missing"),),
        before=put(form=t.AI),
        after=put(notice=t.NOTICE_EMPTY),
        as_of_from=date(2026, 9, 1),
    ),
    Case(
        "AI, no episodes",
        (_unknown("ai-notice-missing"),),
        before=put(form=t.AI),
        after=put(notice=t.NO_EPISODES),
        as_of_from=date(2026, 9, 1),
    ),
)


def cases(as_of: date) -> tuple[Case, ...]:
    """The cases that can stand in a catalog of that day, in planting order."""
    return tuple(case for case in ALL_CASES if as_of >= max(case.era.first, case.as_of_from or case.era.first))
