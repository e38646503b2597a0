"""What the opening, the player and the detail page show of one title's number and name (contract, section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from compliance.engines.single.evidence import Evidence, Row
from compliance.engines.single.numbers import is_rightly_issued
from compliance.permits import Issuer, Permit, find, names_equal
from compliance.permits.folding import drop_unseen
from compliance.policy import Policy


def label_facts(title: Row, permit: Permit | None, evidence: Evidence, policy: Policy) -> dict[str, object]:
    """The label facts of a title whose number is `permit`; None counts as different from whatever is shown."""
    floor = policy.number("label_confidence_floor")
    rows = [row for row in evidence.labels if not _is_doubtful(row, floor)]
    media = {row["media_hash"] for row in evidence.episodes if row["media_hash"]}
    fresh = [row for row in rows if not _is_stale(row, media)]
    shown = _numbers_shown(fresh, evidence.issuers)
    expected = permit.canonical if permit is not None else None
    others = [(row["channel"], number) for row, number in shown if number != expected]
    titles = [text for text in (row["title_text"] for row in fresh) if _has_text(text)]
    other_titles = [text for text in titles if not names_equal(text, title["name"])]
    return {
        "label_present": any(_has_text(row["text"]) for row in rows),
        "label_fresh": any(_has_text(row["text"]) for row in fresh),
        "label_readable": bool(shown),
        "label_differs_shown": any(channel != "burned_in" for channel, _ in others),
        "label_differs_burned_in": any(channel == "burned_in" for channel, _ in others),
        "label_number": _least(number for _, number in others),
        "label_title_differs": bool(other_titles),
        "label_title": _least(other_titles),
    }


def _is_doubtful(row: Row, floor: float) -> bool:
    """Reading pixels is a guess; below the floor it is no evidence at all."""
    return row["channel"] == "burned_in" and row["confidence"] is not None and row["confidence"] < floor


def _is_stale(row: Row, media: set[str]) -> bool:
    """The row was read from a cut that the title no longer has."""
    return bool(row["media_hash"]) and bool(media) and row["media_hash"] not in media


def _has_text(text: str | None) -> bool:
    """White space and characters without width show nothing."""
    return text is not None and drop_unseen(text) != ""


def _numbers_shown(rows: Sequence[Row], issuers: Mapping[str, Issuer]) -> list[tuple[Row, str]]:
    """Each row that shows a number, with its canonical form."""
    found = ((row, find(row["text"])) for row in rows if _has_text(row["text"]))
    return [
        (row, number.canonical)
        for row, number in found
        if isinstance(number, Permit) and is_rightly_issued(number, issuers)
    ]


def _least(texts: Iterable[str]) -> str | None:
    """The least by code point, so that the order of the rows never shows."""
    return min(texts, default=None)
