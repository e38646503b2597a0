"""Name equality (contract, section 5): when two names of titles or producers are the same name."""

from __future__ import annotations

from unicodedata import category, is_normalized, normalize

from compliance.permits.folding import drop_unseen, to_simplified

EDGE_MARKS = "《》「」『』“”！？。…"
"""Punctuation that often stands round a name in one place and not in the other. To drop these from both ends never
changes `name_key`, so two names that are alike without them are equal: a cheap answer for an engine of millions."""


def name_key(name: str) -> str:
    """What equal names have in common.

    NFKC, unseen characters dropped, punctuation at both ends dropped, case folded, traditional → simplified.
    """
    return to_simplified(_without_edges_and_case(name))


def names_equal(one: str, other: str) -> bool:
    """Whether two names are the same name."""
    return one == other or name_key(one) == name_key(other)


def _without_edges_and_case(name: str) -> str:
    composed = name if is_normalized("NFKC", name) else normalize("NFKC", name)
    return _without_edges(drop_unseen(composed)).casefold()


def _without_edges(text: str) -> str:
    start, end = 0, len(text)
    while start < end and category(text[start])[0] == "P":
        start += 1
    while start < end and category(text[end - 1])[0] == "P":
        end -= 1
    return text[start:end]
