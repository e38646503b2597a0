"""What is planted: one case a kind of violation, with every finding it brings along, and decoys with none.

Each case starts from a plain title (`titles.plain`) and changes the least that breaks the rule. A copy takes all that
the title planted just before it has, number included, under a title_id of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from compliance.sample import law, places
from compliance.sample import titles as t
from compliance.sample.draw import Draws, Ints
from compliance.sample.numbers import FILING, LICENCE, SERIES, V_NUMBER
from compliance.sample.titles import Titles, one_of
from compliance.sample.words import NAMES, SPECIAL_SUBJECTS, SUBJECTS


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
class Rows:
    """The titles of one chunk that one case is planted in."""

    titles: Titles
    at: Ints
    draws: Draws
    round: Ints
    """How often the case was planted before each of them."""

    def put(self, column: str, value: object) -> None:
        """Set one column."""
        getattr(self.titles, column)[self.at] = value

    def get(self, column: str) -> Ints:
        """The values of one column."""
        values: Ints = getattr(self.titles, column)[self.at]
        return values


Change = Callable[[Rows], None]


def put(**columns: object) -> Change:
    """A change that sets columns to constants."""

    def change(rows: Rows) -> None:
        for column, value in columns.items():
            rows.put(column, value)

    return change


def _nothing(rows: Rows) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of planted title. `before` runs before its tier and document are derived, `after` afterwards."""

    name: str
    findings: tuple[Finding, ...] = ()
    before: Change = _nothing
    after: Change = _nothing
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


def _cycle(column: str, *values: int) -> Change:
    return lambda rows: rows.put(column, np.array(values)[rows.round % len(values)])


def _placeholders(rows: Rows) -> None:
    """The official example of a filing once, then serial 0 for each regulator's licence and filing."""
    count = len(places.REGULATORS)
    example = rows.round == 0
    number = np.maximum(rows.round - 1, 0)
    rows.put("issuer", np.where(example, places.ISSUERS.index("抖音"), number % count))
    rows.put("family", np.where(example | (number >= count), FILING, LICENCE))
    rows.put("year", np.where(example, 2024, rows.get("year")))
    rows.put("serial", np.where(example, 1, 0))
    douyin = next(number for number, platform in enumerate(places.PLATFORMS) if platform.platform == "douyin")
    rows.put("platform", np.where(example, douyin, rows.get("platform")))


def _old_placeholders(rows: Rows) -> None:
    """The official examples of a V number and of a series licence."""
    first = rows.round == 0
    rows.put("issuer", places.ISSUERS.index("沪"))
    rows.put("family", np.where(first, V_NUMBER, SERIES))
    rows.put("year", 2023)
    rows.put("serial", np.where(first, 123_456_788_888_888, 1))


def _foreign_issuer(rows: Rows) -> None:
    rows.put("issuer", one_of(places.FOREIGN, rows.get("platform"), rows.draws, "foreign"))


def _with_siblings(rows: Rows) -> None:
    rows.put("platform", np.array(places.WITH_SIBLINGS)[rows.draws.below("with-siblings", len(places.WITH_SIBLINGS))])


def _sibling_issuer(rows: Rows) -> None:
    rows.put("issuer", one_of(places.SIBLINGS, rows.get("platform"), rows.draws, "sibling"))


def _unknown_issuer(rows: Rows) -> None:
    rows.put("issuer", places.FIRST_UNKNOWN + rows.draws.below("unknown", places.UNKNOWN_COUNT))


def _next_year(rows: Rows) -> None:
    as_of = law.EPOCH.toordinal() + rows.titles.as_of
    rows.put("year", date.fromordinal(as_of).year + 1)


def _issued_late(rows: Rows) -> None:
    rows.put("issued_on", rows.get("online_at") // t.DAY + rows.draws.between("late", 1, 30))


def _reviewed_late(rows: Rows) -> None:
    rows.put("reviewed_at", rows.get("online_at") + rows.draws.between("late-review", 1, 20 * t.DAY))


def _shown_again(rows: Rows) -> None:
    rows.put("taken_down_at", rows.get("online_at") + 10 * t.DAY)
    rows.put("reshown_at", rows.get("online_at") + 15 * t.DAY)


def _special(rows: Rows) -> None:
    rows.put("subject", len(SUBJECTS) + rows.draws.below("special-subject", len(SPECIAL_SUBJECTS)))


def _private(rows: Rows) -> None:
    _special(rows)
    put(individual=True, wanted=t.WITH_LICENCE)(rows)


def _amount(low: int, high: int, **columns: object) -> Change:
    """An amount, every fourth time just the lower bound."""

    def change(rows: Rows) -> None:
        drawn = rows.draws.between("planted-amount", low, high)
        rows.put("amount", np.where(rows.round % 4 == 0, low, drawn))
        put(**columns)(rows)

    return change


def _too_long(rows: Rows) -> None:
    rows.put("longest", np.where(rows.round % 3 == 0, 1_200, rows.draws.between("too-long", 1_200, 2_700)))


def _unmarked(rows: Rows) -> None:
    rows.put("kind", t.DRAMA)
    rows.put("longest", np.where(rows.round % 3 == 0, 1_199, rows.draws.between("unmarked", 60, 1_199)))
    rows.put("episodes", np.where(rows.round % 3 == 0, 3, rows.get("episodes")))


def _renamed(rows: Rows) -> None:
    rows.put("registered", False)  # the register knows the number by the first title alone
    rows.put("name", (rows.get("name") + 1) % len(NAMES))


def _elsewhere(rows: Rows) -> None:
    rows.put("registered", False)
    rows.put("platform", (rows.get("platform") + 1) % len(places.QUALIFIED))


def _and(*changes: Change) -> Change:
    def change(rows: Rows) -> None:
        for one in changes:
            one(rows)

    return change


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
    Case("placeholder", _fails("permit-placeholder"), after=_placeholders, at_most=1 + 2 * len(places.REGULATORS)),
    Case("old placeholder", _fails("permit-placeholder"), era=LEGACY, after=_old_placeholders, at_most=2),
    Case("issuer unknown", (*_holds("issuer-unknown"), _unknown("permit-below-tier")), after=_unknown_issuer),
    Case("issuer unknown, legacy", _holds("issuer-unknown"), era=LEGACY, after=_unknown_issuer),
    Case("V number today", _fails("permit-not-accepted"), before=put(wanted=t.WITH_V)),
    Case("series licence today", _fails("permit-not-accepted"), before=put(wanted=t.WITH_SERIES)),
    Case(
        "tier 1 by cost, a regulator's filing",
        _FILED_BELOW,
        before=_amount(3_000_000, 9_000_000, wanted=t.REGULATOR_FILING),
    ),
    Case("tier 2 by cost, a platform's filing", _FILED_BELOW, era=OF_2026, before=_amount(1_000_000, 2_999_999)),
    Case("tier 2 by cost in 2024", _FILED_BELOW, era=OF_2024, before=_amount(300_000, 999_999)),
    Case("AI, tier 2 by cost", _FILED_BELOW, era=AI_CLASSES, before=_amount(300_000, 799_999, form=t.AI)),
    Case("special subject, a platform's filing", _FILED_BELOW, before=_special),
    Case("first screen in 2024", _FILED_BELOW, era=OF_2024, before=put(screen=True)),
    Case("voluntary tier 1, a platform's filing", _FILED_BELOW, era=ORDER_16, before=put(voluntary=1)),
    Case("unregistered", _fails("permit-unregistered"), after=put(registered=False)),
    Case("inactive", _fails("permit-inactive"), after=_cycle("register_status", 1, 2, 3, 4)),
    Case("registered under another name", _fails("permit-title-mismatch"), after=put(register_name=t.DIFFERENT)),
    Case("another producer", _warns("permit-producer-mismatch"), after=put(register_producer=t.DIFFERENT)),
    Case("year to come", _fails("permit-year-implausible"), after=_next_year),
    Case("year before the numbers", _fails("permit-year-implausible"), after=put(year=2021)),
    Case("issued after going online", _warns("permit-after-online"), on_air=True, after=_issued_late),
    Case("another platform's number", _fails("other-platform-number"), after=_foreign_issuer),
    Case("a sibling's number", _warns("same-operator-number"), before=_with_siblings, after=_sibling_issuer),
    Case("number used twice: the first"),
    Case(
        "number used twice: another title",
        _fails("number-on-several-titles", "permit-title-mismatch"),
        copies=True,
        after=_renamed,
    ),
    Case("unregistered number used twice: the first", _SHARED, after=put(registered=False)),
    Case("unregistered number used twice: another title", _SHARED, copies=True, after=_renamed),
    Case("decoy, number of a title now offline: the first"),
    Case("decoy, number of a title now offline", copies=True, after=_and(_renamed, put(status=t.OFFLINE))),
    Case("decoy, number on no micro-drama: the first"),
    Case("decoy, number on no micro-drama", copies=True, after=_and(_renamed, put(kind=t.OTHER))),
    Case("decoy, one title on two platforms: the first", before=put(wanted=t.REGULATOR_FILING)),
    Case("decoy, one title on two platforms", copies=True, after=_elsewhere),
    Case("platform not qualified", _fails("platform-unqualified"), before=put(platform=places.UNQUALIFIED)),
    Case("platform's licence lapsed", _fails("platform-unqualified"), before=put(platform=places.LAPSED)),
    Case("never reviewed", _holds("review-missing"), after=put(reviewed_at=t.NEVER)),
    Case("reviewed late", _holds("review-missing"), on_air=True, after=_reviewed_late),
    Case("shown again unreviewed", _holds("reshow-unreviewed"), era=OF_2024, on_air=True, after=_shown_again),
    Case(
        "cost not given",
        (*_holds("tier-unknown"), _unknown("permit-below-tier")),
        before=put(amount=law.NO_AMOUNT),
    ),
    Case("cost not given, legacy", _holds("tier-unknown"), era=LEGACY, before=put(amount=law.NO_AMOUNT)),
    Case(
        "declared too low",
        _warns("tier-under-declared"),
        before=_amount(3_000_000, 9_000_000, wanted=t.WITH_LICENCE),
        after=_cycle("declared", 2, 3),
    ),
    Case("promoted", _holds("first-screen-unreviewed"), era=OF_2026, before=put(promoted=True)),
    Case("on the first screen", _holds("first-screen-unreviewed"), era=OF_2026, before=put(screen=True)),
    Case("private upload", _holds("private-upload-special-subject"), before=_private),
    Case("episodes too long", _holds("not-a-micro-drama"), after=_too_long),
    Case("unmarked", _holds("unmarked-micro-drama"), after=_unmarked),
    Case("no label", _fails("label-missing"), after=put(label=t.NO_ROW)),
    Case("label without text", _fails("label-missing"), after=put(label=t.NO_TEXT)),
    Case("label of an old cut", _holds("label-stale"), after=put(label=t.STALE, channel=t.BURNED_IN)),
    Case("label without number", _holds("label-unreadable"), after=put(label=t.NO_NUMBER)),
    Case(
        "overlay with another number",
        _fails("label-differs"),
        after=_and(put(label=t.OTHER_NUMBER), _cycle("channel", t.OVERLAY, t.DETAIL_PAGE)),
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
