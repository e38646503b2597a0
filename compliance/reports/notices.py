"""Notices to producers: what is wrong with their titles and how to cure it, as a workbook to fill in and a mail."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from compliance.reports.book import opened_book
from compliance.reports.corrections import correction_sheet, gather_corrections
from compliance.reports.files import opened, sql_text
from compliance.reports.texts import TEXTS, clean
from compliance.rules.model import Rule

_MAILED_TITLES = 20
_UNFIT_FOR_NAMES = re.compile(r"[^\w（）()·-]+")
_NAME_LENGTH = 40
_PRODUCERS = """
SELECT producer, count(*) FILTER (decision = 'hold') AS hold, count(*) FILTER (decision = 'block') AS block
FROM corrections WHERE producer <> '' GROUP BY producer ORDER BY block DESC, hold DESC, producer"""


def write_notices(run: Path, into: Path, rules: Sequence[Rule], language: str) -> int:
    """Write `NAME.xlsx` and `NAME.txt` for each producer who has something to correct; how many producers.

    Titles without a producer have no one to write to: they are in the report's workbook alone.
    """
    known = {rule.id: rule for rule in rules}
    with opened(run) as con:
        gather_corrections(con, known, language)
        producers = con.execute(_PRODUCERS).fetchall()
        for producer, hold, block in producers:
            name = file_name(producer)
            where = f"producer = {sql_text(producer)}"
            with opened_book(into / f"{name}.xlsx", language) as book:
                correction_sheet(book, con, where)
            lines = list(_mail(con, producer, where, block, hold, known, language, name))
            (into / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(producers)


def file_name(producer: str) -> str:
    """A file name that tells the producer, is fit for any system, and is no other producer's."""
    told = _UNFIT_FOR_NAMES.sub("_", producer)[:_NAME_LENGTH].strip("_.")
    return f"{told or 'producer'}-{hashlib.sha256(producer.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _mail(
    con: duckdb.DuckDBPyConnection,
    producer: str,
    where: str,
    block: int,
    hold: int,
    rules: dict[str, Rule],
    language: str,
    name: str,
) -> Iterator[str]:
    def said(key: str, **values: object) -> str:
        return TEXTS[key][language].format(**values)

    yield said("mail_subject", titles=block + hold)
    yield ""
    yield said("mail_dear", producer=_line(producer))
    yield ""
    yield said("mail_counts", block=block, hold=hold)
    yield said("mail_ask", file=f"{name}.xlsx")
    rows = con.execute(f"""
SELECT title_id, COALESCE(name, ''), COALESCE(platform, ''), decision, COALESCE(permit, ''), rules
FROM corrections WHERE {where} ORDER BY decision, title_id LIMIT {_MAILED_TITLES}""").fetchall()
    for number, (title_id, title, platform, decision, permit, found) in enumerate(rows, start=1):
        yield ""
        yield f"{number}. {_line(title)} ({_line(title_id)}, {_line(platform)}) · {said(decision)}"
        if permit:
            yield f"   {said('permit')}: {permit}"
        for rule in found or ():
            yield f"   - {rules[rule].title[language]} [{rules[rule].clause}]"
            yield f"     {said('remedy')}: {rules[rule].remedy[language]}"
        if not found:
            yield f"   - {said('quarantine')}"
    if block + hold > len(rows):
        yield ""
        yield said("mail_more", number=block + hold - len(rows), file=f"{name}.xlsx")


def _line(text: str) -> str:
    """A text of the catalog that cannot begin a line of its own."""
    return " ".join(clean(text, 120).split())
