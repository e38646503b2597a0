"""Every morning: tell which waivers end soon, so that nobody is surprised by the finding that comes back."""

from __future__ import annotations

from datetime import date

from compliance.cli.language import Message
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR
from compliance.language import worded
from compliance.ledger.waivers import waivers_in
from compliance.verdicts.waivers import NO_WAIVERS, Waiver
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Each waiver is told of once as soon as it is within the days of notice, and once more on its last day."""
    asked.tell(worded("读取台账", "reading the ledger"))
    ledger = ledger_for(asked.config, asked.out)
    honoured = waivers_in(ledger).honoured(asked.config.policy.waivers) if ledger.exists() else NO_WAIVERS
    in_force = honoured.in_force(asked.as_of)
    ending = [waiver for waiver in in_force if waiver.days_left(asked.as_of) <= asked.settings.notice_days]
    concerns = tuple(
        Concern(_says(waiver, asked.as_of), waiver.subject if waiver.scope == "platform" else None, once=True)
        for waiver in ending
    )
    return Outcome(EXIT_CLEAR, {"waivers": len(in_force), "ending": len(ending)}, concerns=concerns)


def _says(waiver: Waiver, as_of: date) -> str:
    """The same on every day but the last one: what was told before is not told again."""
    if waiver.days_left(as_of) == 1:
        return worded(
            f"{waiver.last_on} 是对 {waiver.rule} 的豁免 {waiver.waiver_id} 的最后一日，此后问题重新计入",
            f"{waiver.last_on} is the last day of waiver {waiver.waiver_id} of {waiver.rule},"
            " then the finding counts again",
        )
    return worded(
        f"对 {waiver.rule} 的豁免 {waiver.waiver_id} 有效至 {waiver.last_on}，此后问题重新计入",
        f"waiver {waiver.waiver_id} of {waiver.rule} holds up to {waiver.last_on}, then the finding counts again",
    )


JOB = Job(
    "waiver-notices",
    Message("提醒即将到期的豁免", "tell which waivers end soon"),
    Terms("0 9 * * *"),
    work,
)
