"""The workbook's sheets that a person reads: the counts, by what they fall apart, and what stands behind the run."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from compliance.reports.book import Book, Share
from compliance.reports.foreseen import ForeseenTitle
from compliance.reports.lines import Found, GuardLine, RunPoint
from compliance.reports.lines import Share as Verdicts
from compliance.reports.model import Report
from compliance.reports.naming import age_name, group_name
from compliance.reports.texts import TEXTS, catalog_word

_CHARTED_RULES = 15
_DECISIONS = ("block", "hold", "allow")
_COLOURS = {"block": "#A4262C", "hold": "#B7791F", "warn": "#5B6770"}


def overview_sheets(book: Book, report: Report) -> None:
    """Summary with a chart, trend, rules, regimes and tiers, platforms, placements."""
    summary = _summary(book, report)
    _trend(book, report)
    _rules(book, report)
    _groups(book, report)
    _platforms(book, report)
    _placements(book, report)
    charted = min(_CHARTED_RULES, sum(1 for line in report.rules if line.findings))
    if charted:
        summary.insert_chart("D2", _rules_chart(book, charted))


def background_sheets(book: Book, report: Report) -> None:
    """Waivers, the guard's readings, the forecast and the days to come; only those there is something to tell of."""
    _waivers(book, report)
    _guard(book, report)
    _forecast(book, report)
    widths = [("on", 14), ("what", 90)]
    _table(book, "coming", widths, [(day.on, day.says[book.language]) for day in report.coming])


def _table(book: Book, key: str, widths: Sequence[tuple[str, int]], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        book.sheets(book.word(key), book.columns(*widths), rows, len(rows))


def _summary(book: Book, report: Report) -> Worksheet:
    word = book.word
    rows: list[tuple[object, ...]] = [
        (word("as_of"), report.as_of),
        (word("run"), report.run_id),
        (word("policy"), report.policy),
    ]
    rows += [(word(key) if key in TEXTS else key, number) for key, number in report.counts.items()]
    rows.append((word("findings"), report.findings))
    if report.changes is not None:
        before = word("since_last").format(as_of=report.changes.before.as_of)
        rows += [
            (f"{word(key)} · {before}", getattr(report.changes, key)) for key in ("fresh", "standing", "cured", "gone")
        ]
    rows += [(f"{word('first')} · {word(line.key)}", line.number) for line in report.first]
    rows += [(f"{word('quarantine')} · {tally.name}", tally.count) for tally in report.quarantine]
    rows += [(f"{word('inputs')} · {relation}", number) for relation, number in report.inputs.items()]
    rows += [
        (f"{word('register')} · {catalog_word(line.system)[book.language]} · {word('newest')}", line.newest)
        for line in report.register
    ]
    rows += [(word("stale"), catalog_word(system)[book.language]) for system in report.stale_systems]
    rows += [
        (f"{word('coverage')} · {catalog_word(line.channel)[book.language]} · {word('with_text')}", line.with_text)
        for line in report.labels
    ]
    rows += [(word("engine"), report.engine), (word("seconds"), report.seconds)]
    rows += [(word("note"), note) for note in report.notes]
    sheet, *_ = book.sheets(word("summary"), book.columns(("summary", 56), ("count", 26)), rows, len(rows))
    return sheet


def _trend(book: Book, report: Report) -> None:
    if len(report.trend) < 2:
        return
    widths = (("as_of", 14), ("block", 12), ("hold", 12), ("allow", 12), ("judged", 12), ("share", 10), ("run", 30))
    rows = [(run.as_of, run.block, run.hold, run.allow, run.judged, _part(run), run.run_id) for run in report.trend]
    name = book.word("trend")
    sheet, *_ = book.sheets(name, book.columns(*widths), rows, len(rows))
    chart = book.book.add_chart({"type": "line"})
    for column, key in ((1, "block"), (2, "hold")):
        chart.add_series(
            {
                "name": book.word(key),
                "categories": [name, 1, 0, len(rows), 0],
                "values": [name, 1, column, len(rows), column],
                "line": {"color": _COLOURS[key], "width": 2},
            }
        )
    chart.set_title({"name": name})
    chart.set_x_axis({"num_format": "yyyy-mm-dd", "text_axis": True})
    chart.set_y_axis({"min": 0})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 760, "height": 320})
    sheet.insert_chart("I2", chart)


def _part(of: Verdicts | RunPoint) -> Share:
    return Share((of.block + of.hold) / of.judged if of.judged else 0.0)


def _rules_chart(book: Book, rules: int) -> Chart:
    """The rules with the most urgent findings, from the sheet by rule."""
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"})
    sheet = book.word("rules")
    for column, key in ((2, "block"), (3, "hold"), (4, "warn")):
        chart.add_series(
            {
                "name": book.word(key),
                "categories": [sheet, 1, 1, rules, 1],
                "values": [sheet, 1, column, rules, column],
                "fill": {"color": _COLOURS[key]},
            }
        )
    chart.set_title({"name": sheet})
    chart.set_y_axis({"reverse": True})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 120 + 30 * rules})
    return chart


def _rules(book: Book, report: Report) -> None:
    widths = [("rule", 32), ("called", 40), ("block", 10), ("hold", 10), ("warn", 10), ("fail", 10), ("unknown", 12)]
    widths += [("evaluated", 12), ("fresh", 10), ("cured", 10), ("clause", 44), ("remedy", 60), ("rules_off", 30)]
    rows = [
        (
            line.rule.id,
            line.says[book.language],
            *(line.actions.get(action, 0) for action in ("block", "hold", "warn")),
            line.fail,
            line.unknown,
            line.evaluated,
            line.fresh,
            line.cured,
            line.rule.clause,
            line.cure[book.language],
            line.reason,
        )
        for line in report.rules
    ]
    _table(book, "rules", widths, rows)


def _groups(book: Book, report: Report) -> None:
    """Stages, regimes, tiers and ages in one sheet, with a column to filter by."""
    widths = [
        ("breakdown", 16),
        ("called", 48),
        ("block", 12),
        ("hold", 12),
        ("allow", 12),
        ("judged", 12),
        ("share", 10),
    ]
    rows: list[tuple[object, ...]] = []
    for kind, shares in (("stage", tuple(report.stages.values())), ("regime", report.regimes), ("tier", report.tiers)):
        for share in shares:
            name = group_name(report, kind, share.name)[book.language]
            if kind == "regime" and share.name:
                name += f" ({share.name})"
            decided = [getattr(share, decision) for decision in _DECISIONS]
            rows.append((book.word(kind), name, *decided, share.judged, _part(share)))
    rows += [(book.word("ages"), age_name(line)[book.language], line.block, line.hold) for line in report.ages]
    _table(book, "groups", widths, rows)


def _platforms(book: Book, report: Report) -> None:
    widths = [
        ("platform", 22),
        ("called", 26),
        ("block", 12),
        ("hold", 12),
        ("allow", 12),
        ("judged", 12),
        ("share", 14),
    ]
    rows = [
        (
            share.name or book.word("none_platform"),
            report.called(share.name)[book.language],
            *(getattr(share, decision) for decision in _DECISIONS),
            share.judged,
            _part(share),
        )
        for share in report.platforms
    ]
    _table(book, "by_platform", widths, rows)


def _placements(book: Book, report: Report) -> None:
    widths = [("slot", 20), ("active", 12), ("blocked_part", 20), ("held_part", 20)]
    rows = [(catalog_word(slot.name)[book.language], slot.active, slot.blocked, slot.held) for slot in report.slots]
    _table(book, "leakage", widths, rows)


def _waivers(book: Book, report: Report) -> None:
    widths = [("waiver", 10), ("rule", 30), ("scope", 12), ("subject", 32), ("approved_by", 16), ("last_on", 14)]
    rows = [
        (
            line.waiver_id,
            line.rule,
            book.word(line.scope),
            line.subject,
            line.approved_by,
            line.last_on,
            line.used,
            book.word(line.state),
        )
        for line in report.waivers
    ]
    _table(book, "waivers", [*widths, ("used", 14), ("state", 14)], rows)


def _guard(book: Book, report: Report) -> None:
    widths = [("guard_reading", 34), ("column", 28), ("value", 12), ("bound", 12), ("count", 12), ("state", 36)]
    rows = [
        (
            book.word(line.name),
            line.column or None,
            *_measured(book, line),
            book.word(line.state).format(count=line.count, least=line.least),
        )
        for line in report.guard
    ]
    _table(book, "guard_short", widths, rows)


def _measured(book: Book, line: GuardLine) -> tuple[object, object, object]:
    """Value, bound and count of a reading."""
    if line.days is not None:
        return book.word("days").format(number=line.days), None, None
    return Share(line.value), Share(line.bound), line.count


def _forecast(book: Book, report: Report) -> None:
    widths = [("on", 14), ("title_id", 22), ("name", 32), ("platform", 16), ("before", 12), ("after", 12), ("why", 60)]
    rows = [
        (
            step.end,
            title.title_id,
            title.name,
            title.platform,
            book.word(title.before or "none"),
            book.word(title.after or "none"),
            _why(book, title),
        )
        for step in report.forecast
        for title in step.titles
    ]
    _table(book, "forecast", widths, rows)


def _why(book: Book, title: ForeseenTitle) -> str:
    """What changes at a title, by the ids of the rules."""
    if title.unexplained:
        return book.word("other_regime")
    said = [*map(_id, title.rules), *(f"-{_id(found)}" for found in title.cured)]
    return ", ".join([*said, *(f"{_id(found)}: {book.word(how)}" for found, how in title.acting)])


def _id(found: Found) -> str:
    """A rule by its id, as `gate policy forecast` prints it: with a question mark where nobody can tell."""
    rule, outcome = found
    return f"{rule}?" if outcome == "unknown" else rule
