"""What an examination of `gate doctor` gives: lines that say ok, warn or fail, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from compliance.errors import EXIT_CLEAR, GateError

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at."""

    level: Level
    about: str
    says: str
    remedy: str = ""
    exit_code: int = EXIT_CLEAR


Examination = Callable[[], Iterator[Line]]


def guarded(about: str, examination: Examination) -> Iterator[Line]:
    """Tell an examination's error as lines: one for each of its problems."""
    try:
        yield from examination()
    except GateError as error:
        for says in (error.message, *error.problems):
            yield Line("fail", about, says, error.remedy if says == error.message else "", error.exit_code)
