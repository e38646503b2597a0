"""Every quarter of an hour: judge what is about to go online, and refresh its entries of the block list."""

from __future__ import annotations

from datetime import timedelta

from compliance.cli.language import Message
from compliance.cli.ledgers import waivers_for
from compliance.cli.singles import exit_code_of
from compliance.errors import EXIT_CLEAR
from compliance.prepublication import Prepublication, prepublish
from jobs.clockwork.model import Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Judge as of the scheduled time."""
    config = asked.config
    wanted = Prepublication(
        catalog=asked.catalog, out=asked.out, policy=config.policy, now=asked.wall_time, within=asked.settings.within,
        mapping=config.mapping, memory=asked.memory, threads=config.threads, waivers=waivers_for(config, asked.out),
    )  # fmt: skip
    outcome = prepublish(wanted, progress=asked.tell)
    code = max(map(exit_code_of, outcome.verdicts), default=EXIT_CLEAR)
    return Outcome(code, {"judged": len(outcome.verdicts), **outcome.counts()}, outcome.run_id)


JOB = Job(
    "prepublication-scan",
    Message("判定即将上线的剧目", "judge what is about to go online"),
    Terms("*/15 * * * *", window=timedelta(hours=1), attempts=2, budget=timedelta(minutes=40)),
    work,
    lease="publication",
)
