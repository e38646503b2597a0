"""Reports of a run: one model, read from the run's own files, rendered as a page and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compliance.reports.model import read_report
from compliance.reports.page import write_page
from compliance.reports.workbook import write_workbook
from compliance.rules.model import Rule

__all__ = ["render_reports"]


def render_reports(folder: Path, rules: Sequence[Rule], language: str) -> None:
    """Write `report.html` and `report.xlsx` into a run's folder, from the Parquet files and the summary in it.

    `language` (zh or en) is the page's first language, which a reader can switch, and the workbook's only one.
    """
    report = read_report(folder, rules)
    write_page(report, folder / "report.html", language)
    write_workbook(report, folder, folder / "report.xlsx", language)
