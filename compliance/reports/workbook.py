"""The report as an Excel workbook: what a run found, by rule, platform and producer, in full, and what to send back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from xlsxwriter.chart import Chart

from compliance.reports.book import Book, Share, opened_book
from compliance.reports.corrections import correction_sheet
from compliance.reports.files import opened
from compliance.reports.model import Report
from compliance.reports.reading import PRODUCERS_SQL
from compliance.reports.texts import TEXTS, evidence_text

_FETCHED = 10_000
_CHARTED_RULES = 15
_DECISIONS = ("block", "hold", "allow")


def write_workbook(report: Report, folder: Path, path: Path, language: str) -> None:
    """Write all sheets; a list longer than a sheet goes on in the next one."""
    with opened_book(path, language) as book, opened(folder) as con:
        _summary(book, report)
        _rules(book, report)
        _platforms(book, report)
        _producers(book, con, report)
        _block_list(book, con)
        _findings(book, con, report)
        _cured(book, con)
        correction_sheet(book, con, {line.rule.id: line.rule for line in report.rules})


def _summary(book: Book, report: Report) -> None:
    word = book.word
    rows: list[tuple[object, ...]] = [
        (word("as_of"), report.as_of),
        (word("run"), report.run_id),
        (word("policy"), report.policy),
        (word("engine"), report.engine),
        (word("seconds"), report.seconds),
    ]
    rows += [(word(key) if key in TEXTS else key, number) for key, number in report.counts.items()]
    rows.append((word("findings"), report.findings))
    if report.changes is not None:
        before = word("since_last").format(as_of=report.changes.before.as_of)
        rows += [
            (f"{word(key)} · {before}", getattr(report.changes, key)) for key in ("fresh", "standing", "cured", "gone")
        ]
    for heading, shares, empty in (
        ("stage", tuple(report.stages.values()), "none"),
        ("regime", report.regimes, "none_regime"),
        ("tier", report.tiers, "none_tier"),
    ):
        rows += [
            (
                f"{word(heading)} · {_name(book, heading, share.name, empty)} · {word(decision)}",
                getattr(share, decision),
            )
            for share in shares
            for decision in _DECISIONS
        ]
    rows += [(f"{word('placements')} · {slot.name}", slot.blocked) for slot in report.slots]
    rows += [(f"{word('quarantine')} · {tally.name}", tally.count) for tally in report.quarantine]
    rows += [(f"{word('inputs')} · {relation}", number) for relation, number in report.inputs.items()]
    rows += [(f"{word('register')} · {line.system} · {word('newest')}", line.newest) for line in report.register]
    rows += [
        (f"{word('waiver')} {line.waiver_id} · {line.rule} · {word(line.state)} · {word('last_on')}", line.last_on)
        for line in report.waivers
    ]
    rows += [(f"{word('coming')} · {day.says[book.language]}", day.on) for day in report.coming]
    rows += [(word("stale"), system) for system in report.stale_systems]
    rows += [(word("note"), note) for note in report.notes]
    sheet, *_ = book.sheets(word("summary"), book.columns(("summary", 60), ("count", 26)), rows, len(rows))
    charted = min(_CHARTED_RULES, sum(1 for line in report.rules if line.findings))
    if charted:
        sheet.insert_chart("D2", _chart(book, charted))


def _name(book: Book, heading: str, name: str, empty: str) -> str:
    if not name:
        return book.word(empty)
    return book.word(name) if heading == "stage" else name


def _chart(book: Book, rules: int) -> Chart:
    """The rules with the most urgent findings, from the sheet by rule."""
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"})
    sheet = book.word("rules")
    for column, key, colour in ((2, "block", "#A4262C"), (3, "hold", "#B7791F"), (4, "warn", "#5B6770")):
        chart.add_series(
            {
                "name": book.word(key),
                "categories": [sheet, 1, 1, rules, 1],
                "values": [sheet, 1, column, rules, column],
                "fill": {"color": colour},
            }
        )
    chart.set_title({"name": sheet})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 120 + 30 * rules})
    return chart


def _rules(book: Book, report: Report) -> None:
    widths = [("rule", 32), ("name", 40), ("block", 10), ("hold", 10), ("warn", 10), ("fail", 10), ("unknown", 12)]
    widths += [("evaluated", 12), ("fresh", 10), ("cured", 10), ("clause", 44), ("remedy", 60), ("rules_off", 30)]
    rows = [
        (
            line.rule.id,
            line.rule.title[book.language],
            *(line.actions.get(action, 0) for action in ("block", "hold", "warn")),
            line.fail,
            line.unknown,
            line.evaluated,
            line.fresh,
            line.cured,
            line.rule.clause,
            line.rule.remedy[book.language],
            line.reason,
        )
        for line in report.rules
    ]
    book.sheets(book.word("rules"), book.columns(*widths), rows, len(rows))


def _platforms(book: Book, report: Report) -> None:
    columns = book.columns(("platform", 22), ("block", 12), ("hold", 12), ("allow", 12), ("judged", 12), ("share", 14))
    rows = [
        (
            share.name or book.word("none_platform"),
            share.block,
            share.hold,
            share.allow,
            share.judged,
            Share((share.block + share.hold) / share.judged),
        )
        for share in report.platforms
    ]
    book.sheets(book.word("by_platform"), columns, rows, len(rows))


def _producers(book: Book, con: duckdb.DuckDBPyConnection, report: Report) -> None:
    columns = book.columns(("producer", 40), ("block", 12), ("hold", 12), ("judged", 12), ("share", 14), ("fresh", 12))
    con.execute(PRODUCERS_SQL)
    rows = (
        (name or book.word("unknown_producer"), block, hold, judged, Share((block + hold) / judged), fresh)
        for name, judged, hold, block, fresh in _fetched(con)
    )
    book.sheets(book.word("producers"), columns, rows, report.listed_producers)


def _block_list(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("decision", 10), ("stage", 14)]
    widths += [("rules", 50), ("permit", 40), ("first_listed", 18)]
    size = con.execute("SELECT count(*) FROM block_list").fetchall()[0][0]
    con.execute("""
SELECT b.title_id, d.name, b.platform, d.producer, b.decision, b.stage, array_to_string(b.rules, ', '), b.permit,
    b.first_listed_at
FROM block_list AS b LEFT JOIN details AS d USING (title_id) ORDER BY b.decision, b.title_id""")
    rows = ((*row[:4], book.word(row[4]), book.word(row[5]), *row[6:]) for row in _fetched(con))
    book.sheets(book.word("block_list"), book.columns(*widths), rows, size)


def _findings(book: Book, con: duckdb.DuckDBPyConnection, report: Report) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 14), ("producer", 30), ("rule", 30), ("outcome", 12)]
    widths += [("action", 10), ("stage", 14), ("regime", 16), ("since", 12), ("clause", 40), ("evidence", 80)]
    con.execute("""
SELECT f.title_id, d.name, COALESCE(d.platform, b.platform), d.producer, f.rule, f.outcome, f.action, f.stage, f.regime,
    s.since, f.clause, f.evidence
FROM findings AS f
LEFT JOIN details AS d USING (title_id)
LEFT JOIN block_list AS b USING (title_id)
LEFT JOIN standing AS s ON s.title_id = f.title_id AND s.rule = f.rule
ORDER BY f.title_id, f.rule""")
    rows = (
        (
            *row[:5],
            book.word(row[5]),
            book.word(row[6]),
            book.word(row[7]),
            *row[8:11],
            evidence_text(json.loads(row[11]), book.language),
        )
        for row in _fetched(con)
    )
    book.sheets(book.word("findings"), book.columns(*widths), rows, report.findings)


def _cured(book: Book, con: duckdb.DuckDBPyConnection) -> None:
    widths = [("title_id", 22), ("name", 32), ("platform", 16), ("producer", 32), ("rule", 30), ("action", 10)]
    size = con.execute("SELECT count(*) FROM cured").fetchall()[0][0]
    con.execute(
        "SELECT title_id, name, platform, producer, rule, action, since, how FROM cured ORDER BY title_id, rule"
    )
    rows = ((*row[:5], book.word(row[5]), row[6], book.word(row[7])) for row in _fetched(con))
    book.sheets(book.word("cured_list"), book.columns(*widths, ("since", 12), ("how", 20)), rows, size)


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows
