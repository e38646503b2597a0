"""The report as one HTML page that needs nothing but itself: no script, font or picture from elsewhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from compliance.reports.charts import trend_chart
from compliance.reports.frames import framed_rules
from compliance.reports.lines import Frame, TitleLine
from compliance.reports.model import Report
from compliance.reports.naming import age_name, group_name
from compliance.reports.texts import TEXTS, catalog_word, clean, fact_name, value_text
from compliance.rules.model import Bilingual, Outcome

_NAME_LIMIT = 120
_NOBODY = Bilingual("–", "–")
_VALUE_LIMIT = 300
_IN_SCRIPTS = [
    *("search", "block", "hold", "warn", "on_air", "prepublish", "unknown", "fresh", "since", "clause", "remedy"),
    *("everything", "quarantine", "to_do", "slots", "all_platforms", "all_rules", "all_stages", "new_or_not"),
    *("frame", "episode", "yes", "no"),
]
_FOUND: Final[tuple[Outcome, ...]] = ("fail", "unknown")
"""Outcomes that make a finding."""


def write_page(report: Report, path: Path, language: str) -> None:
    """Write the page; it opens in `language` (zh or en) and holds both."""
    environment = Environment(
        loader=PackageLoader("compliance.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.filters["signed"] = lambda number: f"{number:+,}" if number else "±0"
    environment.filters["percent"] = _percent
    environment.filters["name"] = lambda text: clean(text, _NAME_LIMIT)
    page = environment.get_template("report.html.j2").render(
        report=report,
        language=language,
        t=_said,
        both=_both,
        named=lambda word: _both(catalog_word(word)),
        age=lambda line: _both(age_name(line)),
        group=lambda name, kind: _both(group_name(report, kind, name)),
        moved=lambda change: _moved(change, lambda side: TEXTS.get(side) or _NOBODY),
        changed_regime=lambda change: _moved(change, report.called),
        texts=TEXTS,
        chart=trend_chart(report.trend),
        data=_for_script(report),
        rules={line.rule.id: line.rule for line in report.rules},
    )
    path.write_text(page, encoding="utf-8")


def _said(key: str, **values: object) -> Markup:
    """A text of the report in both languages."""
    text = TEXTS[key]
    return _both(Bilingual(text.zh.format(**values), text.en.format(**values)))


def _both(text: Bilingual) -> Markup:
    """Both languages side by side; the style sheet shows the one that is chosen."""
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(text.zh, text.en)


def _moved(change: str, called: Callable[[str], Bilingual]) -> Markup:
    """A change, such as `allow → block`, in words."""
    sides = [called(side) for side in change.split(" → ")]
    return _both(Bilingual(" → ".join(side.zh for side in sides), " → ".join(side.en for side in sides)))


def _pair(text: Bilingual) -> tuple[str, str]:
    return text.zh, text.en


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"


def _for_script(report: Report) -> Markup:
    """The titles with their findings as JSON, in a form that ends no script element and means the same to any parser.

    The page's script makes text nodes of it, never markup.
    """
    facts = sorted({fact for title in report.titles for finding in title.findings for fact in finding.evidence})
    data = {
        "words": {key: [TEXTS[key].zh, TEXTS[key].en] for key in _IN_SCRIPTS},
        "rules": {
            line.rule.id: {
                "clause": line.rule.clause,
                "says": _pair(line.says),
                **{outcome: [*_pair(line.rule.says(outcome)), *_pair(line.rule.cure(outcome))] for outcome in _FOUND},
            }
            for line in report.rules
            if line.findings
        },
        "facts": {fact: [fact_name(fact).zh, fact_name(fact).en] for fact in facts},
        "platforms": {
            name: [report.called(name).zh, report.called(name).en]
            for name in {title.platform for title in report.titles} & report.names.keys()
        },
        "slots": {word: [catalog_word(word).zh, word] for title in report.titles for word in title.slots},
        "framed": framed_rules(report.rules),
        "frames": {title_id: [_frame(frame) for frame in frames] for title_id, frames in report.frames.items()},
        "titles": [_title(title) for title in report.titles],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped just above


def _title(title: TitleLine) -> list[Any]:
    """id, name, platform, producer, decision, stage, regime, tier, permit, online_on, slots, findings."""
    findings = [
        [
            finding.rule,
            finding.outcome,
            finding.action,
            finding.since.isoformat() if finding.since else "",
            int(finding.fresh),
            _shown(finding.evidence.items()),
        ]
        for finding in title.findings
    ]
    texts = (title.title_id, title.name, title.platform, title.producer)
    return [
        *(clean(text, _NAME_LIMIT) for text in texts),
        title.decision,
        title.stage,
        title.regime,
        title.tier,
        clean(title.permit, _NAME_LIMIT),
        title.online_on.isoformat() if title.online_on else "",
        list(title.slots),
        findings,
    ]


def _frame(frame: Frame) -> list[Any]:
    """The picture as a data URI, episode, second, outcome in both languages, and what was read."""
    picture = base64.b64encode(frame.file.read_bytes()).decode("ascii")
    outcome = TEXTS[frame.outcome]
    return [
        f"data:image/jpeg;base64,{picture}",
        frame.episode_no,
        None if frame.at_s is None else round(frame.at_s, 1),
        [outcome.zh, outcome.en],
        clean(frame.text, _NAME_LIMIT),
    ]


def _shown(evidence: Iterable[tuple[str, object]]) -> list[list[str]]:
    return [[fact, clean(value_text(value), _VALUE_LIMIT)] for fact, value in evidence]
