"""`gate run`: one job for one scheduled time, as cron, systemd, Kubernetes or Airflow starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from compliance.cli.config import load_config
from compliance.cli.console import say, say_json
from compliance.cli.language import Message
from compliance.cli.options import AsJson
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE
from jobs.commands.options import come, wall

if TYPE_CHECKING:
    from jobs.clockwork.rows import Holding, Run

HELP = Message(
    "把一个任务的一个计划时刻跑完：多台主机同时启动也只跑一次，失败会重试。",
    "Get one scheduled time of a job done: once, however many hosts start it, and again where it fails.",
)
JOB = Message("任务名，见 gate runs --jobs", "the job; `gate runs --jobs` lists them")
SCHEDULED_FOR = Message(
    "计划时刻（默认为该任务最近一个已到的计划时刻，此前错过的一并补跑或记为错过）",
    "the scheduled time; default: the newest one of the job's schedule that has come, and what was missed before it is"
    " caught up or told as missed",
)
AGAIN = Message("已有结果也再跑一次", "run it again although it is settled")
EXIT_ZERO = Message("有拦截或待审时也返回 0", "exit 0 also where titles are blocked or held")
SETTLED = Message(
    "{job} {scheduled_for}：{state}（尝试 {attempts} 次，退出码 {exit_code}）",
    "{job} {scheduled_for}: {state} ({attempts} attempt(s), exit code {exit_code})",
)
WHY = Message("  原因见 gate runs --job {job}", "  `gate runs --job {job}` says why")
LEFT = Message(
    "{job} {scheduled_for}：正由 {holder} 运行，留给它", "{job} {scheduled_for}: {holder} is at work on it; left to it"
)

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def run(
    job: Annotated[str, typer.Argument(help=JOB())],
    scheduled_for: Annotated[str | None, typer.Option("--scheduled-for", metavar="TIME", help=SCHEDULED_FOR())] = None,
    again: Annotated[bool, typer.Option("--again", help=AGAIN())] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help=EXIT_ZERO())] = False,
    as_json: AsJson = False,
) -> int:
    """Return the run's exit code; 0 where another host is at work on it, 3 where it was missed or given up."""
    config = load_config()

    from jobs.desk import desk_for
    from jobs.registry import job_named
    from jobs.signals.logs import configure_log

    configure_log()
    desk = desk_for(config)
    wanted = job_named(job, desk.jobs)
    if scheduled_for:
        ended = [desk.perform(wanted, come(scheduled_for), again=again)]
    else:
        ended = desk.catch_up(wanted, again=again)
    if as_json:
        say_json(as_values(ended[-1]))
    else:
        for one in ended:
            report(one)
    codes = [as_values(one).get("exit_code", EXIT_CLEAR) for one in ended]
    return max(EXIT_CLEAR if exit_zero and code == EXIT_FOUND else code for code in codes)


def report(ended: Run | Holding) -> None:
    """Print how a run ended, or who is at work on it."""
    from jobs.clockwork.rows import Holding

    if isinstance(ended, Holding):
        say(LEFT(job=ended.job, scheduled_for=wall(ended.scheduled_for), holder=ended.holder))
        return
    say(SETTLED(**as_values(ended)))
    if ended.state != "done":
        say(WHY(job=ended.job))


def as_values(ended: Run | Holding) -> dict[str, Any]:
    """How a run ended, or who is at work on it, as JSON values."""
    from jobs.clockwork.rows import Holding

    shown = {"job": ended.job, "scheduled_for": wall(ended.scheduled_for)}
    if isinstance(ended, Holding):
        return {**shown, "holder": ended.holder}
    code = EXIT_INCOMPLETE if ended.exit_code is None else ended.exit_code
    return {**shown, "state": ended.state, "attempts": ended.attempts, "exit_code": code}
