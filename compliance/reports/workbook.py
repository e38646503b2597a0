"""The report as an Excel workbook, written row by row so that memory stays bounded at any number of findings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from compliance.reports.model import Report, opened
from compliance.reports.texts import TEXTS, clean, evidence_text

SHEET_ROWS = 1_000_000
"""Rows of one sheet, below the header; Excel holds 1,048,576."""
_CELL_LIMIT = 32_767
"""Characters that Excel takes in one cell."""
_FETCHED = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    width: int


class _Book:
    """A workbook being written; cells hold text, numbers and instants, never formulas or links."""

    def __init__(self, path: Path, language: str) -> None:
        self.language = language
        self.book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": str(path.parent),
            },
        )
        self._head = self.book.add_format({"bold": True, "bottom": 1, "bg_color": "#F0F2F4"})
        self._number = self.book.add_format({"num_format": "#,##0"})
        self._instant = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        # The mark that Excel itself sets for text typed after an apostrophe: editing the cell keeps it text.
        self._quoted = self.book.add_format({"quote_prefix": True, "num_format": "@"})

    def word(self, key: str) -> str:
        return TEXTS[key][self.language]

    def columns(self, *columns: tuple[str, int]) -> list[_Column]:
        return [_Column(self.word(key), width) for key, width in columns]

    def sheets(self, name: str, columns: Sequence[_Column], rows: Iterable[Sequence[Any]], size: int) -> None:
        """One table over as many sheets as it needs, each with header, filter and frozen panes."""
        waiting = iter(rows)
        for part in range(max(1, -(-size // SHEET_ROWS))):
            sheet = self._sheet(name if part == 0 else f"{name} {part + 1}", columns)
            last = 0
            for last, row in enumerate(_first(waiting, SHEET_ROWS), start=1):
                for place, value in enumerate(row):
                    self._write(sheet, last, place, value)
            sheet.autofilter(0, 0, last, len(columns) - 1)

    def _sheet(self, name: str, columns: Sequence[_Column]) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        sheet.write_row(0, 0, [column.header for column in columns], self._head)
        sheet.freeze_panes(1, 1)
        return sheet

    def _write(self, sheet: Worksheet, row: int, place: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, datetime):
            sheet.write_datetime(row, place, value, self._instant)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, place, value, self._number)
        else:
            text = clean(value.isoformat() if isinstance(value, date) else str(value), _CELL_LIMIT)
            sheet.write_string(row, place, text, self._quoted if text.lstrip().startswith(_FORMULA_STARTS) else None)


def write_workbook(report: Report, folder: Path, path: Path, language: str) -> None:
    """Write the sheets summary, rules, block list and findings; a list longer than a sheet goes on in the next."""
    book = _Book(path, language)
    try:
        _summary(book, report)
        _rules(book, report)
        with opened(folder) as con:
            _block_list(book, con)
            _findings(book, con, report)
    finally:
        book.book.close()


def _summary(book: _Book, report: Report) -> None:
    word = book.word
    rows: list[tuple[object, ...]] = [
        (word("as_of"), report.as_of),
        (word("run"), report.run_id),
        (word("policy"), report.policy),
        (word("engine"), report.engine),
        (word("seconds"), report.seconds),
    ]
    rows += [(word(key), number) for key, number in report.counts.items()]
    rows += [
        (f"{word('stage')}: {word(name)}: {word(decision)}", getattr(share, decision))
        for name, share in report.stages.items()
        for decision in ("block", "hold", "allow")
    ]
    rows += [
        (f"{word('regime')}: {share.name or word('none_regime')}: {word(decision)}", getattr(share, decision))
        for share in report.regimes
        for decision in ("block", "hold", "allow")
    ]
    rows += [(f"{word('placements')}: {tally.name}", tally.count) for tally in report.placements]
    rows += [(f"{word('quarantine')}: {tally.name}", tally.count) for tally in report.quarantine]
    rows += [(f"{word('inputs')}: {relation}", number) for relation, number in report.inputs.items()]
    rows += [(word("stale"), system) for system in report.stale_systems]
    rows += [(word("note"), note) for note in report.notes]
    book.sheets(word("summary"), book.columns(("summary", 44), ("count", 30)), rows, len(rows))


def _rules(book: _Book, report: Report) -> None:
    columns = book.columns(
        ("rule", 32),
        ("name", 40),
        ("block", 10),
        ("hold", 10),
        ("warn", 10),
        ("fail", 10),
        ("unknown", 12),
        ("evaluated", 12),
        ("clause", 44),
        ("remedy", 60),
        ("rules_off", 30),
    )
    rows = [
        (
            line.rule.id,
            line.rule.title[book.language],
            *(line.actions.get(action, 0) for action in ("block", "hold", "warn")),
            line.fail,
            line.unknown,
            line.evaluated,
            line.rule.clause,
            line.rule.remedy[book.language],
            line.reason,
        )
        for line in report.rules
    ]
    book.sheets(book.word("rules"), columns, rows, len(rows))


def _block_list(book: _Book, con: duckdb.DuckDBPyConnection) -> None:
    columns = book.columns(
        ("title_id", 22),
        ("name", 32),
        ("platform", 16),
        ("producer", 32),
        ("decision", 10),
        ("stage", 14),
        ("rules", 50),
        ("permit", 36),
        ("first_listed", 18),
    )
    size = con.execute("SELECT count(*) FROM block_list").fetchall()[0][0]
    con.execute("""
SELECT b.title_id, d.name, b.platform, d.producer, b.decision, b.stage, array_to_string(b.rules, ', '), b.permit,
    b.first_listed_at
FROM block_list AS b LEFT JOIN details AS d USING (title_id) ORDER BY b.decision, b.title_id""")
    rows = ((*row[:4], book.word(row[4]), book.word(row[5]), *row[6:]) for row in _fetched(con))
    book.sheets(book.word("block_list"), columns, rows, size)


def _findings(book: _Book, con: duckdb.DuckDBPyConnection, report: Report) -> None:
    columns = book.columns(
        ("title_id", 22),
        ("name", 32),
        ("platform", 16),
        ("producer", 32),
        ("rule", 30),
        ("outcome", 12),
        ("action", 10),
        ("stage", 14),
        ("regime", 18),
        ("clause", 40),
        ("evidence", 80),
    )
    con.execute("""
SELECT f.title_id, d.name, COALESCE(d.platform, b.platform), d.producer, f.rule, f.outcome, f.action, f.stage, f.regime,
    f.clause, f.evidence
FROM findings AS f LEFT JOIN details AS d USING (title_id) LEFT JOIN block_list AS b USING (title_id)
ORDER BY f.title_id, f.rule""")
    rows = (
        (
            *row[:5],
            book.word(row[5]),
            book.word(row[6]),
            book.word(row[7]),
            *row[8:10],
            evidence_text(json.loads(row[10])),
        )
        for row in _fetched(con)
    )
    book.sheets(book.word("findings"), columns, rows, report.findings)


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows


def _first(rows: Iterator[Sequence[Any]], limit: int) -> Iterator[Sequence[Any]]:
    for _, row in zip(range(limit), rows, strict=False):
        yield row
