"""Reports of a run: one model, read from the run's own files, rendered as a page, a workbook and a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from compliance.labels.store import EvidenceError

__all__ = [
    "Background",
    "Scope",
    "background_of",
    "judged_by",
    "render_reports",
    "without_frames",
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
) -> EvidenceError | None:
    """Write `report.html`, `report.xlsx` and, where asked for, `report.pdf` from the files in a run's folder.

    They go into the same folder, or `into` another. `write_changes` comes first where the run is to be compared with
    the one before. `language` (zh or en) is the page's first language, which a reader can switch, and the only one of
    workbook and PDF. Where the frames of videos cannot be read, the reports come without them and say so: what is wrong
    is returned. Raises ConfigurationError where a PDF cannot be written here.
    """
    from compliance.labels.store import EvidenceError

    known, target = background or Background(), into or folder
    try:
        _render(folder, rules, policy, language, known, target, pdf=pdf)
    except EvidenceError as error:
        without = replace(known, evidence=None, notes=(*known.notes, without_frames(error)))
        _render(folder, rules, policy, language, without, target, pdf=pdf)
        return error
    return None


def without_frames(error: EvidenceError) -> str:
    """The note that reports lack frames, which does not depend on the language."""
    return f"no frames of videos in the reports: {error.note}; see `gate doctor`"


def _render(
    folder: Path, rules: Sequence[Rule], policy: Policy, language: str, known: Background, into: Path, *, pdf: bool
) -> None:
    report = read_report(folder, rules, policy, past=known.past, waivers=known.waivers, evidence=known.evidence)
    report = replace(report, notes=(*report.notes, *known.notes))
    if pdf:
        write_paper(report, into / "report.pdf", language)
    write_page(report, into / "report.html", language)
    write_workbook(report, folder, into / "report.xlsx", language, store=known.evidence)
