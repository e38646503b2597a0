"""`gate waive add|list|revoke`: waivers, which end by themselves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compliance import clock
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.ledgers import existing_ledger
from compliance.cli.options import AsJson, Out
from compliance.errors import ConfigurationError

if TYPE_CHECKING:
    import duckdb

    from compliance.ledger.store import Ledger
    from compliance.policy.settings import WaiverSettings
    from compliance.verdicts.waivers import Waiver

APP_HELP = Message("豁免：到期自动失效", "waivers: each ends by itself")
ADD_HELP = Message(
    "为一部剧目、一个平台或一个制作机构豁免一条规则，到某日为止（含当日，上海时间）。",
    "Waive one rule for a title, a platform or a producer, up to a day (inclusive, Asia/Shanghai).",
)
LIST_HELP = Message("列出豁免及剩余天数", "the waivers, with the days they have left")
REVOKE_HELP = Message("立即撤销一项豁免", "end a waiver at once")
TITLE = Message("剧目 ID", "a title's id")
PLATFORM = Message("平台：其全部剧目", "a platform: all its titles")
PRODUCER = Message("制作机构：其全部剧目", "a producer: all its titles")
RULE = Message("规则 id", "the rule's id")
UNTIL = Message("最后一日（含，YYYY-MM-DD）", "last day, inclusive (YYYY-MM-DD)")
REASON = Message("理由", "why")
TICKET = Message("工单号", "ticket")
BY = Message("申请人", "who asks for it")
APPROVED_BY = Message("批准人，不能是申请人", "who approves it; somebody else")
REVOKED_BY = Message("撤销人", "who revokes it")
WAIVER_ID = Message("豁免编号，如 W3", "the waiver's id, such as W3")
ALL = Message("也列出已失效的", "those that are over, too")
ONE_SUBJECT = Message(
    "用 --title、--platform、--producer 之一说明豁免的对象",
    "say what it is for: one of --title, --platform, --producer",
)
NO_FINDING = Message(
    "最近一次审核及其后的扫描中，{title_id} 没有 {rule} 的发现，无可豁免",
    "the last audit, or a scan since, found nothing of {rule} at {title_id}: there is nothing to waive",
)
NO_FINDING_REMEDY = Message(
    "gate explain 可查看该剧目的全部规则", "`gate explain` shows every rule at a title; audit again if it has changed"
)
GRANTED = Message(
    "已豁免 {waiver_id}：{rule}，至 {last_on}（含）", "{waiver_id} granted: {rule}, up to {last_on} inclusive"
)
REVOKED = Message(
    "已撤销 {waiver_id}；单剧目判定即刻、审核自下一次起不再计入",
    "{waiver_id} is revoked: single titles are judged without it at once, catalogs from the next audit on",
)
REVOKED_BUT = Message(
    "已撤销 {waiver_id}；它所豁免的规则仍另有豁免", "{waiver_id} is revoked, but other waivers still waive its rule"
)
NONE = Message("没有豁免", "there are no waivers")
HEADERS = (
    Message("编号", "id"),
    Message("对象", "for"),
    Message("规则", "rule"),
    Message("最后一日", "last day"),
    Message("剩余天数", "days left"),
    Message("状态", "state"),
    Message("申请/批准", "by / approved by"),
    Message("工单", "ticket"),
    Message("理由", "reason"),
)
STATES = {
    "in_force": Message("有效", "in force"),
    "expired": Message("已到期", "expired"),
    "revoked": Message("已撤销", "revoked"),
    "not_honoured": Message("不予承认（政策 never）", "not honoured (policy, never)"),
}

SCOPE_WORDS = {
    "title": Message("剧目", "title"),
    "platform": Message("平台", "platform"),
    "producer": Message("制作机构", "producer"),
}
REACH = Message("最近一次审核中它涉及 {count:,} 部剧目", "in the last audit it would have been for {count:,} title(s)")
NOBODY = Message(
    "注意：最近一次审核中没有它所涉及的剧目，核对 {scope}“{subject}”是否写对",
    "note: the last audit has no title that it is for; see that the {scope} {subject!r} is spelt right",
)
ALIKE = Message(
    "注意：{waiver_id} 对同一对象、同一规则仍然有效，至 {last_on}",
    "note: {waiver_id} still waives the same rule for the same {scope}, until {last_on}",
)
MEETING = Message(
    "注意：{waiver_id} 对{scope}“{subject}”豁免同一规则，至 {last_on}：两者都涉及的剧目仍被豁免",
    "note: {waiver_id} waives the same rule for the {scope} {subject!r}, until {last_on}: titles of both stay waived",
)

app = typer.Typer(help=APP_HELP(), no_args_is_help=True, add_completion=False)


@app.command("add", help=ADD_HELP())
def add(
    rule: Annotated[str, typer.Option("--rule", help=RULE())],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help=UNTIL())],
    reason: Annotated[str, typer.Option("--reason", help=REASON())],
    ticket: Annotated[str, typer.Option("--ticket", help=TICKET())],
    by: Annotated[str, typer.Option("--by", "--requested-by", help=BY())],
    approved_by: Annotated[str, typer.Option("--approved-by", help=APPROVED_BY())],
    title: Annotated[str | None, typer.Option("--title", help=TITLE())] = None,
    platform: Annotated[str | None, typer.Option("--platform", help=PLATFORM())] = None,
    producer: Annotated[str | None, typer.Option("--producer", help=PRODUCER())] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Grant a waiver; a title's is bound to its number and to what the rule saw in the last audit, or a scan since."""
    config = load_config()
    ledger = existing_ledger(config, out)

    from compliance.ledger.waivers import grant
    from compliance.rules.loading import load_rules
    from compliance.verdicts.waivers import SCOPES, Waiver, alike, refuse_unfit

    subjects = [(scope, said) for scope, said in zip(SCOPES, (title, platform, producer), strict=True) if said]
    if len(subjects) != 1:
        raise ConfigurationError(ONE_SUBJECT())
    ((scope, subject),) = subjects
    asked = Waiver(
        waiver_id="",
        scope=scope,
        subject=subject,
        rule=rule,
        last_on=until.date(),
        reason=reason,
        ticket=ticket,
        requested_by=by,
        approved_by=approved_by,
        granted_on=clock.today(),
    )
    rules = [rule.id for rule in load_rules()]
    refuse_unfit(asked, config.policy.waivers, rules)  # before looking for a finding: a misspelt rule has none
    if scope == "title":
        asked = _bound(asked, out or config.out)
    waiver = grant(ledger, asked, config.policy.waivers, rules)
    if as_json:
        say_json(_waiver_json(waiver, clock.today(), config.policy.waivers))
    else:
        say(GRANTED(waiver_id=waiver.waiver_id, rule=rule, last_on=waiver.last_on))
        _say_reach(waiver, out or config.out)
        others = _still(ledger, waiver, config.policy.waivers)
        _say_others(waiver, [other for other in others if alike(other, waiver)])


@app.command("list", help=LIST_HELP())
def list_waivers(
    everything: Annotated[bool, typer.Option("--all", help=ALL())] = False, out: Out = None, as_json: AsJson = False
) -> None:
    """Print the waivers in force, and those that the policy does not honour; with --all the others, too."""
    config = load_config()
    ledger = existing_ledger(config, out)

    from compliance.ledger.waivers import waivers_in

    today = clock.today()
    known = waivers_in(ledger)
    shown = known.all if everything else known.in_force(today)
    if as_json:
        say_json([_waiver_json(waiver, today, config.policy.waivers) for waiver in shown])
    elif not shown:
        say(NONE())
    else:
        rows = [_row(waiver, *_state(waiver, today, config.policy.waivers)) for waiver in shown]
        say_table([header() for header in HEADERS], rows, numbers=(4,))


@app.command("revoke", help=REVOKE_HELP())
def revoke(
    waiver_id: Annotated[str, typer.Argument(help=WAIVER_ID())],
    by: Annotated[str, typer.Option("--by", help=REVOKED_BY())],
    reason: Annotated[str, typer.Option("--reason", help=REASON())],
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """End a waiver."""
    config = load_config()
    ledger = existing_ledger(config, out)

    from compliance.ledger import waivers

    waiver = waivers.revoke(ledger, waiver_id, by=by, reason=reason, on=clock.today())
    others = _meeting(waiver, _still(ledger, waiver, config.policy.waivers), out or config.out)
    if as_json:
        still = [other.waiver_id for other in others]
        say_json(_waiver_json(waiver, clock.today(), config.policy.waivers) | {"still_waived_by": still})
    else:
        say((REVOKED_BUT if others else REVOKED)(waiver_id=waiver_id))
        _say_others(waiver, others)


def _say_reach(waiver: Waiver, out: Path | None) -> None:
    """How many titles of the last audit it would have been for: none is most often a name misspelt."""
    from compliance.verdicts.waivers import subject_key

    if waiver.scope == "title":
        return
    with _last_found(out) as con:
        if con is None:
            return
        found = con.execute(
            f"SELECT {waiver.scope}, count(*) FROM findings JOIN details USING (title_id)"
            f" WHERE rule = $1 AND {waiver.scope} IS NOT NULL GROUP BY ALL",
            [waiver.rule],
        ).fetchall()
    wanted = subject_key(waiver.scope, waiver.subject)
    if count := sum(titles for subject, titles in found if subject_key(waiver.scope, subject) == wanted):
        say(REACH(count=count))
    else:
        say(NOBODY(scope=SCOPE_WORDS[waiver.scope](), subject=waiver.subject))


def _still(ledger: Ledger, waiver: Waiver, settings: WaiverSettings) -> list[Waiver]:
    """The other waivers of the rule that count now."""
    from compliance.ledger.waivers import waivers_in

    counting = waivers_in(ledger).honoured(settings).in_force(clock.today())
    return [other for other in counting if other.rule == waiver.rule and other.waiver_id != waiver.waiver_id]


def _meeting(waiver: Waiver, others: list[Waiver], out: Path | None) -> list[Waiver]:
    """Those of the others that are for titles that this one is for: this one's end is not theirs.

    What the last audit has not told of is taken to be so of two waivers of different scopes.
    """
    from compliance.verdicts.waivers import SCOPES, alike, is_for

    with _last_found(out) as con:
        if con is None:
            return [other for other in others if alike(other, waiver) or other.scope != waiver.scope]
        found = con.execute(
            "SELECT DISTINCT title_id, platform, producer FROM findings JOIN details USING (title_id) WHERE rule = $1",
            [waiver.rule],
        ).fetchall()
    titles = [title for row in found if is_for(waiver, title := dict(zip(SCOPES, row, strict=True)))]
    return [other for other in others if alike(other, waiver) or any(is_for(other, title) for title in titles)]


@contextlib.contextmanager
def _last_found(out: Path | None) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The findings of the last audit, and `details` of their titles; None where it has left none of these."""
    from compliance.engines.duck.population import LISTED
    from compliance.outputs import current_audit
    from compliance.reports.files import opened

    run = current_audit(out) if out is not None else None
    if run is None or not (run / LISTED).exists():
        yield None
        return
    with opened(run) as con:
        yield con


def _say_others(waiver: Waiver, others: list[Waiver]) -> None:
    """Waivers by which titles of this one stay waived, whatever becomes of it."""
    from compliance.verdicts.waivers import alike

    for other in others:
        note = ALIKE if alike(other, waiver) else MEETING
        scope = SCOPE_WORDS[other.scope]()
        say(note(waiver_id=other.waiver_id, scope=scope, subject=other.subject, last_on=other.last_on))


def _bound(asked: Waiver, out: Path | None) -> Waiver:
    """The waiver with the number and the evidence that the finding has, of a scan or of the last audit."""
    from compliance.cli.audit import NO_OUT, given
    from compliance.ledger.waivers import bound
    from compliance.outputs import current_run

    run = current_run(given(out, None, NO_OUT, option="--out", key="out"))
    waiver = None if run is None else bound(asked, run)
    if waiver is None:
        raise ConfigurationError(NO_FINDING(title_id=asked.subject, rule=asked.rule), remedy=NO_FINDING_REMEDY())
    return waiver


def _state(waiver: Waiver, today: date, settings: WaiverSettings) -> tuple[str, int]:
    """What has become of a waiver, and the days that it still counts on."""
    from compliance.verdicts.waivers import is_honoured

    state = waiver.state(today)
    if state != "in_force":
        return state, 0
    return (state, waiver.days_left(today)) if is_honoured(waiver, settings) else ("not_honoured", 0)


def _row(waiver: Waiver, state: str, days_left: int) -> tuple[object, ...]:
    return (
        waiver.waiver_id,
        f"{SCOPE_WORDS[waiver.scope]()} {waiver.subject}",
        waiver.rule,
        waiver.last_on,
        days_left,
        STATES[state](),
        f"{waiver.requested_by} / {waiver.approved_by}",
        waiver.ticket,
        waiver.reason,
    )


def _waiver_json(waiver: Waiver, today: date, settings: WaiverSettings) -> dict[str, Any]:
    state, days_left = _state(waiver, today, settings)
    return {
        "waiver_id": waiver.waiver_id,
        waiver.scope: waiver.subject,
        "rule": waiver.rule,
        "until": waiver.last_on,
        "days_left": days_left,
        "state": state,
        "requested_by": waiver.requested_by,
        "approved_by": waiver.approved_by,
        "ticket": waiver.ticket,
        "reason": waiver.reason,
        "granted_on": waiver.granted_on,
        "permit": waiver.permit,
    }
