"""The lines of a forecast that a report tells: what changes between two days, and at which titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.reports.lines import Found
from compliance.rules.model import Bilingual


@dataclass(frozen=True, slots=True)
class ForeseenTitle:
    """A title that changes between two days; a decision is empty where it is not judged."""

    title_id: str
    name: str
    platform: str
    first_screen: bool
    before: str
    after: str
    rules: tuple[Found, ...]
    """What is found afterwards and was not before."""
    cured: tuple[Found, ...]
    """What was found before and is not afterwards."""
    acting: tuple[tuple[Found, str], ...]
    """What is found on both days and acts otherwise, with the report's word for how."""
    elsewhere: bool
    """It falls under another regime or tier."""

    @property
    def unexplained(self) -> bool:
        """Whether nothing but another regime or tier can be told of it."""
        return self.elsewhere and not (self.rules or self.cured or self.acting)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a forecast says changes between two days."""

    begin: date
    end: date
    law: Sequence[Bilingual]
    changed: int
    decisions: Mapping[str, int]
    """Titles by change of decision, such as `allow → block`; `–` where a title is not judged."""
    regimes: Mapping[str, int]
    """Titles by change of regime, in the same way."""
    titles: Sequence[ForeseenTitle]
    """The first titles that change, those on the first screen before the others."""
