"""`gate backfill`: run past scheduled times of a job, each into a folder of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from compliance.cli.config import load_config
from compliance.cli.console import say, say_json
from compliance.cli.language import Message
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE, ConfigurationError
from jobs.commands.options import come, last_instant
from jobs.commands.run import as_values, report

HELP = Message(
    "补跑过去的计划时刻，从早到晚。结果写入输出文件夹的 backfills/，当前的拦截名单不变。",
    "Run past scheduled times, the oldest first. Outputs go to backfills/ in the out folder; what is current stays.",
)
JOB = Message("任务名", "the job")
FROM = Message("从这个时刻起（含）", "from this time on (inclusive)")
TO = Message("到这个时刻止（含；只写日期则含当天）", "up to this time (inclusive; a day alone counts whole)")
AGAIN = Message("已补跑过的也再跑一次", "run again what has been backfilled")
NOT_THIS = Message("{job} 不能补跑：它只对当下有意义", "{job} cannot be backfilled: it is about the present")
NOTHING = Message("{job} 在这段时间没有计划时刻", "no scheduled time of {job} lies in between")
MOST = 400
TOO_MANY = Message("共 {count:,} 个计划时刻，一次最多 {most}", "{count:,} scheduled times; at most {most} at once")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def backfill(
    job: Annotated[str, typer.Argument(help=JOB())],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help=FROM())],
    end: Annotated[str, typer.Option("--to", metavar="TIME", help=TO())],
    again: Annotated[bool, typer.Option("--again", help=AGAIN())] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
) -> int:
    """Exit 0 where all of them were run, whatever they found; 3 where one was not."""
    config = load_config()

    from datetime import timedelta

    from jobs.clockwork.rows import Run
    from jobs.clockwork.ticks import ticks_between
    from jobs.desk import desk_for
    from jobs.registry import job_named
    from jobs.signals.logs import configure_log

    configure_log()
    desk = desk_for(config)
    wanted = job_named(job, desk.jobs)
    if not wanted.backfills:
        raise ConfigurationError(NOT_THIS(job=job))
    past = list(ticks_between(wanted.terms.schedule, come(begin) - timedelta(seconds=1), last_instant(end)))
    if not past:
        raise ConfigurationError(NOTHING(job=job))
    if len(past) > MOST:
        raise ConfigurationError(TOO_MANY(count=len(past), most=MOST))
    ended = [desk.backfill(wanted, moment, again=again) for moment in past]
    if as_json:
        say_json([as_values(one) for one in ended])
    else:
        for one in ended:
            report(one)
    not_done = [one for one in ended if not isinstance(one, Run) or one.state != "done"]
    if not as_json:
        say(f"{len(ended) - len(not_done)}/{len(ended)}")
    return EXIT_INCOMPLETE if not_done else EXIT_CLEAR
