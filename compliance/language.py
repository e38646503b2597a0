"""The language of messages: Chinese or English, chosen once when the program starts.

Errors and stages of work are worded where they arise, where all they tell of is known. Data that a run leaves behind
(reasons in the quarantine, notes of the summary) does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Message:
    """One message in both languages. Called with its values, it gives the text in the language chosen."""

    zh: str
    en: str

    def __call__(self, **values: object) -> str:
        text = worded(self.zh, self.en)
        return text.format(**values) if values else text


_chosen: Language = "en"


def language() -> Language:
    """The language chosen."""
    return _chosen


def choose(chosen: Language) -> None:
    """Set the language of every message from here on. Option help is made when a command's module is loaded."""
    global _chosen
    _chosen = chosen


def worded(zh: str, en: str) -> str:
    """A text that is said just here, in the language chosen."""
    return zh if _chosen == "zh" else en


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was probably meant, to be put behind a complaint; empty where none is near."""
    found = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return worded(f"；是否指 {found[0]!r}？", f"; did you mean {found[0]!r}?") if found else ""
