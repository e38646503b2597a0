"""How a written number differs from its canonical form, told in short words for evidence and statistics."""

from __future__ import annotations

import re
from collections.abc import Mapping

from compliance.permits import patterns
from compliance.permits.folding import drop_unseen, fold_issuer, fold_serial, to_narrow

_WHITE_SPACE = re.compile(patterns.WHITE_SPACE)
_LABEL_WORD = re.compile(patterns.LABEL_WORD)
_WIDE = frozenset(patterns.NARROW) - frozenset(patterns.OPEN + patterns.CLOSE)
_UNOFFICIAL_BRACKETS = frozenset(patterns.OPEN + patterns.CLOSE) - frozenset("（）")


def deviations(groups: Mapping[str, str], number: str, *, written: str, raw: str) -> tuple[str, ...]:
    """The deviations in a fixed order.

    `groups` are the parts that the pattern found (empty where it found none), `number` the canonical form, `written`
    the number without what stands around it and without unseen characters, `raw` the whole text.
    """
    if raw == number:
        return ()
    around = _around(groups, raw)
    characters = frozenset(written)
    own = _of_v_number(groups) if groups["letter"] else _of_issued_number(groups, number)
    shapes = {
        "full_width": not characters.isdisjoint(_WIDE),
        "brackets": not characters.isdisjoint(_UNOFFICIAL_BRACKETS),
    }
    return tuple(name for name, present in {**around, **shapes, **own}.items() if present)


def _around(groups: Mapping[str, str], raw: str) -> dict[str, bool]:
    before = groups.get("before", "")
    return {
        "label_word": bool(_LABEL_WORD.search(before)),
        "punctuation": bool(_LABEL_WORD.sub("", before) or groups.get("after")),
        "white_space": bool(_WHITE_SPACE.search(raw)),
        "zero_width": _WHITE_SPACE.sub("", raw) != drop_unseen(raw),
    }


def _of_v_number(groups: Mapping[str, str]) -> dict[str, bool]:
    return {"lower_case_v": to_narrow(groups["letter"]) == patterns.ONLINE_LETTER.lower()}


def _of_issued_number(groups: Mapping[str, str], number: str) -> dict[str, bool]:
    named = (groups["issuer"], groups["bare"], groups["words"], groups["hao"])
    return {
        "no_brackets": bool(groups["bare"]),
        "traditional": any(fold_issuer(part) != to_narrow(part) for part in named),
        "filing_words": fold_issuer(groups["words"]) not in number,
        "letter_o": not frozenset(groups["serial"]).isdisjoint("OＯ"),
        "leading_zeros": len(fold_serial(groups["serial"])) < len(groups["serial"]),
        "no_di": not groups["di"],
        "no_hao": not groups["hao"],
    }
