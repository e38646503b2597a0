"""Every night: judge the whole catalog, publish the block list and the reports."""

from __future__ import annotations

from datetime import timedelta

import duckdb

from compliance import runs
from compliance.cli.language import Message, language
from compliance.cli.ledgers import ledger_for
from compliance.outputs import current_run
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Judge as of the scheduled day. Tells each platform's owner how many of its titles are newly on the list."""
    config = asked.config
    wanted = runs.Audit(
        catalog=asked.catalog, out=asked.out, as_of=asked.as_of, policy=config.policy, mapping=config.mapping,
        memory=asked.memory, threads=config.threads, language=language(),
        ledger=ledger_for(config, asked.out) if asked.out == config.out else None,
    )  # fmt: skip
    summary = runs.audit(wanted, progress=asked.tell)
    concerns = [*_newly_listed(asked)]
    if summary.counts["quarantined"]:
        concerns.append(Concern(f"{summary.counts['quarantined']:,} row(s) of the catalog are in quarantine"))
    concerns += [Concern(f"the register's extract of system {system} is stale") for system in summary.stale_systems]
    failing = {rule: counts.fail for rule, counts in summary.rules.items() if counts.fail}
    return Outcome(summary.exit_code(), dict(summary.counts), summary.run_id, failing, concerns=tuple(concerns))


def _newly_listed(asked: Work) -> list[Concern]:
    run = current_run(asked.out)
    if run is None:
        return []
    found = duckdb.execute(
        "SELECT platform, decision, count(*) FROM read_parquet($1)"
        " WHERE first_listed_at >= (SELECT max(first_listed_at) FROM read_parquet($1)) GROUP BY ALL ORDER BY ALL",
        [str(run / "block_list.parquet")],
    ).fetchall()
    return [Concern(f"{count:,} title(s) newly listed as {word}", platform) for platform, word, count in found]


JOB = Job(
    "nightly-audit",
    Message("审核整个片库", "judge the whole catalog"),
    Terms("30 2 * * *", window=timedelta(hours=20), first_wait=timedelta(minutes=5), budget=timedelta(hours=6)),
    work,
    lease="publication",
    backfills=True,
)
