"""Reports of a run: one model, read from the run's own files, rendered as a page, a workbook and a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compliance.policy import Policy
from compliance.reports.background import Background, background_of
from compliance.reports.changes import write_changes
from compliance.reports.notices import write_notices
from compliance.reports.pack import Scope, judged_by, write_pack
from compliance.reports.page import write_page
from compliance.reports.paper import write_paper
from compliance.reports.reading import read_report
from compliance.reports.workbook import write_workbook
from compliance.rules.model import Rule

__all__ = [
    "Background",
    "Scope",
    "background_of",
    "judged_by",
    "render_reports",
    "write_changes",
    "write_notices",
    "write_pack",
]


def render_reports(
    folder: Path,
    rules: Sequence[Rule],
    policy: Policy,
    language: str,
    *,
    background: Background | None = None,
    into: Path | None = None,
    pdf: bool = False,
) -> None:
    """Write `report.html`, `report.xlsx` and, where asked for, `report.pdf` from the files in a run's folder.

    They go into the same folder, or `into` another. `write_changes` comes first where the run is to be compared with
    the one before. `language` (zh or en) is the page's first language, which a reader can switch, and the only one of
    workbook and PDF. Raises ConfigurationError where a PDF cannot be written here.
    """
    known, target = background or Background(), into or folder
    report = read_report(folder, rules, policy, past=known.past, waivers=known.waivers, evidence=known.evidence)
    if pdf:
        write_paper(report, target / "report.pdf", language)
    write_page(report, target / "report.html", language)
    write_workbook(report, folder, target / "report.xlsx", language, store=known.evidence)
