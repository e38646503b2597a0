"""From texts as found to typed rows of the register, each with a reason if it cannot be one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb

from compliance.catalog.coercion import ZONE
from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR
from compliance.catalog.sources import literal
from compliance.permits import shipped_issuers
from compliance.permits.sql import is_official_sql, parse_sql
from compliance.register.found import ODD, Found
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

_TEXTS = ("permit_number", "title_name", "alt_name", "producer", "filing_org", "platform")
_TIMES = {
    "issued_on": ("day_of", "DATE"),
    "reported_at": ("moment_of", "TIMESTAMP"),
    "updated_at": ("moment_of", "TIMESTAMP"),
}
"""Columns of times: the macro that reads one, and its type."""
_UNSEEN = (
    "\t-\r", "\x1c- ", "\x85", "\xa0", "\u1680", "\u2000-\u200d", "\u2028-\u202f", "\u205f-\u2060", "\u3000", "\ufeff",
)  # fmt: skip
"""White space and zero-width characters, as ranges."""
_CLASS = f"[{''.join(_UNSEEN)}]"
_PLAIN_START = "(x >= '(' AND x < chr(127) OR x >= '、' AND x < chr(65279) OR x >= chr(65280))"
"""Neither white space nor zero-width nor an apostrophe: in the order of code points these stand before and between."""
_WIDE = "０１２３４５６７８９－／．：　年月日时分秒"
_NARROW = "0123456789-/.: --"
_MOST_WORDS = 10_000
_MEANINGS: Mapping[str, Callable[[str], str | None]] = {"status": status_of, "system": system_of}
"""Columns of words, and what gives a word's meaning."""
_FIRST_ROWS = 2_000
"""Rows by which most words of a column are known."""
_EXCEL_EPOCH = "TIMESTAMP '1899-12-30'"
_SERIALS = (32_874, 73_415)
"""Excel's numbers of days from 1990 to 2100."""
_MOMENT = r"\d{4}-\d{1,2}-\d{1,2}([ T]+[\d:.]+)?"
_ZONED = f"{_MOMENT} *({ZONE})"
_ISO = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?"

_MACROS = (
    # A text that a spreadsheet would take for a formula is written with an apostrophe before it; so is one that begins
    # with such apostrophes itself.
    "unguarded(x) AS CASE WHEN x[1] = '''' AND regexp_matches(x, '^''+[=+@-]') THEN x[2:] ELSE x END",
    f"tidy(x) AS nullif(unguarded(regexp_replace(x, {literal(f'^{_CLASS}+|{_CLASS}+$')}, '', 'g')), '')",
    # Of a cell that begins and ends with Han or ASCII characters nothing is dropped, and hardly a cell is another.
    f"text_of(x) AS CASE WHEN {_PLAIN_START} AND x[-1] BETWEEN '、' AND chr(65278) THEN x"
    f" WHEN {_PLAIN_START} AND x[-1] BETWEEN '(' AND '~' THEN x ELSE tidy(x) END",
    # 2026年5月25日, ２０２６／５／２５ and 20260525 as 2026-5-25
    f"plain_day(x) AS regexp_replace(regexp_replace(trim(translate(x, {literal(_WIDE)}, {literal(_NARROW)})),"
    r" '^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})', '\1-\2-\3'), '^(\d{4})(\d{2})(\d{2})$', '\1-\2-\3')",
    # Excel counts days, and lets the time be their fraction.
    r"days(x) AS CASE WHEN regexp_full_match(x, '\d{5}(\.\d+)?')"
    f" AND TRY_CAST(x AS DOUBLE) BETWEEN {_SERIALS[0]} AND {_SERIALS[1]} THEN TRY_CAST(x AS DOUBLE) END",
    # A time of another zone as the wall time of Shanghai.
    f"zoned(x) AS CASE WHEN regexp_full_match(x, {literal(_ZONED)})"
    r" THEN timezone('Asia/Shanghai', TRY_CAST(regexp_replace(x, ' +([+-])', '\1') AS TIMESTAMPTZ)) END",
    r"own_zone(x) AS regexp_replace(x, ' ?(\+08:?(00)?)$', '')",
    f"odd_moment(x) AS coalesce(CASE WHEN regexp_full_match(own_zone(x), {literal(_MOMENT)})"
    " THEN TRY_CAST(own_zone(x) AS TIMESTAMP) ELSE zoned(x) END,"
    f" {_EXCEL_EPOCH} + to_seconds(CAST(round(days(x) * 86400) AS BIGINT)))",
    f"moment(x) AS CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, {literal(_ISO)})"
    " THEN TRY_CAST(x AS TIMESTAMP) ELSE odd_moment(plain_day(x)) END",
    "day(x) AS CASE WHEN x LIKE '____-__-__' AND x >= '0' THEN TRY_CAST(x AS DATE) ELSE CAST(moment(x) AS DATE) END",
    # What can be read as it stands need not be looked at more closely.
    "day_of(x) AS coalesce(day(x), day(text_of(x)))",
    "moment_of(x) AS moment(text_of(x))",
    f"in_range(x) AS coalesce(year(x) BETWEEN {EARLIEST_YEAR} AND {LATEST_YEAR}, TRUE)",
)


def clean(found: Found, system: str | None) -> None:
    """Make `cleaned`: one row for each row of `found` that is not blank.

    Columns: row_no (place in `found`), system, number (canonical), TYPED, updated_at, reason (NULL: a good row).
    `system` is what the command line says; None: the rows say it. `cleaned` is a view of the table `taken`, which is
    made in one pass and then mended where a row is out of the ordinary.
    """
    con = found.con
    for macro in _MACROS:
        con.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
    try:
        _take(found, system)
    except ODD:
        if found.stream is None:
            raise
        found.settle()
        _take(found, system)
    con.execute("UPDATE taken SET blank = FALSE WHERE damaged")
    _parse_odd(con)
    for field in _MEANINGS:
        if field in found.fields:
            _look_up_rest(con, field)
    tests = _tests(found, system)
    con.execute(
        f"UPDATE taken SET reason = CASE {' '.join(f'WHEN {test} THEN {reason}' for test, reason in tests)} END"
        f" WHERE NOT blank AND ({' OR '.join(f'({test})' for test, _ in tests)})"
    )
    con.execute("CREATE OR REPLACE TEMP VIEW cleaned AS SELECT rowid AS row_no, * FROM taken WHERE NOT blank")


def _take(found: Found, system: str | None) -> None:
    """Make `taken`, a row for each row of `found`, blank ones too, so that its rowid tells the place of a row there.

    What only few rows need is left for later: number is NULL where it is not in the official form, status and system
    where their word is not among the first ones, reason everywhere.
    """
    texts, times = ([name for name in names if name in found.fields] for names in (_TEXTS, _TIMES))
    absent = [f"NULL::VARCHAR AS {name}" for name in _TEXTS if name not in texts]
    absent += [f"NULL::{kind} AS {name}" for name, (_, kind) in _TIMES.items() if name not in times]
    tidied = [f"text_of({name}) AS {name}" for name in texts if name != "permit_number"]
    read = [f"{_TIMES[name][0]}({name}) AS {name}, {name} AS {name}_text" for name in times]
    written = ", ".join([*(f"tidy({name}_text)" for name in times), "NULL"])
    found.con.execute(f"""
CREATE OR REPLACE TABLE taken AS
SELECT {", ".join((*_TEXTS, *_TIMES))}, CASE WHEN official THEN permit_number END AS number,
    {_meaning(found, "status", "'active'")} AS status, status_text,
    {_meaning(found, "system", "NULL" if system is None else literal(system))} AS system, system_text,
    damaged, CASE WHEN coalesce({", ".join(texts)}) IS NULL THEN coalesce({written}) IS NULL ELSE FALSE END AS blank,
    {_time_reason(times)} AS time_reason, NULL::VARCHAR AS number_reason, NULL::VARCHAR AS reason
FROM (
    SELECT official, CASE WHEN official THEN permit_number ELSE text_of(permit_number) END AS permit_number,
        {", ".join([*tidied, *read, *absent])}, status AS status_text, system AS system_text, damaged
    FROM (SELECT *, {is_official_sql("permit_number", shipped_issuers())} AS official FROM found)
)""")


def _time_reason(times: Sequence[str]) -> str:
    """Why a row's times make it bad: one that is not understood before one that is out of range."""
    wrong = [
        f"CASE WHEN {name} IS NULL THEN CASE WHEN tidy({name}_text) IS NOT NULL THEN '{name}_wrong' END END"
        for name in times
    ]
    far = " OR ".join([*(f"NOT in_range({name})" for name in times), "FALSE"])
    reasons = ", ".join([*wrong, f"CASE WHEN {far} THEN 'year_out_of_range' END"])
    return f"coalesce({reasons})"


def _meaning(found: Found, field: str, absent: str) -> str:
    """What the words in the first rows of a column mean, or what holds where the files have no such column."""
    if field not in found.fields:
        return f"{absent}::VARCHAR"
    return _translated(field, _words(found.con, field, f"(SELECT {field} FROM found LIMIT {_FIRST_ROWS})"))


def _look_up_rest(con: duckdb.DuckDBPyConnection, field: str) -> None:
    """The meaning of words that do not stand in the first rows."""
    rest = f"(SELECT {field}_text AS {field} FROM taken WHERE {field} IS NULL AND {field}_text IS NOT NULL)"
    if known := _words(con, field, rest):
        con.execute(f"UPDATE taken SET {field} = {_translated(field, known)} WHERE {field} IS NULL")


def _words(con: duckdb.DuckDBPyConnection, field: str, relation: str) -> list[tuple[str, str]]:
    """The words of a column that mean something, with their meaning."""
    words = con.execute(f"SELECT DISTINCT {field} FROM {relation} LIMIT {_MOST_WORDS}").fetchall()
    return [(word, meaning) for (word,) in words if word is not None and (meaning := _MEANINGS[field](word))]


def _translated(field: str, known: Sequence[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(meaning)}" for word, meaning in known)
    return f"CASE {field}_text {cases} END" if known else "NULL::VARCHAR"


def _parse_odd(con: duckdb.DuckDBPyConnection) -> None:
    """Numbers that are not in the official form, each parsed once."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE odd_texts AS"
        " SELECT DISTINCT permit_number AS text FROM taken WHERE number IS NULL AND permit_number IS NOT NULL"
    )
    parsed = parse_sql("odd_texts", "text", ["text"])
    con.execute(
        f"UPDATE taken SET number = odd.canonical, number_reason = odd.reason FROM ({parsed}) AS odd"
        " WHERE taken.number IS NULL AND taken.permit_number = odd.text"
    )


def _tests(found: Found, system: str | None) -> list[tuple[str, str]]:
    """What makes a row bad, with the reason, in the order in which the first one that strikes is told."""
    tests = [
        ("damaged", "'damaged'"),
        ("permit_number IS NULL", "'number_blank'"),
        ("number_reason IS NOT NULL", "'number_' || number_reason"),
        ("title_name IS NULL", "'title_blank'"),
        ("status IS NULL", "CASE WHEN tidy(status_text) IS NULL THEN 'status_blank' ELSE 'status_unknown' END"),
        ("time_reason IS NOT NULL", "time_reason"),
    ]
    if "system" in found.fields or system is None:
        tests.append(("system IS NULL", "'system_unknown'"))
    if "system" in found.fields and system is not None:
        tests.append((f"system <> {literal(system)}", "'system_differs'"))
    return tests
