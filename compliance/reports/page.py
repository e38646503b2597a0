"""The report as one HTML page that needs nothing but itself: no script, font or picture from elsewhere."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from compliance.reports.model import Report
from compliance.reports.texts import TEXTS, clean, evidence_text
from compliance.rules.model import Bilingual

_NAME_LIMIT = 120
_EVIDENCE_LIMIT = 600


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
    environment.filters["percent"] = _percent
    environment.filters["name"] = lambda text: clean(text, _NAME_LIMIT)
    environment.filters["evidence"] = lambda evidence: clean(evidence_text(evidence), _EVIDENCE_LIMIT)
    template = environment.get_template("report.html.j2")
    titles = {line.rule.id: line.rule.title for line in report.rules}
    page = template.render(report=report, language=language, t=_said, both=_both, rule_titles=titles)
    path.write_text(page, encoding="utf-8")


def _said(key: str, **values: str) -> Markup:
    """A text of the report in both languages."""
    text = TEXTS[key]
    return _both(Bilingual(text.zh.format(**values), text.en.format(**values)))


def _both(text: Bilingual) -> Markup:
    """Both languages side by side; the style sheet shows the one that is chosen."""
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(text.zh, text.en)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
