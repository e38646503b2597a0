"""Long lists become a workbook's cells in DuckDB: Python looks at no cell but those that need care."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import duckdb
from xlsxwriter.utility import xl_col_to_name

from compliance.reports.files import sql_text

PLAIN_LENGTH = 16_000
"""A text that is not longer fits into a cell, whatever its characters (Excel counts those of UTF-16)."""
CARE = r"[\x00-\x1f&<>\x7f-\x9f\x{fffe}\x{ffff}]|_x|^[\s\p{Z}=+@-]|[\s\p{Z}]$"
"""What must not stand in XML as it is, a space at an end, the beginning of a formula: hardly a text has any of it."""

_ROWS_AT_ONCE = 5_000
_EPOCH = "TIMESTAMP '1899-12-30'"
"""The day from which Excel counts."""


def rows_as_xml(
    con: duckdb.DuckDBPyConnection,
    query: str,
    *,
    sheet_rows: int,
    styles: Mapping[str, str],
    careful: Callable[[str], str],
) -> Iterator[str]:
    """The rows of a query, in its order, as `<row>` elements below a header, numbered anew after each `sheet_rows`.

    Columns are VARCHAR, DATE, TIMESTAMP or whole numbers; NULL leaves a cell out. `styles` gives the attribute that
    names the format of a DATE, a TIMESTAMP and a number (`INTEGER`); `careful` makes a text's cell after its place.
    """
    con.create_function("careful_cell", careful, ["VARCHAR"], "VARCHAR")
    try:
        described = con.execute(f"DESCRIBE {query}").fetchall()
        cells = ", ".join(
            _cell(xl_col_to_name(place), f"c{place}", type_, styles) for place, (_, type_, *_) in enumerate(described)
        )
        names = ", ".join(f"c{place}" for place in range(len(described)))
        found = con.execute(f"""
SELECT concat('<row r="', n, '">', {cells}, '</row>')
FROM (SELECT (row_number() OVER () - 1) % {sheet_rows} + 2 AS n, * FROM ({query}) AS listed ({names}))""")
        while rows := found.fetchmany(_ROWS_AT_ONCE):
            for (row,) in rows:
                yield row
    finally:
        con.remove_function("careful_cell")


def _cell(letter: str, column: str, type_: str, styles: Mapping[str, str]) -> str:
    place = f"'<c r=\"{letter}', n, '\"'"
    if type_ == "VARCHAR":
        plain = f"length({column}) <= {PLAIN_LENGTH} AND NOT regexp_matches({column}, {sql_text(CARE)})"
        return (
            f"CASE WHEN {column} IS NULL THEN '' WHEN {plain}"
            f" THEN concat({place}, ' t=\"inlineStr\"><is><t>', {column}, '</t></is></c>')"
            f" ELSE concat({place}, careful_cell({column})) END"
        )
    value, style = column, styles["INTEGER"]
    if type_ == "DATE":
        value, style = f"date_diff('day', CAST({_EPOCH} AS DATE), {column})", styles["DATE"]
    elif type_ == "TIMESTAMP":
        value, style = f"(epoch_us({column}) - epoch_us({_EPOCH})) / 86400e6", styles["TIMESTAMP"]
    return (
        f"CASE WHEN {column} IS NULL THEN '' ELSE concat({place}, {sql_text(style)}, '><v>', {value}, '</v></c>') END"
    )


def worded(column: str, words: Mapping[str, str]) -> str:
    """SQL for a column of known words in a reader's language; another word stays as it is."""
    if not words:
        return column
    cases = " ".join(f"WHEN {sql_text(word)} THEN {sql_text(text)}" for word, text in words.items())
    return f"CASE {column} {cases} ELSE {column} END"


def in_lines(column: str, words: Mapping[str, str]) -> str:
    """SQL for a list of known words, each in a line of its own."""
    return f"array_to_string(list_transform({column}, lambda word: {worded('word', words)}), chr(10))"


def evidence(column: str, names: Mapping[str, str]) -> str:
    """SQL for the values that a rule saw, as `fact: value`, parted by semicolons; a dash for none."""
    value = f"COALESCE(json_extract_string({column}, '$.\"' || fact || '\"'), '—')"
    facts = f"list_transform(json_keys({column}), lambda fact: concat({worded('fact', names)}, ': ', {value}))"
    return f"array_to_string({facts}, '; ')"
