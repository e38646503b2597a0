"""The SQL twin of the parser, over the same patterns (DuckDB's dialect).

Nineteen of twenty numbers stand in the official form, which `is_official_sql` tells cheaply; only the rest is worth
`parse_sql` and `find_sql`. These return whole SELECTs, not expressions: each step is a sub-select that computes its
column once, where a macro would repeat it at each use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
from duckdb.func import ARROW

from compliance.permits import patterns
from compliance.permits.folding import drop_unseen, fold_issuer
from compliance.permits.issuers import shipped_issuers
from compliance.permits.names import name_key
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


def parse_sql(relation: str, column: str, keys: Sequence[str] = ()) -> str:
    """A SELECT of `keys` and PARTS, one row for each row of `relation`: `parse` of the text column.

    `relation` is a table's name or a SELECT in brackets; `keys` are columns of it, carried along, whose names are not
    among PARTS, ISSUED_GROUPS, `folded`, `part`, `issued`, `digits` and `spelling`. The connection needs
    `register_functions`. Slow next to `is_official_sql`, so give it no text that is official.
    """
    return _read_sql(relation, column, keys, elsewhere="NULL")


def find_sql(relation: str, column: str, keys: Sequence[str] = ()) -> str:
    """As `parse_sql`, with `find` of the text column: the first number inside a text."""
    return _read_sql(relation, column, keys, elsewhere=_extract(patterns.INSIDE))


def register_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection `fold_issuer(VARCHAR)` and `name_key(VARCHAR)`, Python's own.

    Issuers come in bulk, so they are folded by whole vectors. Names are compared where two differ, a few in each vector
    of millions of rows: there the call for each name costs a tenth of turning vectors into Arrow and back.
    """
    connection.create_function("fold_issuer", _fold_issuers, ["VARCHAR"], "VARCHAR", type=ARROW)
    connection.create_function("name_key", name_key, ["VARCHAR"], "VARCHAR")


def _fold_issuers(texts: pa.ChunkedArray) -> pa.Array:
    folded = pa.lib.StringBuilder()  # `pa.array` of a list takes twice as long, and loads pandas at its first call
    folded.append_values([None if text is None else fold_issuer(text) for text in texts.to_pylist()])
    return folded.finish()


def _read_sql(relation: str, column: str, keys: Sequence[str], *, elsewhere: str) -> str:
    """`elsewhere` gives the parts of a text that is not wholly a number, as `_extract` does, or NULL."""
    carried = "".join(f"{key}, " for key in keys)
    return f"""SELECT {carried}
    CASE WHEN digits <> '' THEN {_text(ONLINE_FILING)} ELSE {_by_spelling("family")} END AS family,
    issuer,
    {_by_spelling("words")} AS words,
    CAST(year AS INTEGER) AS year,
    coalesce(digits, serial) AS serial,
    coalesce(
        {_text(patterns.ONLINE_LETTER)} || digits,
        '（' || issuer || '）' || {_by_spelling("words")} || '（' || year || '）第' || serial || '号'
    ) AS canonical,
    CASE WHEN coalesce(digits, serial) IS NULL THEN {_reason_sql()} END AS reason
FROM (
    SELECT {carried} folded, digits,
        CASE WHEN issued THEN {_folded_words("part.words")} END AS spelling,
        CASE WHEN issued THEN {_folded_issuer("part.issuer", "part.bare")} END AS issuer,
        CASE WHEN issued THEN {_narrow("part.year")} END AS year,
        CASE WHEN issued THEN {_folded_serial("part.serial")} END AS serial
    FROM (
        SELECT {carried} folded, part, part.words <> '' AS issued,
            CASE WHEN part.words = '' THEN {_online_digits()} END AS digits
        FROM (
            SELECT {carried} folded,
                CASE WHEN {_full_match("folded", patterns.FIELD)} THEN {_extract(patterns.ISSUED)} ELSE {elsewhere} END
                    AS part
            FROM (SELECT {carried} {_dropped(column)} AS folded FROM {relation})
        )
    )
)"""


def _extract(pattern: str) -> str:
    """A struct of ISSUED_GROUPS, each '' where there is none: all of them for a V number and for no number at all."""
    names = ", ".join(map(_text, patterns.ISSUED_GROUPS))
    return f"regexp_extract(folded, {_text(pattern)}, [{names}])"


def _online_digits() -> str:
    """The digits of the first V number; NULL where there is none."""
    return f"nullif({_narrow(f'regexp_extract(folded, {_text(patterns.ONLINE)}, 2)')}, '')"


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
    return f"coalesce(nullif(ltrim({_narrow(zeros)}, '0'), ''), '0')"


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
    name = f"coalesce(nullif({bracketed}, ''), {bare})"
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
