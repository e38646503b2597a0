"""What can be done to a planted title: each change sets columns of all the titles that one case is planted in."""

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


def nothing(rows: Rows) -> None:
    """No change at all."""


def cycle(column: str, *values: int) -> Change:
    """A change that sets a column to one value after the other."""
    return lambda rows: rows.put(column, np.array(values)[rows.round % len(values)])


def together(*changes: Change) -> Change:
    """A change that makes several, one after the other."""

    def change(rows: Rows) -> None:
        for one in changes:
            one(rows)

    return change


def placeholders(rows: Rows) -> None:
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


def old_placeholders(rows: Rows) -> None:
    """The official examples of a V number and of a series licence."""
    first = rows.round == 0
    rows.put("issuer", places.ISSUERS.index("沪"))
    rows.put("family", np.where(first, V_NUMBER, SERIES))
    rows.put("year", 2023)
    rows.put("serial", np.where(first, 123_456_788_888_888, 1))


def foreign_issuer(rows: Rows) -> None:
    """A platform's issuer, of another operator."""
    rows.put("issuer", one_of(places.FOREIGN, rows.get("platform"), rows.draws, "foreign"))


def with_siblings(rows: Rows) -> None:
    """A platform whose operator has others."""
    rows.put("platform", np.array(places.WITH_SIBLINGS)[rows.draws.below("with-siblings", len(places.WITH_SIBLINGS))])


def sibling_issuer(rows: Rows) -> None:
    """The issuer of another platform of the same operator."""
    rows.put("issuer", one_of(places.SIBLINGS, rows.get("platform"), rows.draws, "sibling"))


def unknown_issuer(rows: Rows) -> None:
    """An issuer that stands in no table."""
    rows.put("issuer", places.FIRST_UNKNOWN + rows.draws.below("unknown", places.UNKNOWN_COUNT))


def next_year(rows: Rows) -> None:
    """A number of the year after the as-of day."""
    as_of = law.EPOCH.toordinal() + rows.titles.as_of
    rows.put("year", date.fromordinal(as_of).year + 1)


def issued_late(rows: Rows) -> None:
    """A number issued some days after the title went online."""
    rows.put("issued_on", rows.get("online_at") // t.DAY + rows.draws.between("late", 1, 30))


def reviewed_late(rows: Rows) -> None:
    """A review some time after the title went online."""
    rows.put("reviewed_at", rows.get("online_at") + rows.draws.between("late-review", 1, 20 * t.DAY))


def shown_again(rows: Rows) -> None:
    """Taken down, and shown again with no review in between."""
    rows.put("taken_down_at", rows.get("online_at") + 10 * t.DAY)
    rows.put("reshown_at", rows.get("online_at") + 15 * t.DAY)


def special(rows: Rows) -> None:
    """A special subject."""
    rows.put("subject", len(SUBJECTS) + rows.draws.below("special-subject", len(SPECIAL_SUBJECTS)))


def private(rows: Rows) -> None:
    """A private upload of a special subject, with a licence."""
    special(rows)
    put(individual=True, wanted=t.WITH_LICENCE)(rows)


def amount(low: int, high: int, **columns: object) -> Change:
    """An amount, every fourth time just the lower bound."""

    def change(rows: Rows) -> None:
        drawn = rows.draws.between("planted-amount", low, high)
        rows.put("amount", np.where(rows.round % 4 == 0, low, drawn))
        put(**columns)(rows)

    return change


def too_long(rows: Rows) -> None:
    """Episodes too long for a micro-drama, every third time by just a second."""
    rows.put("longest", np.where(rows.round % 3 == 0, 1_200, rows.draws.between("too-long", 1_200, 2_700)))


def unmarked(rows: Rows) -> None:
    """A drama as short as a micro-drama, every third time by just a second."""
    rows.put("kind", t.DRAMA)
    rows.put("longest", np.where(rows.round % 3 == 0, 1_199, rows.draws.between("unmarked", 60, 1_199)))
    rows.put("episodes", np.where(rows.round % 3 == 0, 3, rows.get("episodes")))


def renamed(rows: Rows) -> None:
    """Another name than the title copied has."""
    rows.put("registered", False)  # the register knows the number by the first title alone
    rows.put("name", (rows.get("name") + 1) % len(NAMES))


def elsewhere(rows: Rows) -> None:
    """Another platform than the title copied is on."""
    rows.put("registered", False)
    rows.put("platform", (rows.get("platform") + 1) % len(places.QUALIFIED))
