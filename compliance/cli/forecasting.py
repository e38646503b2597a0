"""`gate policy forecast` and `gate policy diff`: what other days, or another policy, make of the same catalog."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.audit import NO_CATALOG, given, memory_limit
from compliance.cli.config import Config, load_config
from compliance.cli.console import progress, say, say_json, say_table
from compliance.cli.language import LANGUAGES, Message, language
from compliance.cli.ledgers import ledger_for
from compliance.errors import ConfigurationError
from compliance.policy import load_policy

if TYPE_CHECKING:
    from compliance.forecasting import Side, Snapshot, Step, TitleChange

FORECAST_HELP = Message(
    "按今后的日子判定同一片库：哪些剧目会变、为什么；首页首屏的在前。",
    "Judge the same catalog as of days to come: which titles change, and why, first-screen ones first.",
)
DIFF_HELP = Message(
    "比较两份政策或两个日子；给出片库时，也比较其判定。",
    "Compare two policies or two days; with a catalog, what they make of it too.",
)
UNTIL = Message("直到这一天（含）", "up to this day, inclusive")
FROM = Message("从这一天起；默认为上海时间的今天", "from this day on; default: today in Asia/Shanghai")
SIDE = Message(
    "日期（YYYY-MM-DD）、政策文件、shipped（出厂政策）或 configured（配置的政策）",
    "a day (YYYY-MM-DD), a policy file, `shipped`, or `configured`",
)
KEEP = Message(
    "把预测留在这次审核中（输出文件夹或审核编号），gate report 即写入报告",
    "leave the forecast with this run (an out folder, or a run's id): gate report then has it as a section",
)
LIMIT = Message("列出多少部剧目", "titles to list")
BACKWARDS = Message("{until} 不在 {start} 之后", "{until} is not after {start}")
BACKWARDS_REMEDY = Message("用 --until 指定更晚的日子", "name a later day with --until")
NO_SIDE = Message("{side} 既不是日期，也不是政策文件", "{side} is neither a day nor a policy file")
NO_SIDE_REMEDY = Message(
    "写成 2026-09-01、一个 TOML 文件、shipped 或 configured",
    "write a day like 2026-09-01, a TOML file, `shipped` or `configured`",
)
SAME = Message("两者相同", "they say the same")
STEP = Message("{before} → {after}：{changed:,} 部剧目的判定有变", "{before} → {after}: {changed:,} titles change")
LAW = Message("  法规：{text}", "  law: {text}")
DECISIONS = Message("  判定：{counts}", "  decisions: {counts}")
REGIMES = Message("  制度：{counts}", "  regimes: {counts}")
MORE = Message("  另有 {number:,} 部未列出", "  {number:,} more are not listed")
TITLE_HEADERS = (
    Message("剧目", "title"),
    Message("剧名", "name"),
    Message("平台", "platform"),
    Message("首屏", "first screen"),
    Message("此前", "before"),
    Message("此后", "after"),
    Message("原因", "why"),
)
DIFF_HEADERS = (Message("项目", "what"), Message("甲", "A"), Message("乙", "B"))
YES = Message("是", "yes")

Limit = Annotated[int, typer.Option("--limit", min=0, metavar="N", help=LIMIT())]


def forecast(
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help=UNTIL())],
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], metavar="DATE", help=FROM())] = None,
    limit: Limit = 20,
    keep: Annotated[str | None, typer.Option("--keep", metavar="RUN", help=KEEP())] = None,
    catalog: options.Catalog = None,
    as_json: options.AsJson = False,
    mapping: options.Mapping = None,
    memory: options.Memory = None,
    threads: options.Threads = None,
) -> None:
    """Print what changes on each day on which the law does, and up to the last day."""
    config = load_config()
    begin, end = start.date() if start else clock.today(), until.date()
    if begin >= end:
        raise ConfigurationError(BACKWARDS(until=end, start=begin), remedy=BACKWARDS_REMEDY())

    from compliance.forecasting import forecast as judge
    from compliance.forecasting import step_json

    with progress() as tell:
        snapshot = _snapshot(config, catalog, mapping, memory, threads)
        steps = judge(snapshot, config.policy, begin, end, tell=tell)
    if keep is not None:
        _keep(steps, keep, config)
    if as_json:
        say_json([step_json(step, language()) for step in steps])
        return
    for step in steps:
        _say_step(step, limit)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help=SIDE())],
    after: Annotated[str, typer.Argument(metavar="B", help=SIDE())],
    limit: Limit = 20,
    catalog: options.Catalog = None,
    as_of: options.AsOf = None,
    as_json: options.AsJson = False,
    mapping: options.Mapping = None,
    memory: options.Memory = None,
    threads: options.Threads = None,
) -> None:
    """Print what the two sides say differently, and with a catalog which titles they judge differently.

    A policy is that of the as-of day; a day goes with the configured policy.
    """
    from compliance.forecasting import compare, differences, step_json

    config = load_config()
    day = as_of.date() if as_of else clock.today()
    sides = [_side(config, text, day) for text in (before, after)]
    said = differences(*sides)
    step = None
    if catalog is not None or config.catalog is not None:
        with progress() as tell:
            step = compare(_snapshot(config, catalog, mapping, memory, threads), *sides, tell=tell)
    if as_json:
        changes = {key: {"a": one, "b": other} for key, (one, other) in said.items()}
        say_json({"policy": changes, "titles": step_json(step, language()) if step else None})
        return
    if said:
        rows = [(key, _word(one), _word(other)) for key, (one, other) in said.items()]
        say_table([header() for header in DIFF_HEADERS], rows)
    else:
        say(SAME())
    if step is not None:
        _say_step(step, limit)


def _keep(steps: Sequence[Step], run: str, config: Config) -> None:
    """Leave the forecast with a run, where its next reports find it."""
    from compliance.forecasting import step_json
    from compliance.kept_runs import amended, find_run
    from compliance.reports.files import FORECAST

    said = {spoken: [step_json(step, spoken) for step in steps] for spoken in LANGUAGES}
    with amended(find_run(run, config.out)) as folder:
        text = json.dumps(said, ensure_ascii=False, default=str)
        (folder / FORECAST).write_text(text + "\n", encoding="utf-8")


def _snapshot(
    config: Config, catalog: str | None, mapping: Path | None, memory: str | None, threads: int | None
) -> Snapshot:
    from compliance.forecasting import Snapshot
    from compliance.ledger.waivers import waivers_in
    from compliance.verdicts.waivers import NO_WAIVERS

    known = config.out is not None or config.ledger.folder is not None
    return Snapshot(
        catalog=given(catalog, config.catalog, NO_CATALOG, option="--catalog", key="catalog"),
        mapping=mapping or config.mapping,
        memory=memory_limit(memory, config),
        threads=threads or config.threads,
        waivers=waivers_in(ledger_for(config, None)) if known else NO_WAIVERS,
    )


def _side(config: Config, text: str, day: date) -> Side:
    from compliance.forecasting import Side

    if text in ("shipped", "configured"):
        return Side(load_policy() if text == "shipped" else config.policy, day)
    if Path(text).is_file():
        return Side(load_policy(Path(text)), day)
    try:
        return Side(config.policy, date.fromisoformat(text))
    except ValueError:
        raise ConfigurationError(NO_SIDE(side=text), remedy=NO_SIDE_REMEDY()) from None


def _say_step(step: Step, limit: int) -> None:
    before, after = _named(step.before, step.after), _named(step.after, step.before)
    say(STEP(before=before, after=after, changed=step.changed))
    for text in step.law:
        say(LAW(text=text[language()]))
    for message, counts in ((DECISIONS, step.decisions), (REGIMES, step.regimes)):
        if counts:
            say(message(counts=" · ".join(f"{change} {number:,}" for change, number in counts.items())))
    shown = step.titles[:limit]
    if shown:
        rows = [
            (
                title.title_id,
                title.name,
                title.platform,
                YES() if title.first_screen else "",
                title.before.decision if title.before else "–",
                title.after.decision if title.after else "–",
                "; ".join(_why(title)),
            )
            for title in shown
        ]
        say_table([header() for header in TITLE_HEADERS], rows)
    if step.changed > len(shown):
        say(MORE(number=step.changed - len(shown)))


def _named(side: Side, other: Side) -> str:
    return str(side.as_of) if side.as_of != other.as_of else side.policy.revision


def _why(title: TitleChange) -> list[str]:
    """The rules that fail, or that nobody can tell (`?`), now or no longer; and what else is told or acts otherwise."""
    from compliance.reports.texts import TEXTS

    old, new = title.before, title.after
    if old is None or new is None:
        return []
    had, has = ([*side.rules, *(f"{rule}?" for rule in side.unknown)] for side in (old, new))
    said = [f"+{rule}" for rule in has if rule not in had]
    said += [f"-{rule}" for rule in had if rule not in has]
    said += [f"{acting.rule}: {TEXTS[acting.how][language()]}" for acting in title.acting]
    for name in ("regime", "tier"):
        one, other = getattr(old, name), getattr(new, name)
        if one != other:
            said.append(f"{name} {_word(one)} → {_word(other)}")
    return said


def _word(value: object) -> str:
    return "–" if value is None else str(value)
