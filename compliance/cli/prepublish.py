"""`gate prepublish`: judge what is about to go online, and refresh its entries of the block list."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.audit import NO_CATALOG, NO_OUT, given, memory_limit
from compliance.cli.config import load_config
from compliance.cli.console import progress, say
from compliance.cli.language import Message, language
from compliance.cli.singles import exit_code_of, say_line, say_verdict
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.prepublication import Outcome

HELP = Message(
    "判定即将上线的剧目，并刷新它们在拦截名单中的条目。",
    "Judge what is about to go online, and refresh its entries of the block list.",
)
WITHIN = Message("多久之内上线，如 90m、24h、3d", "how soon they go online, such as 90m, 24h or 3d")
EXIT_ZERO = Message("有拦截或待审时也返回 0", "exit 0 also where titles are blocked or held")
BAD_WITHIN = Message("--within {value} 无法识别", "--within {value} is not understood")
WITHIN_REMEDY = Message("写成 90m、24h 或 3d", "write it like 90m, 24h or 3d")
JUDGED = Message(
    "{until} 之前上线的 {judged:,} 部：放行 {allow:,} · 待审 {hold:,} · 拦截 {block:,}",
    "{judged:,} titles to go online before {until}: {allow:,} allowed · {hold:,} held · {block:,} blocked",
)
REFRESHED = Message(
    "拦截名单已刷新：{path}；用 gate blocklist publish 使其生效",
    "the block list is refreshed: {path}; `gate blocklist publish` puts it in force",
)

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def prepublish(
    catalog: options.Catalog = None,
    out: options.Out = None,
    within: Annotated[str, typer.Option("--within", metavar="TIME", help=WITHIN())] = "24h",
    as_of: options.AsOf = None,
    as_json: options.AsJson = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help=EXIT_ZERO())] = False,
    mapping: options.Mapping = None,
    memory: options.Memory = None,
    threads: options.Threads = None,
) -> int:
    """Print what is blocked or held, and return the exit code of the contract (section 3).

    With --as-of the time counts from the beginning of that day.
    """
    config = load_config()

    from compliance import prepublication
    from compliance.cli.ledgers import waivers_for
    from compliance.runs import telling_what_stands

    place = given(out, config.out, NO_OUT, option="--out", key="out")
    wanted = prepublication.Prepublication(
        catalog=given(catalog, config.catalog, NO_CATALOG, option="--catalog", key="catalog"),
        out=place,
        policy=config.policy,
        now=datetime.combine(as_of.date(), time()) if as_of else clock.wall_time(),
        within=_duration(within),
        mapping=mapping or config.mapping,
        memory=memory_limit(memory, config),
        threads=threads or config.threads,
        waivers=waivers_for(config, place),
    )
    with telling_what_stands(place, None):
        with progress() as tell:
            outcome = prepublication.prepublish(wanted, progress=tell)
        _say(outcome, place, as_json=as_json)
    code = max(map(exit_code_of, outcome.verdicts), default=EXIT_CLEAR)
    return EXIT_CLEAR if exit_zero and code == EXIT_FOUND else code


def _say(outcome: Outcome, out: Path, *, as_json: bool) -> None:
    from compliance.engines.single.wording import verdict_json

    if as_json:
        for verdict in outcome.verdicts:
            say_line(verdict_json(verdict, language()))
        return
    for verdict in outcome.verdicts:
        if verdict.decision != "allow":
            say_verdict(verdict)
    say(JUDGED(until=outcome.until, judged=len(outcome.verdicts), **outcome.counts()))
    say(REFRESHED(path=out / "block_list.csv"))


def _duration(text: str) -> timedelta:
    """Raises ConfigurationError for what is no length of time, or one beyond a hundred years."""
    found = re.fullmatch(r"([1-9][0-9]{0,5}) ?([mhd])", text)
    if found is None:
        raise ConfigurationError(BAD_WITHIN(value=text), remedy=WITHIN_REMEDY())
    return int(found[1]) * _UNITS[found[2]]
