"""Small relations and macros that the steps look things up in: the law, issuers, platforms, number prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

import duckdb

from compliance.embedded import sifted
from compliance.engines.duck.steps import Value, literal
from compliance.permits import (
    EDGE_MARKS,
    Issuer,
    issued_rightly,
    patterns,
    resolve_issuers,
    shipped_issuers,
    split_short_names,
    stated,
)
from compliance.policy import Policy
from compliance.policy.model import FORMS, SUBJECT_SEPARATORS
from compliance.policy.tiers import TRIMMED

_GRID_YEARS = range(2000, 2100)
"""Years for which prefixes are laid out in advance; numbers of other years take the longer way."""

_SERIAL_DIGITS = 12
"""Serials that fit into the exact key."""


def create_lookups(con: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """Make the relations `law`, `issuers_known`, `platform_facts`, `placeholders`, `number_prefixes` and the macros.

    The clean relations `issuers` and `platforms` must be there.
    """
    issuers = _issuers(con)
    _create_issuers(con, issuers)
    _create_platforms(con)
    _create_prefixes(con, issuers)
    _create_law(con, policy)
    _table(con, "placeholders", {"permit": "VARCHAR"}, [(permit,) for permit in policy.placeholders])
    con.execute(_special_words_macro(policy.special_subjects))
    con.execute(_KEYED)
    # The titles of a relation, to sift a large scan by (`embedded.sifted`).
    con.execute(
        f"CREATE TEMP MACRO sifted_titles(relation) AS TABLE FROM {sifted('query_table(relation)', 'title_id')}"
    )
    con.execute(f"CREATE TEMP MACRO given(text) AS NULLIF(regexp_replace(text, '^(?:{patterns.DROPPED})+$', ''), '')")
    con.execute(
        "CREATE TEMP MACRO other_name(name, other) AS"
        " CASE WHEN other IS NULL THEN FALSE WHEN name = other THEN FALSE"
        f" WHEN trim(name, {literal(EDGE_MARKS)}) = trim(other, {literal(EDGE_MARKS)}) THEN FALSE"
        " ELSE name_key(name) <> name_key(other) END"
    )


_KEYED = f"""
CREATE TEMP MACRO keyed(relation) AS TABLE
SELECT * EXCLUDE (pieces, tail, serial),
    CASE
        WHEN pieces = 2 AND CAST(serial AS VARCHAR) || '号' = tail AND serial BETWEEN 0 AND {10**_SERIAL_DIGITS - 1}
        THEN prefix_no * {10**_SERIAL_DIGITS} + serial
    END AS number_key
FROM (
    SELECT r.* EXCLUDE (parts), p.prefix_no, len(parts) AS pieces, parts[2] AS tail,
        CASE WHEN p.prefix_no IS NOT NULL THEN TRY_CAST(replace(parts[2], '号', '') AS BIGINT) END AS serial
    FROM (SELECT *, string_split(permit_raw, '第') AS parts FROM query_table(relation)) AS r
    LEFT JOIN number_prefixes AS p ON p.prefix = parts[1]
)
"""
# Adds prefix_no and number_key to a relation with a column permit_raw; number_key is NULL where the text is not in the
# official form of a known issuer: what the key stands for, written out again, must be the text itself. That is asked of
# the part after 第 alone, since the part before it equals the prefix and there is no third.


def _issuers(con: duckdb.DuckDBPyConnection) -> Mapping[str, Issuer]:
    rows = con.execute("SELECT short_name, level, operator FROM issuers").fetchall()
    platforms = con.execute("SELECT short_names, operator FROM platforms").fetchall()
    return resolve_issuers(shipped_issuers(), rows, platforms)


def _create_issuers(con: duckdb.DuckDBPyConnection, issuers: Mapping[str, Issuer]) -> None:
    rows = [(name, issuer.level, issuer.operator) for name, issuer in issuers.items()]
    columns = {"short_name": "VARCHAR", "level": "VARCHAR", "operator": "VARCHAR"}
    _table(con, "issuers_known", columns, rows)


def _create_platforms(con: duckdb.DuckDBPyConnection) -> None:
    source = con.execute(
        "SELECT platform, short_names, operator, av_licence, registration_no, valid_until FROM platforms"
    ).fetchall()
    rows = [
        (platform, list(split_short_names(names)), *map(stated, (operator, licence, registration)), valid_until)
        for platform, names, operator, licence, registration, valid_until in source
    ]
    columns = {
        "platform": "VARCHAR",
        "short_names": "VARCHAR[]",
        "operator": "VARCHAR",
        "av_licence": "VARCHAR",
        "registration_no": "VARCHAR",
        "valid_until": "DATE",
    }
    _table(con, "platform_facts", columns, rows)


def _create_prefixes(con: duckdb.DuckDBPyConnection, issuers: Mapping[str, Issuer]) -> None:
    """All that may stand before the serial of an official number. A platform issues no licences."""
    rows = [
        (name, words.family, words.words)
        for name, issuer in issuers.items()
        for words in patterns.FAMILIES
        if issued_rightly(words.family, issuer.level) and not set(name) & set(patterns.OPEN + patterns.CLOSE)
    ]
    _table(con, "issuer_families", {"issuer": "VARCHAR", "family": "VARCHAR", "words": "VARCHAR"}, rows)
    con.execute(f"""
CREATE TEMP TABLE number_prefixes AS
SELECT row_number() OVER () AS prefix_no, '（' || issuer || '）' || words || '（' || year || '）' AS prefix,
    family, issuer, words, CAST(year AS INTEGER) AS year
FROM issuer_families, range({_GRID_YEARS.start}, {_GRID_YEARS.stop}) AS years (year)""")


def _create_law(con: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    """`law`: one row per regime and period; `law_number(form, day)`: which of them holds."""
    periods = [(form, *pair) for form in FORMS for pair in policy.periods(policy.classified_as(form))]
    rows = [
        (
            number,
            regime.id,
            regime.special_subjects,
            regime.promotion,
            1 in regime.voluntary_tiers,
            2 in regime.voluntary_tiers,
            period.tier_1_from_yuan,
            period.tier_2_from_yuan,
            regime.episode_bound_s,
            regime.episode_count_bound,
        )
        for number, (_, regime, period) in enumerate(periods)
    ]
    columns = {
        "law_no": "INTEGER",
        "regime": "VARCHAR",
        "subject_triggers": "BOOLEAN",
        "promotion": "BOOLEAN",
        "voluntary_1": "BOOLEAN",
        "voluntary_2": "BOOLEAN",
        "tier_1_from_yuan": "BIGINT",
        "tier_2_from_yuan": "BIGINT",
        "episode_bound_s": "BIGINT",
        "episode_count_bound": "BIGINT",
    }
    _table(con, "law", columns, rows)
    first = {form: next(n for n, period in enumerate(periods) if period[0] == form) for form in FORMS}
    cases = [
        f"WHEN form = '{form}' AND day >= {literal(period.from_)} THEN {number}"
        for number, (form, _, period) in reversed(list(enumerate(periods)))
        if number != first[form]
    ]
    earliest = [f"WHEN form = '{form}' THEN {number}" for form, number in first.items()]
    con.execute(f"CREATE TEMP MACRO law_number(form, day) AS CASE {' '.join(chain(cases, earliest))} END")


def _special_words_macro(words: Sequence[str]) -> str:
    """`special_words(subjects)`: the special words among a title's subjects, in the list's order; NULL without any.

    Few texts hold one of the words at all, and of these few as a word of its own: that is asked first.
    """
    start, end = f"(?:^|[{SUBJECT_SEPARATORS}])[{TRIMMED}]*", f"[{TRIMMED}]*(?:[{SUBJECT_SEPARATORS}]|$)"
    found = ", ".join(
        f"CASE WHEN regexp_matches(subjects, {literal(start + re.escape(word) + end)}) THEN {literal(word)} END"
        for word in words
    )
    any_word = "|".join(map(re.escape, words))
    return (
        "CREATE TEMP MACRO special_words(subjects) AS"
        f" CASE WHEN regexp_matches(subjects, {literal(any_word)})"
        f" AND regexp_matches(subjects, {literal(f'{start}(?:{any_word}){end}')})"
        f" THEN NULLIF(concat_ws('、', {found}), '') END"
    )


def _table(
    con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Value | None]]
) -> None:
    """A small table written out as SQL: a way through Arrow or pandas costs more than these few rows."""
    con.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    for batch in _batched(rows, 1000):
        values = ", ".join(f"({', '.join(map(literal, row))})" for row in batch)
        con.execute(f"INSERT INTO {name} VALUES {values}")


def _batched(rows: Iterable[Sequence[Value | None]], size: int) -> Iterator[list[Sequence[Value | None]]]:
    """The rows in lists of at most `size`."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch
