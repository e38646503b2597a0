"""The language of messages: Chinese or English, chosen once when the program starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Message:
    """One message in both languages. Called with its values, it gives the text in the language chosen."""

    zh: str
    en: str

    def __call__(self, **values: object) -> str:
        text = self.zh if language() == "zh" else self.en
        return text.format(**values) if values else text


_chosen: Language = "en"


def language() -> Language:
    """The language chosen."""
    return _chosen


def choose(chosen: Language) -> None:
    """Set the language of every message from here on. Option help is made when a command's module is loaded."""
    global _chosen
    _chosen = chosen


def of_locale(environment: Mapping[str, str] = os.environ) -> Language:
    """Chinese where the locale says so, else English. The first variable that is set decides, as in POSIX."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
