"""From what has changed to the titles whose verdict that may touch, and the numbers and register rows they need.

A title is judged by its own rows, its platform, the day, and by its number: the register's rows with that number, and
the names of all titles that carry it. So each title that has had, or now has, a number of a changed title or of a
changed row of the register is judged too, and of the register all rows with one of these numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

import duckdb

from compliance.embedded import sifted
from compliance.engines.duck.steps import literal, read_steps, step_values, with_values
from compliance.engines.incremental.days import ONLINE_DAY
from compliance.engines.incremental.kept import stored
from compliance.permits import name_key
from compliance.permits.sql import is_official_sql, parse_sql
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.verdicts.waivers import Waiver


class Affected:
    """Gathers the titles that are to be judged, in the table `affected_titles` (title_id)."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        con.execute("CREATE TEMP TABLE touched (title_id VARCHAR)")
        con.execute("CREATE TEMP TABLE touched_numbers (text VARCHAR)")

    def add(self, select: str) -> None:
        """Titles that a change touches: a SELECT of title_id, which may repeat them."""
        self.con.execute(f"INSERT INTO touched {select}")

    def add_numbers(self, select: str) -> None:
        """Numbers as the register writes them, whose titles a change touches: a SELECT, which may repeat them."""
        self.con.execute(f"INSERT INTO touched_numbers {select}")

    def settle(self, issuers: Collection[str]) -> None:
        """Follow the numbers. Needs the view `rulings_before`; makes also `affected_texts`.

        `affected_texts` (text): every text by which the register may name a number of an affected title, but for those
        that `odd_texts` already has; `fresh_odd_texts` (text, permit): those of them that are no canonical number.
        """
        con = self.con
        con.execute(
            "CREATE TEMP TABLE changed_titles AS SELECT DISTINCT title_id FROM touched WHERE title_id IS NOT NULL"
        )
        changed = sifted("changed_titles", "title_id")
        con.execute(f"""
CREATE TEMP TABLE fresh_texts AS
SELECT permit_number AS text FROM titles SEMI JOIN {changed} USING (title_id) WHERE permit_number IS NOT NULL
UNION
FROM touched_numbers""")
        official = is_official_sql("text", issuers)
        parsed = parse_sql(f"(SELECT text FROM fresh_texts WHERE NOT {official})", "text", ["text"])
        con.execute(f"""
CREATE TEMP TABLE fresh_numbers AS
SELECT text, text AS permit FROM fresh_texts WHERE {official}
UNION ALL
SELECT text, canonical FROM ({parsed}) WHERE canonical IS NOT NULL""")
        con.execute(f"CREATE TEMP TABLE changed_rulings AS FROM rulings_before SEMI JOIN {changed} USING (title_id)")
        con.execute("""
CREATE TEMP TABLE changed_numbers AS
SELECT permit FROM fresh_numbers UNION SELECT permit FROM changed_rulings WHERE permit IS NOT NULL""")
        con.execute("""
CREATE TEMP TABLE rulings_were AS
SELECT * FROM changed_rulings
UNION
SELECT * FROM rulings_before SEMI JOIN changed_numbers USING (permit)""")
        con.execute("""
CREATE TEMP TABLE affected_titles AS
FROM changed_titles UNION SELECT title_id FROM rulings_were""")
        con.execute("""
CREATE TEMP TABLE fresh_odd_texts AS SELECT text, permit FROM fresh_numbers WHERE text <> permit""")


def make_register_texts(con: duckdb.DuckDBPyConnection, odd_texts: Sequence[Path]) -> None:
    """Make `affected_texts` (text): all texts by which the register may name one of the changed numbers."""
    known = " UNION ALL ".join(f"SELECT text, permit FROM {stored(path)}" for path in odd_texts)
    con.execute(f"""
CREATE TEMP TABLE affected_texts AS
SELECT permit AS text FROM changed_numbers
UNION
SELECT text FROM ({known}) SEMI JOIN changed_numbers USING (permit)
UNION
SELECT text FROM fresh_odd_texts""")


def first_screen_select(policy: Policy, as_of: date) -> str:
    """A SELECT of the titles with an active first-screen placement, as the facts have it."""
    values = step_values(policy, as_of, ())
    steps = {step.relation: with_values(step.select, values) for step in read_steps()}
    return f"WITH active_placements AS ({steps['active_placements']}) FROM ({steps['first_screen_titles']})"


def shown_day(rules: Sequence[Rule], findings: Path, day: date) -> str:
    """A SELECT of the titles of which a finding shows a day as the online day."""
    showing = [rule.id for rule in rules if ONLINE_DAY in rule.evidence]
    return (
        f"SELECT title_id FROM {stored(findings)} WHERE rule IN (SELECT unnest({literal(showing)}))"
        f" AND evidence ->> '{ONLINE_DAY}' = {literal(day.isoformat())}"
    )


def issued_between(one: date, other: date) -> str:
    """A SELECT of the numbers issued after one day and by another: on one of the two, online today is too early."""
    first, last = (literal(day) for day in sorted((one, other)))
    return f"SELECT permit_number FROM register WHERE issued_on > {first} AND issued_on <= {last}"


def waiver_selects(
    con: duckdb.DuckDBPyConnection, now: Sequence[Waiver], before: Collection[Waiver], findings: Path, waived: Path
) -> Iterator[str]:
    """SELECTs of the titles that waivers touch: those waived before, and those that a new waiver may be for."""
    yield f"SELECT title_id FROM {stored(waived)}"
    new = [waiver for waiver in now if waiver not in before]
    if not new:
        return
    con.execute("CREATE TEMP TABLE new_waivers (rule VARCHAR, scope VARCHAR, subject VARCHAR)")
    con.executemany(
        "INSERT INTO new_waivers VALUES (?, ?, ?)",
        [(w.rule, w.scope, name_key(w.subject) if w.scope == "producer" else w.subject) for w in new],
    )
    yield f"""
SELECT f.title_id
FROM {stored(findings)} AS f JOIN new_waivers AS w USING (rule) JOIN titles AS t USING (title_id)
WHERE CASE w.scope
    WHEN 'title' THEN w.subject = f.title_id
    WHEN 'platform' THEN w.subject = t.platform
    ELSE w.subject = name_key(t.producer)
END"""
