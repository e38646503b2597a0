"""`gate runs`: what was run when, by whom, and what became of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compliance import clock
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.options import AsJson
from compliance.errors import EXIT_CLEAR
from jobs.commands.options import wall

if TYPE_CHECKING:
    from jobs.clockwork.rows import Attempt, Run
    from jobs.desk import Desk

HELP = Message(
    "列出任务的每个计划时刻：谁跑的、几次、结果如何；没跑成的说明原因。",
    "Every scheduled time of the jobs: who ran it, how often, what became of it, and why it was not done.",
)
JOB = Message("只看这个任务", "of this job only")
LIMIT = Message("最多多少条", "how many at most")
JOBS = Message("列出任务及其计划", "list the jobs and their schedules")
NONE = Message("还没有运行记录", "nothing has been run yet")
NAMES = ("任务", "计划时刻", "状态", "尝试", "主机", "开始", "结束", "退出码", "说明")
HEADERS = [
    Message(zh, en)
    for zh, en in zip(
        NAMES, ("job", "scheduled for", "state", "attempts", "host", "began", "ended", "exit", "says"), strict=True
    )
]
JOB_HEADERS = (
    Message("任务", "job"),
    Message("计划", "schedule"),
    Message("下次", "next"),
    Message("补跑", "catch-up"),
    Message("说明", "does"),
)

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def runs(
    job: Annotated[str | None, typer.Option("--job", help=JOB())] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=LIMIT())] = 30,
    jobs: Annotated[bool, typer.Option("--jobs", help=JOBS())] = False,
    as_json: AsJson = False,
) -> int:
    """Print the newest scheduled times first."""
    config = load_config()

    from compliance.own_database import is_there
    from jobs.clockwork.rows import attempts
    from jobs.clockwork.rows import runs as listed
    from jobs.desk import BACKFILLED, desk_for
    from jobs.registry import job_named, shipped_jobs

    desk = desk_for(config)
    if jobs:
        _say_jobs(desk, as_json=as_json)
        return EXIT_CLEAR
    rows = listed(desk.database, job=job, limit=limit) if is_there(desk.database.url) else []
    if not rows and job is not None:
        job_named(job.removesuffix(BACKFILLED), shipped_jobs())  # a name of none: said, and not taken for a quiet job
    tried: dict[tuple[str, Any], list[Attempt]] = {}
    for attempt in attempts(desk.database, job=job) if rows else ():
        tried.setdefault((attempt.job, attempt.scheduled_for), []).append(attempt)
    if as_json:
        say_json([_as_json(row, tried.get((row.job, row.scheduled_for), [])) for row in rows])
    elif not rows:
        say(NONE())
    else:
        shown = [_shown(row, tried.get((row.job, row.scheduled_for), [])) for row in rows]
        say_table([header() for header in HEADERS], shown, numbers=(3, 7))
    return EXIT_CLEAR


def _shown(run: Run, tried: list[Attempt]) -> tuple[object, ...]:
    host = tried[-1].holder if tried else ""
    says = (run.says or "").splitlines()[0] if run.says else ""
    if run.times > 1:
        says = f"{run.times:,} × {says}"
    return (
        run.job, wall(run.scheduled_for), run.state, run.attempts, host,
        wall(run.started_at), wall(run.settled_at), run.exit_code, says,
    )  # fmt: skip


def _as_json(run: Run, tried: list[Attempt]) -> dict[str, object]:
    told = {**asdict(run), "outcome": json.loads(run.outcome) if run.outcome else None}
    told["tried"] = [asdict(attempt) for attempt in tried]
    return told


def _say_jobs(desk: Desk, *, as_json: bool) -> None:
    from jobs.clockwork.ticks import ticks

    rows = [
        (
            job.name,
            job.terms.schedule,
            wall(next(ticks(job.terms.schedule, clock.now()))),
            job.terms.catch_up,
            job.does(),
        )
        for job in desk.jobs
    ]
    if as_json:
        say_json([dict(zip(("job", "schedule", "next", "catch_up", "does"), row, strict=True)) for row in rows])
    else:
        say_table([header() for header in JOB_HEADERS], rows)
