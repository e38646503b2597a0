"""Every morning: tell which waivers end soon, so that nobody is surprised by the finding that comes back."""

from __future__ import annotations

from compliance.cli.language import Message
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR
from compliance.language import worded
from compliance.ledger.waivers import waivers_in
from compliance.verdicts.waivers import NO_WAIVERS
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Each waiver is told of on the first day of its notice, and on its last day."""
    asked.tell(worded("读取台账", "reading the ledger"))
    ledger = ledger_for(asked.config, asked.out)
    told = {1, asked.settings.notice_days}
    honoured = waivers_in(ledger).honoured(asked.config.policy.waivers) if ledger.exists() else NO_WAIVERS
    in_force = honoured.in_force(asked.as_of)
    ending = [waiver for waiver in in_force if waiver.days_left(asked.as_of) in told]
    concerns = tuple(
        Concern(
            worded(
                f"对 {waiver.rule} 的豁免 {waiver.waiver_id} 有效至 {waiver.last_on}，此后问题重新计入",
                f"waiver {waiver.waiver_id} of {waiver.rule} holds up to {waiver.last_on},"
                " then the finding counts again",
            ),
            waiver.subject if waiver.scope == "platform" else None,
        )
        for waiver in ending
    )
    return Outcome(EXIT_CLEAR, {"waivers": len(in_force), "ending": len(ending)}, concerns=concerns)


JOB = Job(
    "waiver-notices",
    Message("提醒即将到期的豁免", "tell which waivers end soon"),
    Terms("0 9 * * *"),
    work,
)
