"""Folding of written variants: what is dropped, and what an issuer's name is folded to."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from compliance.permits.patterns import DROPPED, NARROW, SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Callable

_DROPPED = re.compile(f"{DROPPED}+")
_NARROW = str.maketrans(dict(NARROW))
_VOCABULARY = str.maketrans({**NARROW, **SIMPLIFIED})
_DIGITS = str.maketrans({wide: narrow for wide, narrow in NARROW.items() if narrow.isdigit()})
_ZEROS = str.maketrans("OＯ", "00")


def drop_unseen(text: str) -> str:
    """The text without white space and zero-width characters."""
    return _DROPPED.sub("", text)


def to_narrow(text: str) -> str:
    """Full-width ASCII as ASCII."""
    return text if text.isascii() else text.translate(_NARROW)


def narrow_digits(text: str) -> str:
    """Full-width digits as ASCII ones."""
    return text if text.isascii() else text.translate(_DIGITS)


def fold_serial(text: str) -> str:
    """ASCII digits without leading zeros, a capital O read as zero; `0` where nothing else is left.

    The serial stays text: it may have thousands of digits.
    """
    return narrow_digits(text.translate(_ZEROS)).lstrip("0") or "0"


def to_simplified(text: str) -> str:
    """Traditional as simplified Chinese.

    A text with half a surrogate pair, as broken JSON may hold one, is no Unicode text and stays as it is.
    """
    if text.isascii():
        return text
    try:
        return _opencc()(text)
    except UnicodeEncodeError:
        return text


@cache
def _opencc() -> Callable[[str], str]:
    """OpenCC's dictionaries are loaded when first needed."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@lru_cache(maxsize=4096)
def fold_issuer(text: str) -> str:
    """An issuer's name as names of issuers are compared: unseen characters dropped, ASCII narrow, simplified Chinese.

    OpenCC is asked until nothing changes (薴 → 苧 → 苎): folding a folded name must not change it.
    """
    folded = drop_unseen(text)
    while True:
        again = to_simplified(folded.translate(_VOCABULARY))
        if again == folded:
            return folded
        folded = again
