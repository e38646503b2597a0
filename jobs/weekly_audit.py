"""Every week: judge everything anew, and prove that the incremental audits of the week have said the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from compliance.cli.language import Message
from compliance.errors import EXIT_CLEAR
from jobs.clockwork.model import Job, Outcome, Terms, Work
from jobs.nightly_audit import audited


def work(asked: Work) -> Outcome:
    """As the nightly audit, in full. Where the incremental one says anything else, whoever runs the gate hears of it.

    Where nightly audits are full there is nothing to prove, and nothing is done.
    """
    if not asked.incremental:
        return Outcome(EXIT_CLEAR, {"judged": 0})
    return replace(audited(asked, prove=True), by_rule=None)  # failures by rule are the nightly audit's to tell


JOB = Job(
    "weekly-audit",
    Message("全量审核，并核对增量审核", "judge everything, and prove the incremental audits"),
    Terms("30 6 * * sun", window=timedelta(hours=20), first_wait=timedelta(minutes=5), budget=timedelta(hours=6)),
    work,
    lease="publication",
)
