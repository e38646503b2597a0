"""Every hour: read the labels of episodes that have no fresh evidence, the most urgent first."""

from __future__ import annotations

from datetime import timedelta

from compliance.cli.evidence import store_for, workers_for
from compliance.cli.labels import exit_code, pending_tasks
from compliance.cli.language import Message
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE
from compliance.labels.models import require
from compliance.labels.reading import read_tasks
from compliance.language import worded
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Read at most as many as [labels] most says; what could not be read, or has no video, makes it incomplete.

    Where the configuration does not say where videos are, there is nothing to do.
    """
    config = asked.config
    if config.labels.media is None:
        return Outcome(EXIT_CLEAR, {"videos": 0})  # labels are not read from videos here: nothing to do
    require()
    store = store_for(config, out=asked.out)
    with store.writing():
        asked.tell(worded("查找没有标注证据的分集", "looking for episodes without evidence"))
        tasks, nowhere = pending_tasks(config, store, asked.catalog, asked.as_of, config.labels.most)
        totals = read_tasks(
            store,
            tasks,
            workers=workers_for(config),
            limit_s=config.labels.seconds,
            on_kept=lambda _: None,
            on_way=lambda done, total, _: asked.tell(worded(f"已读 {done} / {total}", f"{done} of {total} read")),
        )
    counts = {str(outcome): count for outcome, count in totals.outcomes.items()}
    code = exit_code(totals, nowhere)
    concerns = []
    if code == EXIT_INCOMPLETE:
        failed = counts.get("failed", 0)
        concerns.append(
            Concern(
                worded(
                    f"标注：{failed} 个视频无法读取，{nowhere} 个找不到",
                    f"labels: {failed} video(s) could not be read, {nowhere} not found",
                )
            )
        )
    return Outcome(code, {"videos": totals.total, "nowhere": nowhere, **counts}, concerns=tuple(concerns))


JOB = Job(
    "label-reading",
    Message("读取尚无证据的各集片头标注", "read the labels of episodes without evidence"),
    Terms("20 * * * *", window=timedelta(hours=2), attempts=2, budget=timedelta(hours=6)),
    work,
)
