"""The report as a PDF for the file: the page's numbers and its most urgent titles, in one language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.reports.foreseen import Foreseen, ForeseenTitle
from compliance.reports.lines import GuardLine
from compliance.reports.model import Report
from compliance.reports.naming import age_name, group_name
from compliance.reports.texts import TEXTS, catalog_word, clean
from compliance.rules.model import Outcome

PRINTED_TITLES = 300
_PRINTED_RUNS = 12
_NAME_LIMIT = 60
_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Serif CJK SC"),
    *("Noto Serif SC", "Source Han Serif SC", "Microsoft YaHei", "PingFang SC", "Hiragino Sans GB", "SimHei", "SimSun"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "AR PL UMing CN", "Droid Sans Fallback"),
)
"""Fonts with simplified Chinese, the better ones first."""

Word = Callable[[str], str]
Cells = Sequence[Sequence[object]]


def write_paper(report: Report, path: Path, language: str) -> None:
    """Write the PDF. Raises ConfigurationError where the library or a font with Chinese is missing."""
    typst = _library()
    fonts = _fonts(typst)
    data = json.dumps(_data(report, language, fonts), ensure_ascii=False)
    with as_file(files("compliance.reports") / "templates" / "report.typ") as template:
        path.write_bytes(typst.compile(str(template), sys_inputs={"data": data}))


def _library() -> Any:  # noqa: ANN401 - an optional module
    try:
        return import_module("typst")
    except ImportError:
        raise ConfigurationError(
            worded("生成 PDF 需要 typst，尚未安装", "writing a PDF needs the package typst, which is not installed"),
            remedy=worded(
                "pip install 'microdrama-gate[pdf]'；HTML 和 Excel 不需要别的",
                "pip install 'microdrama-gate[pdf]'; HTML and Excel need nothing more",
            ),
        ) from None


def _fonts(typst: Any) -> list[str]:  # noqa: ANN401 - an optional module
    """The fonts of this machine that have Chinese: without one the PDF would be empty boxes."""
    known = set(typst.Fonts().families())
    found = [font for font in _FONTS if font in known]
    if not found:
        raise ConfigurationError(
            worded(
                "没有安装中文字体，PDF 中会是空框",
                "no font with Chinese characters is installed, and a PDF without one would show empty boxes",
            ),
            remedy=worded(
                "安装一种，Debian 上：apt-get install fonts-noto-cjk",
                "install one, on Debian: apt-get install fonts-noto-cjk",
            ),
        )
    return found[:1]


def _data(report: Report, language: str, fonts: list[str]) -> dict[str, Any]:
    def word(key: str) -> str:
        return TEXTS[key][language]

    return {
        "language": language,
        "fonts": fonts,
        "words": {"report": word("report")},
        "run": f"{word('run')} {report.run_id}",
        "meta": f"{word('as_of')} {report.as_of} · {word('run')} {report.run_id} · {word('policy')} {report.policy}",
        "cards": _cards(report, word),
        "first": _first(report, word, language),
        "sections": [section for section in _sections(report, word, language) if section["rows"] or section["note"]],
    }


def _cards(report: Report, word: Word) -> list[dict[str, str]]:
    cards = []
    for decision in ("block", "hold", "allow"):
        note = f"{100 * report.counts[decision] / max(1, report.counts['judged']):.1f}%"
        if report.changes is not None:
            note += f" · {report.counts[decision] - getattr(report.changes.before, decision):+,}"
        cards.append(
            {"kind": decision, "name": word(decision), "number": _number(report.counts[decision]), "note": note}
        )
    of = word("of_titles").format(titles=_number(report.counts["titles"]))
    return [*cards, {"kind": "plain", "name": word("judged"), "number": _number(report.counts["judged"]), "note": of}]


def _first(report: Report, word: Word, language: str) -> list[str]:
    said = [f"{_number(line.number)} {word(line.key)}" for line in report.first] or [word("nothing")]
    return said + [f"{word('stale')}: {catalog_word(system)[language]}" for system in report.stale_systems]


def _sections(report: Report, word: Word, language: str) -> Iterator[dict[str, Any]]:
    def section(key: str, headers: Sequence[str], widths: Sequence[int], rows: Cells, note: str = "") -> dict[str, Any]:
        """Widths are shares of the page, 0 for as wide as its text; columns of width 0 hold numbers."""
        return {
            "heading": word(key),
            "headers": [word(header) for header in headers],
            "widths": list(widths),
            "numbers": [width == 0 for width in widths],
            "rows": [[_cell(cell) for cell in row] for row in rows],
            "note": note,
        }

    decisions = ("block", "hold", "allow")
    known_rules = {line.rule.id: line.rule for line in report.rules}

    def said(rule: str, outcome: Outcome = "fail") -> str:
        return known_rules[rule].says(outcome)[language] if rule in known_rules else rule

    def changed(title: ForeseenTitle) -> Iterator[str]:
        yield from (said(*found) for found in title.rules)
        yield from (word("no_longer").format(finding=said(*found)) for found in title.cured)
        yield from (f"{said(*found)}: {word(how)}" for found, how in title.acting)
        if title.unexplained:
            yield word("other_regime")

    if report.changes is not None:
        keys = ("fresh", "standing", "cured", "gone")
        note = word("since_last").format(as_of=report.changes.before.as_of)
        yield section("changes", keys, (1, 1, 1, 1), [[getattr(report.changes, key) for key in keys]], note)
        runs = [(run.as_of, run.block, run.hold, run.allow) for run in report.trend[-_PRINTED_RUNS:]]
        yield section("trend", ("as_of", *decisions), (1, 0, 0, 0), runs)
    rules = [
        (line.says[language], line.fail, line.unknown, line.fresh, line.rule.clause, line.cure[language])
        for line in report.rules
        if line.findings
    ]
    yield section("rules", ("rule", "fail", "unknown", "fresh", "clause", "remedy"), (3, 0, 0, 0, 4, 4), rules)
    for kind, shares in (("regime", report.regimes), ("tier", report.tiers), ("platform", report.platforms)):
        rows = [
            (group_name(report, kind, share.name)[language], share.block, share.hold, share.allow) for share in shares
        ]
        yield section(f"{kind}s", (kind, *decisions), (1, 0, 0, 0), rows)
    ages = [(age_name(line)[language], line.block, line.hold) for line in report.ages]
    yield section("ages", ("age", "block", "hold"), (1, 0, 0), ages)
    producers = [
        (line.name or word("unknown_producer"), line.block, line.hold, "–" if line.judged is None else line.judged)
        for line in report.producers
    ]
    yield section("producers", ("producer", "block", "hold", "judged"), (1, 0, 0, 0), producers)
    slots = [
        (catalog_word(slot.name)[language], "–" if slot.active is None else slot.active, slot.blocked, slot.held)
        for slot in report.slots
    ]
    yield section("leakage", ("slot", "active", "blocked_part", "held_part"), (1, 0, 0, 0), slots, word("no_plays"))
    extracts = [
        (catalog_word(line.system)[language], line.newest or "–", word("is_stale" if line.stale else "is_fresh"))
        for line in report.register
    ]
    yield section("register", ("system", "newest", "state"), (1, 1, 1), extracts)
    labels = [(catalog_word(line.channel)[language], line.rows, line.with_text, line.newest) for line in report.labels]
    yield section("coverage", ("channel", "rows", "with_text", "newest"), (2, 0, 0, 1), labels)
    readings = [
        (f"{word(line.name)} {line.column}", *_measured(line, word), _state(line, word))
        for line in report.guard
        if line.told
    ]
    still = len(report.guard) - len(readings)
    note = word("guard_still").format(number=still) if still else ""
    yield section("guard", ("guard_reading", "value", "bound", "count", "state"), (4, 1, 1, 0, 2), readings, note)
    waivers = [
        (line.waiver_id, said(line.rule), line.subject, line.last_on, word(line.state), line.used)
        for line in report.waivers
    ]
    yield section("waivers", ("waiver", "rule", "subject", "last_on", "state", "used"), (1, 3, 3, 2, 2, 0), waivers)
    for step in report.forecast:
        note = f"{step.begin} → {step.end}: {'; '.join(_foreseen(report, step, word, language))}"
        moved = [
            (
                title.title_id,
                title.name,
                report.called(title.platform)[language],
                " → ".join(word(side) if side else "–" for side in (title.before, title.after)),
                "; ".join(changed(title)),
            )
            for title in step.titles
        ]
        told = ("title_id", "name", "platform", "decision", "why")
        yield section("forecast", told, (2, 3, 2, 2, 3), moved, note)
    known = any(day.kind == "law" for day in report.coming)
    note = "" if known else word("no_coming").format(as_of=report.as_of)
    yield section("coming", ("on", "what"), (1, 5), [(day.on, day.says[language]) for day in report.coming], note)
    shown = report.titles[:PRINTED_TITLES]
    left_out = report.listed - len(shown)
    note = word("left_out").format(listed=_number(len(shown)), left_out=_number(left_out)) if left_out else ""
    titles = [
        (
            title.title_id,
            title.name,
            report.called(title.platform)[language],
            word(title.decision),
            title.permit,
            "; ".join(said(finding.rule, finding.outcome) for finding in title.findings) or word("quarantine"),
        )
        for title in shown
    ]
    headers = ("title_id", "name", "platform", "decision", "permit", "findings")
    yield section("title_table", headers, (4, 6, 4, 3, 6, 8), titles, note)


def _foreseen(report: Report, step: Foreseen, word: Word, language: str) -> Iterator[str]:
    """What begins between two days, and how many titles change by decision and by regime."""
    yield from (text[language] for text in step.law)
    for change, number in step.decisions.items():
        sides = (word(side) if side in TEXTS else side for side in change.split(" → "))
        yield f"{' → '.join(sides)} {_number(number)}"
    for change, number in step.regimes.items():
        sides = (report.called(side)[language] for side in change.split(" → "))
        yield f"{' → '.join(sides)} {_number(number)}"


def _measured(line: GuardLine, word: Word) -> tuple[object, object, object]:
    """Value, bound and count of a reading."""
    if line.days is not None:
        return word("days").format(number=line.days), "–", "–"
    return f"{line.value:.1%}", f"{line.bound:.1%}", line.count


def _state(line: GuardLine, word: Word) -> str:
    return word(line.state).format(count=line.count, least=line.least)


def _cell(value: object) -> str:
    return _number(value) if isinstance(value, int) else clean(str(value), _NAME_LIMIT * 3) or "–"


def _number(value: int) -> str:
    return f"{value:,}"
