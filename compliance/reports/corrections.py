"""The correction sheet: what is wrong with each title and how to cure it, with cells to fill in and send back."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from compliance.reports.book import SHEET_ROWS, Book
from compliance.reports.cells import in_lines, worded
from compliance.reports.files import sql_text
from compliance.rules.model import Rule

_WIDTHS = (
    ("title_id", 22),
    ("name", 32),
    ("platform", 14),
    ("producer", 30),
    ("decision", 10),
    ("permit", 40),
    ("wrong", 50),
    ("remedy", 60),
)
_ASKED = (("new_permit", 40), ("new_name", 30), ("done_on", 20), ("comment", 40))


def correction_sheet(
    book: Book, con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule], where: str = "TRUE"
) -> None:
    """Write the sheet for the blocked and held titles for which `where` holds (a condition over `listed`)."""
    (size,) = con.execute(f"SELECT count(*) FROM listed WHERE {where}").fetchall()[0]
    columns = book.columns(*_WIDTHS, fill_in=_ASKED)
    for sheet in book.listed(book.word("correction"), columns, con, _query(book, rules, where), size):
        last = min(size, SHEET_ROWS)
        if last:
            day = len(_WIDTHS) + 2
            rule = {"validate": "date", "criteria": ">=", "value": "=DATE(2022,1,1)", "ignore_blank": True}
            sheet.data_validation(1, day, last, day, rule)


def _query(book: Book, rules: Mapping[str, Rule], where: str) -> str:
    wrong = in_lines("wrong", {rule.id: rule.title[book.language] for rule in rules.values()})
    remedies = in_lines("wrong", {rule.id: rule.remedy[book.language] for rule in rules.values()})
    decision = worded("decision", {word: book.word(word) for word in ("block", "hold")})
    return f"""
SELECT title_id, name, platform, producer, {decision}, permit,
    COALESCE(nullif({wrong}, ''), {sql_text(book.word("quarantine"))}), nullif({remedies}, '')
FROM (
    SELECT title_id, name, platform, producer, decision, permit,
        list(rule ORDER BY rule) FILTER (rule IS NOT NULL) AS wrong
    FROM (FROM listed WHERE {where})
    LEFT JOIN (SELECT title_id, rule FROM findings WHERE action <> 'warn') USING (title_id) GROUP BY ALL
)
ORDER BY producer NULLS LAST, title_id"""
