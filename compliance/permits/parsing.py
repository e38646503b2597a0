"""Taking a permit number apart, or saying why that cannot be done (contract, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from compliance.permits import patterns
from compliance.permits.deviations import deviations
from compliance.permits.folding import drop_unseen, fold_issuer, fold_serial, narrow_digits

LICENCE, FILING, SERIES_LICENCE = "licence", "filing", "series_licence"
ONLINE_FILING = patterns.ONLINE_FILING


class Reason(StrEnum):
    """Why a text is no permit number, in the order in which the reasons are tried."""

    BLANK = "blank"
    PREFIX_ONLY = "prefix_only"
    LOOK_ALIKE = "look_alike"
    NO_ISSUER = "no_issuer"
    NO_YEAR = "no_year"
    NO_SERIAL = "no_serial"
    WRONG_ISSUER = "wrong_issuer"
    """Needs the issuer's level: said by `issued_rightly`, never by `parse`."""
    NOT_A_NUMBER = "not_a_number"


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit number, taken apart."""

    family: str
    """`licence`, `filing`, `series_licence` or `online_filing`."""
    issuer: str | None
    """Folded name of the issuer; None for a V number."""
    words: str | None
    """The family's words as in the canonical form; None for a V number."""
    year: int | None
    """None for a V number."""
    serial: str
    """Digits without leading zeros, `0` if all are zero; for a V number all its digits."""
    canonical: str
    """`（issuer）words（year）第serial号`, or V and digits."""
    deviations: tuple[str, ...]
    """How the text differs from the canonical form, as short words; () where it does not."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no permit number."""

    reason: Reason
    raw: str | None


_FIELD = re.compile(patterns.FIELD)
_INSIDE = re.compile(patterns.INSIDE)
_PREFIX_ONLY = re.compile(patterns.PREFIX_ONLY)
_LOOK_ALIKE = re.compile(patterns.LOOK_ALIKE)
_OFFICIAL = re.compile(patterns.OFFICIAL)
_PARTS = (
    (re.compile(patterns.HAS_WORDS), Reason.NOT_A_NUMBER),
    (re.compile(patterns.HAS_ISSUER), Reason.NO_ISSUER),
    (re.compile(patterns.HAS_YEAR), Reason.NO_YEAR),
    (re.compile(patterns.HAS_SERIAL), Reason.NO_SERIAL),
)


def parse(text: str | None) -> Permit | Unreadable:
    """The number that a number field holds, and nothing beside it but label words and punctuation."""
    if text and (official := _official(text)) is not None:
        return official
    folded = drop_unseen(text or "")
    match = _FIELD.fullmatch(folded)
    if match is None:
        return Unreadable(_reason(folded), text)
    return _permit(match, patterns.FIELD_GROUPS, text or "")


def find(text: str | None) -> Permit | Unreadable:
    """The first number inside a text, whatever stands around it: a frame shows more than the number."""
    if text and (official := _official(text)) is not None:
        return official
    folded = drop_unseen(text or "")
    match = _INSIDE.search(folded)
    if match is None:
        return Unreadable(_reason(folded), text)
    return _permit(match, patterns.INSIDE_GROUPS, text or "")


def serial_place(text: str) -> tuple[int, int] | None:
    """From where to where in the text as it is written the digits stand that tell its first number from others.

    That is the serial, or what follows the V. None where `find` finds no number.
    """
    seen = [place for place, character in enumerate(text) if drop_unseen(character)]
    match = _INSIDE.search("".join(text[place] for place in seen))
    if match is None:
        return None
    letter, serial, digits = (patterns.INSIDE_GROUPS.index(name) + 1 for name in ("letter", "serial", "digits"))
    group = digits if match[letter] else serial
    return seen[match.start(group)], seen[match.end(group) - 1] + 1


def canonical(issuer: str, words: str, year: int, serial: str) -> str:
    """The canonical text of a number with an issuer."""
    return f"（{issuer}）{words}（{year:04d}）第{serial}号"


def issued_rightly(family: str, level: str | None) -> bool:
    """Whether an issuer of that level may issue that family: a platform issues filings alone (35号三.1).

    `level` is None for an unknown issuer, which is for a person to judge, and for V numbers.
    """
    return not (level == "platform" and family in (LICENCE, SERIES_LICENCE))


def rank(family: str, level: str | None) -> int | None:
    """1 for licences and V numbers, 2 for a regulator's filing, 3 for a platform's; None for an unknown issuer's."""
    if family != FILING:
        return 1
    return {"national": 2, "province": 2, "platform": 3}.get(level or "")


def filing_systems(family: str, level: str | None) -> tuple[str, ...]:
    """The filing systems that may hold a number: one of them, or two for a filing of an unknown issuer."""
    if family != FILING:
        return ("key",)
    return {"national": ("ordinary",), "province": ("ordinary",), "platform": ("other",)}.get(
        level or "", ("ordinary", "other")
    )


def _official(text: str) -> Permit | None:
    """The number that a text is, if it is its own canonical form, as nineteen of twenty are; else None."""
    match = _OFFICIAL.fullmatch(text)
    if match is None:
        return None
    issuer, words, year, serial = match.groups()
    if fold_issuer(issuer) != issuer:
        return None
    return Permit(patterns.WORDS_BY_SPELLING[words].family, issuer, words, int(year), serial, text, ())


def _reason(folded: str) -> Reason:
    if not folded:
        return Reason.BLANK
    if _PREFIX_ONLY.fullmatch(folded):
        return Reason.PREFIX_ONLY
    if _INSIDE.search(folded):
        return Reason.NOT_A_NUMBER  # a number, but with other text around it
    if _LOOK_ALIKE.search(folded):
        return Reason.LOOK_ALIKE
    return next((reason for part, reason in _PARTS if not part.search(folded)), Reason.NOT_A_NUMBER)


def _permit(match: re.Match[str], names: tuple[str, ...], raw: str) -> Permit:
    groups = {name: value or "" for name, value in zip(names, match.groups(), strict=True)}
    if groups["letter"]:
        digits = narrow_digits(groups["digits"])
        number = patterns.ONLINE_LETTER + digits
        told = deviations(groups, number, written=groups["letter"] + groups["digits"], raw=raw)
        return Permit(ONLINE_FILING, None, None, None, digits, number, told)
    family = patterns.WORDS_BY_SPELLING[fold_issuer(groups["words"])]
    issuer = fold_issuer(groups["issuer"] or groups["bare"])
    year = int(narrow_digits(groups["year"]))
    serial = fold_serial(groups["serial"])
    number = canonical(issuer, family.words, year, serial)
    told = deviations(groups, number, written=_written(match, names), raw=raw)
    return Permit(family.family, issuer, family.words, year, serial, number, told)


def _written(match: re.Match[str], names: tuple[str, ...]) -> str:
    """The number alone, from the issuer's bracket, if it has one, to 号."""
    issuer, bare, hao = (names.index(name) + 1 for name in ("issuer", "bare", "hao"))
    start = match.start(issuer) - 1 if match[issuer] else match.start(bare)
    return match.string[start : match.end(hao)]
