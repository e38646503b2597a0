"""Reports of a run: one model, read from the run's own files, rendered as a page and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compliance.policy import Policy
from compliance.reports.background import Background, background_of
from compliance.reports.changes import write_changes
from compliance.reports.page import write_page
from compliance.reports.reading import read_report
from compliance.reports.workbook import write_workbook
from compliance.rules.model import Rule

__all__ = ["Background", "background_of", "render_reports", "write_changes"]


def render_reports(
    folder: Path, rules: Sequence[Rule], policy: Policy, language: str, *, background: Background | None = None
) -> None:
    """Write `report.html` and `report.xlsx` into a run's folder, from the files in it.

    `write_changes` comes first where the run is to be compared with the one before. `language` (zh or en) is the
    page's first language, which a reader can switch, and the workbook's only one.
    """
    known = background or Background()
    report = read_report(folder, rules, policy, past=known.past, waivers=known.waivers)
    write_page(report, folder / "report.html", language)
    write_workbook(report, folder, folder / "report.xlsx", language)
