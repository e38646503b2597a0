"""What the commands about single titles share: by which state they decide, and how a verdict is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli.config import Config, load_config
from compliance.cli.console import say
from compliance.cli.language import Message, language
from compliance.cli.streams import writes_utf8
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.engines.single.deciding import Decider
    from compliance.engines.single.judging import Verdict
    from compliance.verdicts.waivers import Waivers

STATE = Message(
    "依据哪次审核的状态：审核的输出文件夹；默认取自配置的 out",
    "the out folder of the audit to decide by; default: the configuration's out",
)
CATALOG = Message(
    "不用审核状态，直接从片库读取这些剧目", "read just these titles from a catalog, not from an audit's state"
)
BOTH = Message("--state 与 --catalog 只能选一个", "give --state or --catalog, not both")
NEITHER = Message("没有指定依据哪次审核", "no audit to decide by is given")
NEITHER_REMEDY = Message(
    "用 --state 指定审核的输出文件夹，或写入配置的 out；或用 --catalog 指定片库",
    "give the audit's out folder with --state or as out in the configuration, or a catalog with --catalog",
)
STALE = Message(
    "注意：审核状态是 {state} 的，判定日为 {as_of}，一律不放行；请重新运行 gate audit",
    "note: the state is as of {state}, the day judged is {as_of}: nothing is released; run gate audit again",
)
NOT_WAIVED = Message("注意：豁免一律不计：{error}", "note: nothing is waived: {error}")
DECISIONS = {
    "allow": Message("放行", "allow"),
    "hold": Message("待审", "hold"),
    "block": Message("拦截", "block"),
}
ACTIONS = {"warn": Message("提示", "warn"), "hold": Message("待审", "hold"), "block": Message("拦截", "block")}
STAGES = {"prepublish": Message("上线前", "before publication"), "on_air": Message("在播", "on air")}
TIER = Message("第 {tier} 类", "tier {tier}")
WAIVED = Message("已豁免（{waiver}），至 {until}，剩 {days} 天", "waived ({waiver}) up to {until}, {days} days left")
REMEDY = Message("办法", "remedy")

INCOMPLETE = frozenset({"quarantined", "broken_row", "inner_error"})
"""Reasons that mean: this title should have been judged, and could not be."""

State = Annotated[Path | None, typer.Option("--state", metavar="DIR", help=STATE())]
Catalog = Annotated[str | None, typer.Option("--catalog", metavar="URI", help=CATALOG())]


@contextmanager
def decider(
    state: Path | None,
    catalog: str | None,
    as_of: datetime | None,
    *,
    mapping: Path | None = None,
    title_ids: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> Iterator[Decider]:
    """Who decides: by the state of an audit, or by what a catalog says of these titles and canonical numbers.

    Raises ConfigurationError where neither or both are given.
    """
    if state is not None and catalog is not None:
        raise ConfigurationError(BOTH())
    config = load_config()
    day = as_of.date() if as_of else clock.today()

    from compliance.engines.single.building import Asked
    from compliance.engines.single.deciding import Decider
    from compliance.engines.single.state import open_state
    from compliance.outputs import out_of
    from compliance.rules.loading import load_rules

    rules = load_rules()
    if catalog is not None:
        from compliance.engines.single.reading import state_from_catalog
        from compliance.rules.under_policy import enabled_rules

        with state_from_catalog(
            catalog,
            Asked(title_ids, numbers),
            rules=enabled_rules(rules, config.policy),
            as_of=day,
            today=clock.today(),
            mapping=mapping or config.mapping,
            memory=config.memory or "3GB",
            threads=config.threads,
        ) as few:
            yield Decider(few, rules, config.policy, day, _waivers(config, config.out))
        return
    place = state or config.out
    if place is None:
        raise ConfigurationError(NEITHER(), remedy=NEITHER_REMEDY())
    yield Decider(open_state(place), rules, config.policy, day, _waivers(config, out_of(place)))


def _waivers(config: Config, out: Path | None) -> Waivers:
    """The waivers of the ledger; where they cannot be read, or are not proven, none, and that is told."""
    from compliance.cli.ledgers import waivers_for
    from compliance.ledger.errors import LedgerError
    from compliance.verdicts.waivers import NO_WAIVERS

    try:
        return waivers_for(config, out)
    except LedgerError as error:
        sys.stderr.write(NOT_WAIVED(error=error) + "\n")
        return NO_WAIVERS


def exit_code_of(verdict: Verdict) -> int:
    """The exit code of the contract (section 3) for one title; of several titles the greatest counts."""
    if verdict.reason in INCOMPLETE:
        return EXIT_INCOMPLETE
    return EXIT_CLEAR if verdict.decision == "allow" else EXIT_FOUND


def say_line(value: object) -> None:
    """One JSON object on one line."""
    say(_printable(json.dumps(value, ensure_ascii=not writes_utf8())))


def say_verdict(verdict: Verdict) -> None:
    """The verdict in words: decision, what was derived, each finding with its clause and the way out."""
    from compliance.engines.single.wording import reason_text, values_json

    known = [STAGES[verdict.stage](), verdict.regime, verdict.permit]
    if verdict.tier is not None:
        known.insert(1, TIER(tier=verdict.tier))
    name = "" if verdict.title_id is None else f"{verdict.title_id}  "
    say(_printable(f"{name}{DECISIONS[verdict.decision]()}  ({' · '.join(part for part in known if part)})"))
    if verdict.reason is not None:
        say(_printable(f"  {reason_text(verdict, language())}"))
    for finding in verdict.findings:
        rule = finding.rule
        says, cure = (text[language()] for text in (rule.says(finding.outcome), rule.cure(finding.outcome)))
        say(f"  {rule.id}  {ACTIONS[finding.action]()}: {says}  [{rule.clause}]")
        if finding.waiver is not None:
            say(f"    {WAIVED(waiver=finding.waiver.waiver_id, until=finding.waiver.last_on, days=finding.days_left)}")
        say(_printable(f"    {values_text(values_json(finding.evidence))}"))
        say(f"    → {cure}")


def values_text(values: dict[str, object]) -> str:
    """Values on one line: name=value, as JSON writes them."""
    return "  ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def _printable(text: str) -> str:
    """Bytes of the command line that are no UTF-8 come as half characters, which no terminal takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
