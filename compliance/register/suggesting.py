"""The number doctor: register rows that a malformed or unregistered number may have meant. For a person, no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from compliance.register.desk import Desk, at_desk
from compliance.register.held import ensure_held

MOST = 3
"""Suggestions for one title."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A register row that the title's number may have meant."""

    title_id: str
    permit_raw: str
    problem: str
    """Why the number is no good: a reason of the parser, or `unregistered`."""
    number: str
    title_name: str
    producer: str | None
    system: str
    status: str
    serial_distance: int | None
    """Edits from one serial to the other; None where the number was not understood at all."""
    year_distance: int | None
    same_title: bool
    same_producer: bool


_BARE_NAME = r"CREATE TEMP MACRO bare_name(x) AS nullif(regexp_replace(lower(x), '[\s\p{P}\x{3000}]+', '', 'g'), '')"
# Only narrows the search; whether two titles are the same is for name equality to say.

_SUSPECTS = """
CREATE TEMP TABLE suspects AS
SELECT f.title_id, f.name, f.producer, f.permit_raw, coalesce(f.permit_reason, 'unregistered') AS problem,
    coalesce(
        f.issuer,
        (SELECT max_by(short_name, length(short_name)) FROM issuers_known WHERE contains(f.permit_raw, short_name))
    ) AS issuer,
    coalesce(f.permit_year, TRY_CAST(nullif(regexp_extract(digits, '(20[0-9]{2})', 1), '') AS INTEGER)) AS year,
    coalesce(
        nullif(regexp_extract(f.permit, '第([0-9]+)号', 1), ''),
        nullif(ltrim(regexp_extract(digits, '([0-9]+)[^0-9]*$', 1), '0'), '')
    ) AS serial
FROM (SELECT *, translate(permit_raw, '０１２３４５６７８９OＯ', '012345678900') AS digits FROM facts) AS f
WHERE f.kind = 'micro_drama' AND NOT f.permit_blank AND (NOT f.permit_parsed OR NOT f.registered)
    AND ($ids IS NULL OR list_contains($ids, f.title_id))
"""

_ROWS = """
CREATE TEMP TABLE candidates AS
SELECT *, regexp_extract(number, '^（([^）]+)）', 1) AS issuer,
    TRY_CAST(regexp_extract(number, '（([0-9]{4})）第', 1) AS INTEGER) AS year,
    regexp_extract(number, '第([0-9]+)号$', 1) AS serial
FROM held WHERE ended_on IS NULL
"""

_NEAR = """
WITH spelt AS (
    SELECT title_id, unnest(list_append(
        list_transform(range(1, length(serial) + 1), lambda i: serial[:i - 1] || serial[i + 1:]), serial)) AS shape
    FROM suspects WHERE length(serial) <= 12
),
shapes AS (
    SELECT number, system, unnest(list_append(
        list_transform(range(1, length(serial) + 1), lambda i: serial[:i - 1] || serial[i + 1:]), serial)) AS shape
    FROM candidates
    WHERE issuer IN (SELECT issuer FROM suspects) AND length(serial) BETWEEN 1 AND 12
),
pairs AS (
    SELECT title_id, number, system FROM spelt JOIN shapes USING (shape)
    UNION SELECT s.title_id, c.number, c.system
    FROM suspects AS s JOIN candidates AS c ON bare_name(c.title_name) = bare_name(s.name)
    UNION SELECT s.title_id, c.number, c.system
    FROM suspects AS s JOIN candidates AS c ON bare_name(c.alt_name) = bare_name(s.name)
),
judged AS (
    SELECT s.title_id, s.permit_raw, s.problem, c.number, c.title_name, c.producer, c.system, c.status,
        damerau_levenshtein(s.serial, c.serial) AS serial_distance, abs(s.year - c.year) AS year_distance,
        NOT other_name(s.name, c.title_name) OR (c.alt_name IS NOT NULL AND NOT other_name(s.name, c.alt_name))
            AS same_title,
        coalesce(name_key(s.producer) = name_key(c.producer), FALSE) AS same_producer,
        s.issuer IS NOT DISTINCT FROM c.issuer AS same_issuer
    FROM pairs JOIN suspects AS s USING (title_id) JOIN candidates AS c USING (number, system)
)
SELECT * EXCLUDE (same_issuer) FROM judged
WHERE same_title OR (same_issuer AND serial_distance <= 1 AND coalesce(year_distance, 0) <= 1)
QUALIFY row_number() OVER (
    PARTITION BY title_id
    ORDER BY same_title DESC, same_producer DESC, same_issuer DESC,
        coalesce(serial_distance, 99) + coalesce(year_distance, 9),
        status <> 'active', number, system
) <= $most
ORDER BY title_id, same_title DESC, same_producer DESC,
    coalesce(serial_distance, 99) + coalesce(year_distance, 9), number
"""
# Serials one edit apart share a shape: the serial, or what is left of it without one character.


def suggest(desk: Desk, title_ids: Sequence[str] | None = None) -> tuple[list[Suggestion], list[str]]:
    """Suggestions for these titles (all where None), and the titles with a bad number that have none.

    Raises RegisterError where there is no register, CatalogError where the catalog cannot be judged.
    """
    ensure_held(desk.store)
    with at_desk(desk) as con:
        return _suggest(con, None if title_ids is None else list(title_ids))


def _suggest(con: duckdb.DuckDBPyConnection, ids: list[str] | None) -> tuple[list[Suggestion], list[str]]:
    con.execute(_BARE_NAME)
    con.execute(_SUSPECTS, {"ids": ids})
    con.execute(_ROWS)
    rows = con.execute(_NEAR, {"most": MOST}).fetchall()
    found = [Suggestion(*row) for row in rows]
    helped = {suggestion.title_id for suggestion in found}
    suspects = con.execute("SELECT title_id FROM suspects ORDER BY title_id").fetchall()
    return found, [title_id for (title_id,) in suspects if title_id not in helped]
