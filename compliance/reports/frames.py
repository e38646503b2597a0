"""Evidence frames: what `gate labels read` saw, for the findings about labels and AI notices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from compliance.reports.lines import Frame, RuleLine, TitleLine

if TYPE_CHECKING:
    from compliance.labels.store import Evidence

SHOWN_BYTES = 6_000_000
"""Frames that the page carries, in all; the others stay in the store and are told by their number."""
_OF_LABELS = "label-"
_OF_NOTICES = "ai-notice-missing"


def evidence_in(folder: Path | None) -> Evidence | None:
    """The evidence store in a folder; None where nothing has been read into it.

    One that nobody can look into is there: whoever reads it hears what is wrong.
    """
    if folder is None:
        return None
    from compliance.labels.store import Evidence, EvidenceError

    store = Evidence(folder)
    try:
        return store if store.exists() else None
    except EvidenceError:
        return store


def is_shown_by_frames(rule: str) -> bool:
    """Whether a frame of the video is evidence for this rule's findings."""
    return rule.startswith(_OF_LABELS) or rule == _OF_NOTICES


def framed_rules(lines: Sequence[RuleLine]) -> list[str]:
    """Of these rules, those whose findings frames show."""
    return [line.rule.id for line in lines if is_shown_by_frames(line.rule.id)]


def framed_titles(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Titles with a finding that frames show; `con` has the relation `findings`."""
    rows = con.execute("SELECT DISTINCT title_id, rule FROM findings").fetchall()
    return sorted({title_id for title_id, rule in rows if is_shown_by_frames(rule)})


def frames_of(store: Evidence | None, title_ids: Sequence[str]) -> Iterator[Frame]:
    """The frames of the readings that count, in order of title and episode. Raises EvidenceError."""
    for kept in store.of_titles(title_ids) if store is not None else ():
        notice = [(kept.notice_evidence, kept.notice, kept.notice_at_s)] if kept.notice_evidence else []
        for path, text, at_s in [*((path, kept.text, kept.at_s) for path in kept.evidence[:1]), *notice]:
            place = store.folder / path if store is not None else Path(path)
            yield Frame(kept.title_id or "", kept.episode_no, str(kept.outcome), text or "", at_s, path, place)


def shown_frames(store: Evidence | None, titles: Sequence[TitleLine]) -> tuple[dict[str, list[Frame]], int]:
    """The frames that the page shows with its titles, the most urgent titles first, and how many it leaves out."""
    asked = [title.title_id for title in titles if any(is_shown_by_frames(line.rule) for line in title.findings)]
    by_title: dict[str, list[Frame]] = {}
    for frame in frames_of(store, asked):
        by_title.setdefault(frame.title_id, []).append(frame)
    shown: dict[str, list[Frame]] = {}
    room, left_out = SHOWN_BYTES, 0
    for title_id in asked:
        for frame in by_title.get(title_id, ()):
            size = frame.file.stat().st_size if frame.file.is_file() else 0
            if 0 < size <= room:
                room -= size
                shown.setdefault(title_id, []).append(frame)
            else:
                left_out += 1
    return shown, left_out
