"""The report as an Excel workbook: what a run found, by rule, platform and producer, in full, and what to send back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from compliance.reports.book import Book, Share, opened_book
from compliance.reports.cells import evidence, worded
from compliance.reports.corrections import correction_sheet, gather_corrections
from compliance.reports.files import opened, sql_text
from compliance.reports.frames import framed_rules, framed_titles, frames_of
from compliance.reports.model import Report
from compliance.reports.overview import background_sheets, overview_sheets
from compliance.reports.reading import PRODUCERS_SQL
from compliance.reports.words import FACTS_ZH

if TYPE_CHECKING:
    from compliance.labels.store import Evidence

_FETCHED = 10_000
_WORDS = ("block", "hold", "warn", "allow", "fail", "unknown", "on_air", "prepublish", "cured", "gone")


def write_workbook(report: Report, folder: Path, path: Path, language: str, *, store: Evidence | None = None) -> None:
    """Write all sheets; a list longer than a sheet goes on in the next one.

    With a `store` of evidence, a finding about labels names the file of its frame there.
    """
    with opened_book(path, language) as book, opened(folder) as con:
        overview_sheets(book, report)
        _producers(book, con, report)
        _block_list(book, con)
        _findings(book, con, report, store)
        _cured(book, con)
        gather_corrections(con, {line.rule.id: line.rule for line in report.rules}, language)
        correction_sheet(book, con)
        background_sheets(book, report)


def _producers(book: Book, con: duckdb.DuckDBPyConnection, report: Report) -> None:
    columns = book.columns(("producer", 40), ("block", 12), ("hold", 12), ("judged", 12), ("share", 14), ("fresh", 12))
    con.execute(PRODUCERS_SQL)
    rows = (
        (name or book.word("unknown_producer"), block, hold, judged, judged and Share((block + hold) / judged), fresh)
        for name, judged, hold, block, fresh in _fetched(con)
    )
    book.sheets(book.word("producers"), columns, rows, report.listed_producers)


def _block_list(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("decision", 10), ("stage", 14)]
    widths += [("rule", 50), ("permit", 40), ("first_listed", 18)]
    query = f"""
SELECT b.title_id, d.name, b.platform, d.producer, {_said(book, "b.decision")}, {_said(book, "b.stage")},
    array_to_string(b.rules, ', '), b.permit, CAST(b.first_listed_at AS TIMESTAMP)
FROM block_list AS b LEFT JOIN details AS d USING (title_id) ORDER BY b.decision, b.title_id"""
    book.listed(book.word("block_list"), book.columns(*widths), con, query, _size(con, "block_list"))


def _findings(book: Book, con: duckdb.DuckDBPyConnection, report: Report, store: Evidence | None) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 14), ("producer", 30), ("rule", 30), ("outcome", 12)]
    widths += [("action", 10), ("stage", 14), ("regime", 16), ("since", 12), ("clause", 40), ("evidence", 80)]
    frame, frames = "", ""
    if store is not None:
        _load_frames(con, store)
        widths.append(("frame", 44))
        shown = ", ".join(map(sql_text, framed_rules(report.rules)))
        frame, frames = f", CASE WHEN f.rule IN ({shown}) THEN p.path END", "LEFT JOIN frames AS p USING (title_id)"
    query = f"""
SELECT f.title_id, d.name, COALESCE(d.platform, b.platform), d.producer, f.rule, {_said(book, "f.outcome")},
    {_said(book, "f.action")}, {_said(book, "f.stage")}, f.regime, s.since, f.clause,
    {evidence("f.evidence", FACTS_ZH if book.language == "zh" else {})}{frame}
FROM findings AS f
LEFT JOIN details AS d USING (title_id)
LEFT JOIN block_list AS b USING (title_id)
LEFT JOIN standing AS s ON s.title_id = f.title_id AND s.rule = f.rule {frames}
ORDER BY f.title_id, f.rule"""
    book.listed(book.word("findings"), book.columns(*widths), con, query, report.findings)


def _load_frames(con: duckdb.DuckDBPyConnection, store: Evidence) -> None:
    """The relation `frames` (title_id, path): the first frame of each title with a finding that frames show."""
    first = {frame.title_id: frame.path for frame in reversed(list(frames_of(store, framed_titles(con))))}
    con.execute("CREATE OR REPLACE TEMP TABLE frames (title_id VARCHAR, path VARCHAR)")
    if first:
        con.executemany("INSERT INTO frames VALUES (?, ?)", list(first.items()))


def _cured(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("rule", 30), ("action", 10)]
    query = f"""
SELECT title_id, name, platform, producer, rule, {_said(book, "action")}, since, {_said(book, "how")}
FROM cured ORDER BY title_id, rule"""
    columns = book.columns(*widths, ("since", 12), ("how", 20))
    book.listed(book.word("cured_list"), columns, con, query, _size(con, "cured"))


def _said(book: Book, column: str) -> str:
    """SQL for a column of the outputs' closed lists, in the reader's language."""
    return worded(column, {word: book.word(word) for word in _WORDS})


def _size(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows
