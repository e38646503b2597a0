"""From texts as found to typed rows of the register, each with a reason if it cannot be one."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR
from compliance.catalog.sources import literal
from compliance.permits import shipped_issuers
from compliance.permits.sql import is_official_sql, parse_sql
from compliance.register.found import Found
from compliance.register.vocabulary import status_of, system_of

TYPED = (
    "permit_number",
    "title_name",
    "alt_name",
    "producer",
    "filing_org",
    "platform",
    "status",
    "issued_on",
    "reported_at",
)
"""The columns of a row that are compared: what the filing system says of it."""

_TIMES = ("issued_on", "reported_at", "updated_at")
_TEXTS = ("permit_number", "title_name", "alt_name", "producer", "filing_org", "platform", *_TIMES)
_UNSEEN = (
    "\t-\r", "\x1c- ", "\x85", "\xa0", "\u1680", "\u2000-\u200d", "\u2028-\u202f", "\u205f-\u2060", "\u3000", "\ufeff",
)  # fmt: skip
"""White space and zero-width characters, as ranges."""
_CLASS = f"[{''.join(_UNSEEN)}]"
_ODD_EDGE = f"(?:^|\x01)(?:{_CLASS}|')|{_CLASS}(?:\x01|$)"
"""In a row's cells, joined by a control character: one that begins or ends with what must be dropped."""
_WIDE = "０１２３４５６７８９－／．：　年月日时分秒"
_NARROW = "0123456789-/.: --"
_MOST_WORDS = 10_000
_EXCEL_EPOCH = "TIMESTAMP '1899-12-30'"
_SERIALS = (32_874, 73_415)
"""Excel's numbers of days from 1990 to 2100."""
_ISO = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?"

_MACROS = (
    # A text that a spreadsheet would take for a formula is written with an apostrophe before it; so is one that begins
    # with such apostrophes itself.
    "unguarded(x) AS CASE WHEN x[1] = '''' AND regexp_matches(x, '^''+[=+@-]') THEN x[2:] ELSE x END",
    f"tidy(x) AS nullif(unguarded(regexp_replace(x, {literal(f'^{_CLASS}+|{_CLASS}+$')}, '', 'g')), '')",
    # 2026年5月25日, ２０２６／５／２５ and 20260525 as 2026-5-25
    f"plain_day(x) AS regexp_replace(regexp_replace(trim(translate(x, {literal(_WIDE)}, {literal(_NARROW)})),"
    r" '^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})', '\1-\2-\3'), '^(\d{4})(\d{2})(\d{2})$', '\1-\2-\3')",
    # Excel counts days, and lets the time be their fraction.
    r"days(x) AS CASE WHEN regexp_full_match(x, '\d{5}(\.\d+)?')"
    f" AND TRY_CAST(x AS DOUBLE) BETWEEN {_SERIALS[0]} AND {_SERIALS[1]} THEN TRY_CAST(x AS DOUBLE) END",
    r"odd_moment(x) AS coalesce(CASE WHEN regexp_matches(x, '^\d{4}-\d{1,2}-\d{1,2}([ T]|$)')"
    r" THEN TRY_CAST(regexp_replace(x, ' ?(\+08:?(00)?)$', '') AS TIMESTAMP) END,"
    f" {_EXCEL_EPOCH} + to_seconds(CAST(round(days(x) * 86400) AS BIGINT)))",
    f"moment(x) AS CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, {literal(_ISO)})"
    " THEN TRY_CAST(x AS TIMESTAMP) ELSE odd_moment(plain_day(x)) END",
    "day(x) AS CASE WHEN length(x) = 10 AND x[5] = '-' AND x[8] = '-' THEN TRY_CAST(x AS DATE)"
    " ELSE CAST(moment(x) AS DATE) END",
    f"in_range(x) AS coalesce(year(x) BETWEEN {EARLIEST_YEAR} AND {LATEST_YEAR}, TRUE)",
)


def clean(found: Found, system: str | None) -> None:
    """Make `cleaned`: one row for each row of `found` that is not blank.

    Columns: row_no (rowid in `found`), system, number (canonical), TYPED, updated_at, reason (NULL: a good row).
    `system` is what the command line says; None: the rows say it.
    """
    con = found.con
    for macro in _MACROS:
        con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
    con.execute(f"CREATE OR REPLACE TEMP VIEW tidied AS {_tidied(found)}")
    _parse_odd(con)
    con.execute(f"CREATE OR REPLACE TABLE cleaned AS {_cleaned(found, system)}")


def _tidied(found: Found) -> str:
    """The texts without white space at their ends, NULL where nothing is left.

    Hardly a cell needs that: all cells of a row are looked at together, and only a row with such a cell is rewritten.
    """
    there = [name for name in _TEXTS if name in found.fields]
    tidied = ", ".join(
        f"CASE WHEN odd_edge THEN tidy({name}) ELSE nullif({name}, '') END AS {name}"
        if name in there
        else f"NULL::VARCHAR AS {name}"
        for name in _TEXTS
    )
    joined = f"concat_ws(chr(1), {', '.join(there)})"
    return (
        f"SELECT row_no, {tidied}, status AS status_text, system AS system_text, damaged FROM"
        f" (SELECT rowid AS row_no, *, regexp_matches({joined}, {literal(_ODD_EDGE)}) AS odd_edge FROM found)"
    )


def _parse_odd(con: duckdb.DuckDBPyConnection) -> None:
    """`odd` (text, number, reason): numbers that are not in the official form, each parsed once."""
    official = is_official_sql("permit_number", shipped_issuers())
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odd_texts AS SELECT DISTINCT tidy(permit_number) AS text FROM found"
        f" WHERE NOT {official} AND tidy(permit_number) IS NOT NULL"
    )
    parsed = parse_sql("odd_texts", "text", ["text"])
    con.execute(f"CREATE OR REPLACE TEMP TABLE odd AS SELECT text, canonical AS number, reason FROM ({parsed})")


def _cleaned(found: Found, system: str | None) -> str:
    kept = ", ".join(name for name in TYPED if name not in ("status", "issued_on", "reported_at"))
    blank = " AND ".join(f"t.{name} IS NULL" for name in _TEXTS)
    return f"""
SELECT row_no, system, number, {kept}, status, issued_on, reported_at, updated_at,
    CASE {_reasons(found, system)} END AS reason
FROM (
    SELECT t.* EXCLUDE (issued_on, reported_at, updated_at),
        coalesce(o.number, CASE WHEN o.text IS NULL THEN t.permit_number END) AS number, o.reason AS number_reason,
        {_meaning(found, "status", status_of, "'active'")} AS status,
        {_meaning(found, "system", system_of, "NULL" if system is None else literal(system))} AS system,
        day(t.issued_on) AS issued_on, moment(t.reported_at) AS reported_at, moment(t.updated_at) AS updated_at,
        {", ".join(f"t.{name} AS {name}_text" for name in _TIMES)}
    FROM tidied AS t LEFT JOIN odd AS o ON o.text = t.permit_number
    WHERE NOT ({blank})
)"""


def _meaning(found: Found, field: str, meaning_of: Callable[[str], str | None], absent: str) -> str:
    """What the words of a column mean, or what holds where the files have no such column."""
    if field not in found.fields:
        return f"{absent}::VARCHAR"
    words = found.con.execute(
        f"SELECT DISTINCT {field} FROM found WHERE {field} IS NOT NULL LIMIT {_MOST_WORDS}"
    ).fetchall()
    known = [(word, meaning_of(word)) for (word,) in words]
    cases = [f"WHEN {literal(word)} THEN {literal(meaning)}" for word, meaning in known if meaning]
    return f"CASE {field}_text {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _reasons(found: Found, system: str | None) -> str:
    """The tests in the order in which the first one that strikes is told."""
    tests = [
        ("damaged", "'damaged'"),
        ("permit_number IS NULL", "'number_blank'"),
        ("number_reason IS NOT NULL", "'number_' || number_reason"),
        ("title_name IS NULL", "'title_blank'"),
        ("status IS NULL", "CASE WHEN tidy(status_text) IS NULL THEN 'status_blank' ELSE 'status_unknown' END"),
        *(
            (f"{name} IS NULL AND {name}_text IS NOT NULL", f"'{name}_wrong'")
            for name in _TIMES
            if name in found.fields
        ),
        *((f"NOT in_range({name})", "'year_out_of_range'") for name in _TIMES if name in found.fields),
    ]
    if "system" in found.fields or system is None:
        tests.append(("system IS NULL", "'system_unknown'"))
    if "system" in found.fields and system is not None:
        tests.append((f"system <> {literal(system)}", "'system_differs'"))
    return " ".join(f"WHEN {test} THEN {reason}" for test, reason in tests)
