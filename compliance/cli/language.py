"""The language of the command line: what `compliance.language` has, and which one the locale asks for."""

from __future__ import annotations

import os
from collections.abc import Mapping

from compliance.language import LANGUAGES, Language, Message, choose, language

__all__ = ["LANGUAGES", "Language", "Message", "choose", "language", "of_locale"]


def of_locale(environment: Mapping[str, str] = os.environ) -> Language:
    """Chinese where the locale says so, else English. The first variable that is set decides, as in POSIX."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
