"""Every night: judge what has changed in the catalog, publish the block list and the reports."""

from __future__ import annotations

from datetime import date, timedelta

from compliance import clock, runs
from compliance.cli.evidence import folder_for
from compliance.cli.language import Message, language
from compliance.cli.ledgers import ledger_for
from compliance.cli.publishing import publisher_for
from compliance.engines.incremental.proof import DIFFERENCES
from compliance.errors import EXIT_HELD
from compliance.language import worded
from compliance.outputs import current_audit
from compliance.run_files import read_summary
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work
from jobs.listing import held, newly_listed


def work(asked: Work) -> Outcome:
    """Judge incrementally, unless the settings want everything judged anew each night."""
    return audited(asked)


def audited(asked: Work, *, prove: bool = False) -> Outcome:
    """Judge as of the scheduled day, and publish the block list; a backfill publishes and records nothing.

    Where a run of a later day is current, such as where a week's audit is caught up after a night's, that day is
    judged: no list of an earlier day comes into force over it.
    `prove`: judge everything, and compare with what an incremental audit says.
    """
    config, current = asked.config, asked.out == asked.config.out
    day = max(asked.as_of, _day_of_current(asked))
    publisher = publisher_for(config, asked.out) if current else None
    wanted = runs.Audit(
        catalog=asked.catalog, out=asked.out, as_of=day, policy=config.policy, mapping=config.mapping,
        memory=asked.memory, threads=config.threads, engine=config.engine, cluster=config.cluster,
        language=language(), publisher=publisher,
        incremental=current and asked.incremental, prove=prove and asked.incremental,
        ledger=ledger_for(config, config.out), recorded=current, evidence=folder_for(config, asked.out),
    )  # fmt: skip
    begun = clock.wall_time()
    summary = runs.audit(wanted, progress=asked.tell)
    concerns = newly_listed(asked.out, begun) if current else []
    if differences := summary.counts.get(DIFFERENCES):
        concerns.append(
            Concern(
                worded(
                    f"过去几天的增量审核有 {differences:,} 行有误",
                    f"the incremental audits of the past days were wrong in {differences:,} row(s)",
                )
            )
        )
    if aside := summary.counts["quarantined"]:
        concerns.append(
            Concern(worded(f"片库有 {aside:,} 行被隔离", f"{aside:,} row(s) of the catalog are in quarantine"))
        )
    concerns += [
        Concern(worded(f"备案库中 {system} 系统的数据已过期", f"the register's extract of system {system} is stale"))
        for system in summary.stale_systems
    ]
    code = summary.exit_code()
    if publisher is not None:
        asked.tell(worded("发布拦截名单", "publishing the block list"))
        publication = runs.publish(publisher, asked.out, config.policy)
        if publication.held:
            code = EXIT_HELD
            concerns.append(held(publication))
    failing = {rule: counts.fail for rule, counts in summary.rules.items() if counts.fail}
    return Outcome(code, dict(summary.counts), summary.run_id, failing, concerns=tuple(concerns))


def _day_of_current(asked: Work) -> date:
    """The as-of day of the run that is current; the scheduled day where there is none, or one of a day to come.

    Such a one was judged while the clock was ahead. It must not be the day of every night until then.
    """
    run = current_audit(asked.out)
    day = asked.as_of if run is None else date.fromisoformat(read_summary(run)["as_of"])
    return day if day <= clock.today() else asked.as_of


JOB = Job(
    "nightly-audit",
    Message("审核片库，未受变化影响的沿用上次判定", "judge the catalog; carry what no change touches"),
    Terms("30 2 * * *", window=timedelta(hours=20), first_wait=timedelta(minutes=5), budget=timedelta(hours=6)),
    work,
    lease="publication",
    backfills=True,
)
