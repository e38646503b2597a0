"""Every week: forget what nobody asks for any more. The ledger is not touched: it is only ever added to."""

from __future__ import annotations

import shutil
from datetime import timedelta

import sqlalchemy as sa

from compliance import clock
from compliance.cli.language import Message
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR
from compliance.language import worded
from jobs.clockwork.database import Database, url_beside
from jobs.clockwork.model import Job, Outcome, Terms, Work
from jobs.clockwork.tables import ALERTS, ATTEMPTS, RUNS
from jobs.registry import BACKFILLS


def work(asked: Work) -> Outcome:
    """Remove records of settled runs, and outputs of backfills, that are older than the settings say.

    Ages count from the present, not from the scheduled time: a run that is caught up late forgets no less.
    """
    now, settings = clock.now(), asked.settings
    database = Database(url_beside(ledger_for(asked.config, asked.out)))
    asked.tell(worded("清理旧记录", "forgetting old records"))
    newest = sa.select(sa.func.max(RUNS.c.scheduled_for)).where(RUNS.c.state == "done").group_by(RUNS.c.job)
    before = now - settings.keep
    with database.transaction() as connection:
        runs = RUNS.delete().where(RUNS.c.settled_at < before, RUNS.c.scheduled_for.not_in(newest))
        counts = {"runs": connection.execute(runs).rowcount}
        counts["attempts"] = connection.execute(ATTEMPTS.delete().where(ATTEMPTS.c.ended_at < before)).rowcount
        counts["alerts"] = connection.execute(ALERTS.delete().where(ALERTS.c.raised_at < before)).rowcount
    database.close()
    asked.tell(worded("清理旧的补跑结果", "removing old backfills"))
    old = [
        folder
        for folder in (asked.out / BACKFILLS).glob("*/*")
        if folder.stat().st_mtime < (now - settings.keep_backfills).timestamp()
    ]
    for folder in old:
        shutil.rmtree(folder)
    return Outcome(EXIT_CLEAR, {**counts, "backfills": len(old)})


JOB = Job(
    "retention",
    Message("清理过期的运行记录", "forget old records"),
    Terms("0 5 * * sun", window=timedelta(days=3)),
    work,
)
