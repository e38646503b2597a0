"""Name equality (contract, section 5): when two names of titles or producers are the same name."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, is_normalized, normalize

from compliance.permits.folding import drop_unseen, to_simplified

_SEPARATOR = "\n"  # dropped from every name, so it parts names safely


def name_key(name: str) -> str:
    """What equal names have in common.

    NFKC, unseen characters dropped, punctuation at both ends dropped, case folded, traditional → simplified.
    """
    return to_simplified(_without_edges_and_case(name))


def name_keys(names: Sequence[str | None]) -> list[str | None]:
    """`name_key` of each name, None for None: one call of OpenCC for all, which costs a fraction of a call for each.

    The names must be Unicode text without halves of surrogate pairs, as everything out of Arrow is.
    """
    bare = ["" if name is None else _without_edges_and_case(name) for name in names]
    keys = to_simplified(_SEPARATOR.join(bare)).split(_SEPARATOR) if names else []
    return [None if name is None else key for name, key in zip(names, keys, strict=True)]


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
