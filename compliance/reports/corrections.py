"""The correction sheet: what is wrong with each title and how to cure it, with cells to fill in and send back."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from compliance.reports.book import SHEET_ROWS, Book
from compliance.reports.cells import in_lines, worded
from compliance.reports.files import sql_text
from compliance.reports.texts import TEXTS
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


def gather_corrections(con: duckdb.DuckDBPyConnection, rules: Mapping[str, Rule], language: str) -> None:
    """Make the table `corrections`: the sheet's given columns for every blocked or held title, and its failed `rules`.

    A title held by nothing but unknown outcomes is left out: nothing is proven against it, and what is missing to tell
    is the platform's to supply. `con` has the relations of `files.opened`. Made once, it serves a sheet for each of
    very many producers.
    """
    wrong = in_lines("rules", {rule.id: rule.title[language] for rule in rules.values()})
    remedies = in_lines("rules", {rule.id: rule.remedy[language] for rule in rules.values()})
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE corrections AS
SELECT title_id, name, platform, producer, decision, permit, rules,
    COALESCE(nullif({wrong}, ''), {sql_text(TEXTS["quarantine"][language])}) AS wrong, nullif({remedies}, '') AS remedy
FROM (FROM listed SELECT * EXCLUDE (rules)) LEFT JOIN (
    SELECT title_id, list(rule ORDER BY rule) FILTER (outcome = 'fail') AS rules, TRUE AS found
    FROM findings WHERE action <> 'warn' GROUP BY title_id
) USING (title_id)
WHERE found IS NULL OR rules IS NOT NULL
ORDER BY producer NULLS LAST, title_id""")


def correction_sheet(book: Book, con: duckdb.DuckDBPyConnection, where: str = "TRUE") -> None:
    """Write the sheet for those of `corrections` for which `where` holds."""
    (size,) = con.execute(f"SELECT count(*) FROM corrections WHERE {where}").fetchall()[0]
    columns = book.columns(*_WIDTHS, fill_in=_ASKED)
    decision = worded("decision", {word: book.word(word) for word in ("block", "hold")})
    query = f"""
SELECT title_id, name, platform, producer, {decision}, permit, wrong, remedy FROM corrections WHERE {where}
ORDER BY producer NULLS LAST, title_id"""
    for sheet in book.listed(book.word("correction"), columns, con, query, size):
        last = min(size, SHEET_ROWS)
        if last:
            day = len(_WIDTHS) + 2
            rule = {"validate": "date", "criteria": ">=", "value": "=DATE(2022,1,1)", "ignore_blank": True}
            sheet.data_validation(1, day, last, day, rule)
