"""Every quarter of an hour: judge what is about to go online, and put the refreshed block list in force."""

from __future__ import annotations

from datetime import timedelta

from compliance import clock, runs
from compliance.cli.language import Message
from compliance.cli.ledgers import waivers_for
from compliance.cli.publishing import publisher_for
from compliance.cli.singles import exit_code_of
from compliance.errors import EXIT_CLEAR, EXIT_HELD
from compliance.language import worded
from compliance.prepublication import Prepublication, prepublish
from jobs.clockwork.model import Job, Outcome, Terms, Work
from jobs.listing import held, newly_listed


def work(asked: Work) -> Outcome:
    """Judge as of the scheduled time. The service decides by what was found at once, whatever becomes of the list."""
    config = asked.config
    wanted = Prepublication(
        catalog=asked.catalog, out=asked.out, policy=config.policy, now=asked.wall_time, within=asked.settings.within,
        mapping=config.mapping, memory=asked.memory, threads=config.threads, waivers=waivers_for(config, asked.out),
    )  # fmt: skip
    begun = clock.wall_time()
    outcome = prepublish(wanted, progress=asked.tell)
    concerns = newly_listed(asked.out, begun)
    code = max(map(exit_code_of, outcome.verdicts), default=EXIT_CLEAR)
    asked.tell(worded("发布拦截名单", "publishing the block list"))
    publication = runs.publish_scan(publisher_for(config, asked.out), asked.out, config.policy)
    if publication is not None and publication.held:
        code = EXIT_HELD
        if not publication.waited:  # or somebody would be told each quarter of an hour
            concerns.append(held(publication))
    counts = {"judged": len(outcome.verdicts), **outcome.counts()}
    return Outcome(code, counts, outcome.run_id, concerns=tuple(concerns))


JOB = Job(
    "prepublication-scan",
    Message("判定即将上线的剧目", "judge what is about to go online"),
    Terms("*/15 * * * *", window=timedelta(hours=1), attempts=2, budget=timedelta(minutes=40)),
    work,
    lease="publication",
)
