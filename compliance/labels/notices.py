"""The notice that an episode was made by AI (Order 16, art. 34), as words on the picture."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from compliance.permits.folding import drop_unseen, to_simplified

SHIPPED = Path(__file__).parent / "data" / "notices.toml"


@cache
def phrases() -> tuple[str, ...]:
    """The words, folded."""
    said = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["phrases"]
    return tuple(fold(phrase) for phrase in said)


def fold(text: str) -> str:
    """A text as notices are compared."""
    return to_simplified(drop_unseen(unicodedata.normalize("NFKC", text))).casefold()


def notice_in(text: str) -> str | None:
    """The words of the notice that a line of text holds, or None."""
    folded = fold(text)
    return next((phrase for phrase in phrases() if phrase in folded), None)
