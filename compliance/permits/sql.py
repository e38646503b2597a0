"""The SQL twin of the parser, over the same patterns (DuckDB's dialect).

Nineteen of twenty numbers stand in the official form: `is_official_sql` tells them cheaply, and `official_parts_sql`
cuts them by position. Only the rest is worth `parse_sql` and `find_sql`. These return whole SELECTs, not expressions:
each step is a sub-select that computes its column once, where a macro would repeat it at each use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from duckdb.func import ARROW

from compliance.permits import patterns
from compliance.permits.folding import drop_unseen, fold_issuer
from compliance.permits.issuers import shipped_issuers
from compliance.permits.names import name_keys
from compliance.permits.parsing import ONLINE_FILING, Reason

if TYPE_CHECKING:
    import duckdb

_MICRO_DRAMA_WORDS = ("网微剧审字", "网微剧备字")
PARTS: Mapping[str, str] = {
    "family": "VARCHAR",
    "issuer": "VARCHAR",
    "words": "VARCHAR",
    "year": "INTEGER",
    "serial": "VARCHAR",
    "canonical": "VARCHAR",
    "reason": "VARCHAR",
}
"""Columns of `parse_sql` and `find_sql` beside the keys; `reason` is NULL where the number was understood, the rest
where it was not. As in `parse`, whether the issuer may issue the family is not asked."""


def is_official_sql(column: str, issuers: Iterable[str]) -> str:
    """A boolean expression, never NULL, true only for texts that are their own canonical form.

    `issuers` are folded short names; other issuers' numbers, and V numbers, are left to `parse_sql`.
    """
    named = sorted(name for name in issuers if _stands_for_itself(name))
    if not named:
        return "FALSE"
    names, words = "|".join(map(_literal, named)), "|".join(_MICRO_DRAMA_WORDS)
    return f"coalesce({_full_match(column, f'（(?:{names})）(?:{words})（[0-9]{{4}}）第[1-9][0-9]{{0,9}}号')}, FALSE)"


def official_parts_sql(column: str) -> dict[str, str]:
    """Expressions for PARTS without `reason`, right only where `is_official_sql` is true."""
    close = f"instr({column}, '）')"
    families = " ".join(
        f"WHEN {_text(words[2:])} THEN {_text(patterns.WORDS_BY_SPELLING[words].family)}"
        for words in _MICRO_DRAMA_WORDS
    )
    words = f"substr({column}, {close} + 1, 5)"
    return {
        "family": f"CASE substr({column}, {close} + 3, 3) {families} END",
        "issuer": f"substr({column}, 2, {close} - 2)",
        "words": words,
        "year": f"CAST(substr({column}, {close} + 7, 4) AS INTEGER)",
        "serial": f"substr({column}, {close} + 13, length({column}) - {close} - 13)",
        "canonical": column,
    }


def parse_sql(relation: str, column: str, keys: Sequence[str] = ()) -> str:
    """A SELECT of `keys` and PARTS, one row for each row of `relation`: `parse` of the text column.

    `relation` is a table's name or a SELECT in brackets; `keys` are columns of it, carried along. The connection
    needs `register_functions`.
    """
    return _parts_of(relation, column, keys, f"^(?:{patterns.FIELD})$", patterns.FIELD_GROUPS)


def find_sql(relation: str, column: str, keys: Sequence[str] = ()) -> str:
    """As `parse_sql`, with `find` of the text column: the first number inside a text."""
    return _parts_of(relation, column, keys, patterns.INSIDE, patterns.INSIDE_GROUPS)


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection `fold_issuer(VARCHAR)` and `name_key(VARCHAR)`, Python's own, called on whole vectors."""
    connection.create_function("fold_issuer", _fold_issuers, ["VARCHAR"], "VARCHAR", type=ARROW)
    connection.create_function("name_key", _name_keys, ["VARCHAR"], "VARCHAR", type=ARROW)


def _fold_issuers(texts: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if text is None else fold_issuer(text) for text in texts.to_pylist()], pa.string())


def _name_keys(names: pa.ChunkedArray) -> pa.Array:
    return pa.array(name_keys(names.to_pylist()), pa.string())


def _parts_of(relation: str, column: str, keys: Sequence[str], pattern: str, groups: Sequence[str]) -> str:
    carried = "".join(f"{key}, " for key in keys)
    names = ", ".join(map(_text, groups))
    return f"""SELECT {carried}
    CASE WHEN letter <> '' THEN {_text(ONLINE_FILING)} ELSE {_by_spelling("family")} END AS family,
    issuer,
    {_by_spelling("words")} AS words,
    CAST(nullif({_narrow("year")}, '') AS INTEGER) AS year,
    CASE WHEN letter <> '' THEN digits ELSE serial END AS serial,
    CASE WHEN letter <> '' THEN {_text(patterns.ONLINE_LETTER)} || digits
         WHEN serial IS NOT NULL
         THEN '（' || issuer || '）' || {_by_spelling("words")} || '（' || {_narrow("year")} || '）第' || serial || '号'
    END AS canonical,
    CASE WHEN letter = '' AND serial IS NULL THEN {_reason_sql()} END AS reason
FROM (
    SELECT {carried} folded, part.letter AS letter, part.year AS year,
        CASE WHEN part.letter <> '' THEN {_narrow("part.digits")} END AS digits,
        {_folded_words("part.words")} AS spelling,
        {_folded_issuer("part.issuer", "part.bare")} AS issuer,
        {_folded_serial("part.serial")} AS serial
    FROM (
        SELECT {carried} folded, regexp_extract(folded, {_text(pattern)}, [{names}]) AS part
        FROM (SELECT {carried} {_dropped(column)} AS folded FROM {relation})
    )
)"""


def _dropped(column: str) -> str:
    """The text without unseen characters; '' for NULL. Most texts have none, and a test is cheaper than a rewrite."""
    unseen = _text(patterns.DROPPED)
    return (
        f"CASE WHEN regexp_matches({column}, {unseen}) THEN regexp_replace({column}, {unseen}, '', 'g')"
        f" ELSE coalesce({column}, '') END"
    )


def _narrow(column: str) -> str:
    """Full-width digits as ASCII ones. `translate` is dear: it runs only where bytes outnumber characters."""
    wide = "".join(wide for wide, narrow in patterns.NARROW.items() if narrow.isdigit())
    return (
        f"CASE WHEN strlen({column}) = length({column}) THEN {column}"
        f" ELSE translate({column}, {_text(wide)}, '0123456789') END"
    )


def _folded_serial(column: str) -> str:
    zeros = f"replace(replace({column}, 'Ｏ', '0'), 'O', '0')"
    return f"CASE WHEN {column} <> '' THEN coalesce(nullif(ltrim({_narrow(zeros)}, '0'), ''), '0') END"


def _folded_words(column: str) -> str:
    used = frozenset("".join(patterns.WORDS_BY_SPELLING))
    pairs = [pair for pair in patterns.SIMPLIFIED.items() if pair[1] in used]
    traditional, simplified = ("".join(side) for side in zip(*pairs, strict=True))
    return (
        f"CASE WHEN {_is_one_of(column, patterns.WORDS_BY_SPELLING)} THEN {column}"
        f" ELSE translate({column}, {_text(traditional)}, {_text(simplified)}) END"
    )


def _folded_issuer(bracketed: str, bare: str) -> str:
    """Only a name that is not known in simplified characters is worth a call of Python."""
    name = f"coalesce(nullif({bracketed}, ''), nullif({bare}, ''))"
    return f"CASE WHEN {_is_one_of(name, shipped_issuers())} THEN {name} ELSE fold_issuer({name}) END"


def _by_spelling(attribute: str) -> str:
    cases = " ".join(
        f"WHEN {_text(spelling)} THEN {_text(getattr(words, attribute))}"
        for spelling, words in patterns.WORDS_BY_SPELLING.items()
    )
    return f"CASE spelling {cases} END"


def _reason_sql() -> str:
    tests = (
        ("folded = ''", Reason.BLANK),
        (_full_match("folded", patterns.PREFIX_ONLY), Reason.PREFIX_ONLY),
        (_search("folded", patterns.INSIDE), Reason.NOT_A_NUMBER),
        (_search("folded", patterns.LOOK_ALIKE), Reason.LOOK_ALIKE),
        (f"NOT {_search('folded', patterns.HAS_WORDS)}", Reason.NOT_A_NUMBER),
        (f"NOT {_search('folded', patterns.HAS_ISSUER)}", Reason.NO_ISSUER),
        (f"NOT {_search('folded', patterns.HAS_YEAR)}", Reason.NO_YEAR),
        (f"NOT {_search('folded', patterns.HAS_SERIAL)}", Reason.NO_SERIAL),
    )
    cases = " ".join(f"WHEN {test} THEN {_text(reason)}" for test, reason in tests)
    return f"CASE {cases} ELSE {_text(Reason.NOT_A_NUMBER)} END"


def _stands_for_itself(name: str) -> bool:
    return (
        bool(name)
        and fold_issuer(name) == name == drop_unseen(name)
        and not set(name) & set(patterns.OPEN + patterns.CLOSE)
    )


def _literal(text: str) -> str:
    """An expression that matches this text alone: Han characters, ASCII letters and digits mean themselves."""
    return "".join(character if character.isalnum() else f"\\x{{{ord(character):X}}}" for character in text)


def _full_match(column: str, pattern: str) -> str:
    return f"regexp_full_match({column}, {_text(pattern)})"


def _search(column: str, pattern: str) -> str:
    return f"regexp_matches({column}, {_text(pattern)})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _is_one_of(column: str, texts: Iterable[str]) -> str:
    """Not IN: DuckDB makes a join of a long list, and the join copies each row."""
    return _full_match(column, "|".join(map(_literal, texts)))
