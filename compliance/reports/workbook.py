"""The report as an Excel workbook: what a run found, by rule, platform and producer, in full, and what to send back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from compliance.reports.book import Book, Share, opened_book
from compliance.reports.corrections import correction_sheet
from compliance.reports.files import opened
from compliance.reports.frames import framed_titles, frames_of, is_shown_by_frames
from compliance.reports.model import Report
from compliance.reports.overview import background_sheets, overview_sheets
from compliance.reports.reading import PRODUCERS_SQL
from compliance.reports.texts import evidence_text

if TYPE_CHECKING:
    from compliance.labels.store import Evidence

_FETCHED = 10_000


def write_workbook(
    report: Report, folder: Path, path: Path, language: str, *, evidence: Evidence | None = None
) -> None:
    """Write all sheets; a list longer than a sheet goes on in the next one.

    With `evidence`, a finding about labels names the file of its frame there.
    """
    with opened_book(path, language) as book, opened(folder) as con:
        overview_sheets(book, report)
        _producers(book, con, report)
        _block_list(book, con)
        _findings(book, con, report, _frame_files(con, evidence))
        _cured(book, con)
        correction_sheet(book, con, {line.rule.id: line.rule for line in report.rules})
        background_sheets(book, report)


def _producers(book: Book, con: duckdb.DuckDBPyConnection, report: Report) -> None:
    columns = book.columns(("producer", 40), ("block", 12), ("hold", 12), ("judged", 12), ("share", 14), ("fresh", 12))
    con.execute(PRODUCERS_SQL)
    rows = (
        (name or book.word("unknown_producer"), block, hold, judged, Share((block + hold) / judged), fresh)
        for name, judged, hold, block, fresh in _fetched(con)
    )
    book.sheets(book.word("producers"), columns, rows, report.listed_producers)


def _block_list(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("decision", 10), ("stage", 14)]
    widths += [("rules", 50), ("permit", 40), ("first_listed", 18)]
    size = con.execute("SELECT count(*) FROM block_list").fetchall()[0][0]
    con.execute("""
SELECT b.title_id, d.name, b.platform, d.producer, b.decision, b.stage, array_to_string(b.rules, ', '), b.permit,
    b.first_listed_at
FROM block_list AS b LEFT JOIN details AS d USING (title_id) ORDER BY b.decision, b.title_id""")
    rows = ((*row[:4], book.word(row[4]), book.word(row[5]), *row[6:]) for row in _fetched(con))
    book.sheets(book.word("block_list"), book.columns(*widths), rows, size)


def _frame_files(con: duckdb.DuckDBPyConnection, evidence: Evidence | None) -> dict[str, str]:
    """By title, the first frame of the store; only titles with a finding that frames show."""
    if evidence is None:
        return {}
    return {frame.title_id: frame.path for frame in reversed(list(frames_of(evidence, framed_titles(con))))}


def _findings(book: Book, con: duckdb.DuckDBPyConnection, report: Report, frames: Mapping[str, str]) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 14), ("producer", 30), ("rule", 30), ("outcome", 12)]
    widths += [("action", 10), ("stage", 14), ("regime", 16), ("since", 12), ("clause", 40), ("evidence", 80)]
    widths += [("frame", 44)] if frames else []
    con.execute("""
SELECT f.title_id, d.name, COALESCE(d.platform, b.platform), d.producer, f.rule, f.outcome, f.action, f.stage, f.regime,
    s.since, f.clause, f.evidence
FROM findings AS f
LEFT JOIN details AS d USING (title_id)
LEFT JOIN block_list AS b USING (title_id)
LEFT JOIN standing AS s ON s.title_id = f.title_id AND s.rule = f.rule
ORDER BY f.title_id, f.rule""")
    rows = (
        (
            *row[:5],
            book.word(row[5]),
            book.word(row[6]),
            book.word(row[7]),
            *row[8:11],
            evidence_text(json.loads(row[11]), book.language),
            frames.get(row[0]) if frames and is_shown_by_frames(row[4]) else None,
        )
        for row in _fetched(con)
    )
    book.sheets(book.word("findings"), book.columns(*widths), rows, report.findings)


def _cured(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("rule", 30), ("action", 10)]
    size = con.execute("SELECT count(*) FROM cured").fetchall()[0][0]
    con.execute(
        "SELECT title_id, name, platform, producer, rule, action, since, how FROM cured ORDER BY title_id, rule"
    )
    rows = ((*row[:5], book.word(row[5]), row[6], book.word(row[7])) for row in _fetched(con))
    book.sheets(book.word("cured_list"), book.columns(*widths, ("since", 12), ("how", 20)), rows, size)


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows
