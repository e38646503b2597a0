"""What `gate doctor` looks at: each examination gives lines that say ok, warn or fail, and what to do."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from compliance import clock
from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.cli.checkup_jobs import JOBS, jobs
from compliance.cli.checkup_keys import keys
from compliance.cli.config import Config
from compliance.cli.evidence import locate_for
from compliance.cli.examining import Line, guarded
from compliance.cli.language import Message
from compliance.engines.duck.lookups import SYSTEMS
from compliance.engines.duck.session import session
from compliance.errors import EXIT_INCOMPLETE
from compliance.outputs import current_run
from compliance.policy import Policy
from compliance.register.ages import days_since
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, parameter_values

if TYPE_CHECKING:
    from compliance.labels.pending import Locate

LITTLE_SPACE = 5 * 1024**3
TOO_LITTLE_SPACE = 512 * 1024**2
SOME_EPISODES = 200
"""Enough to tell a wrong path from a video that is missing."""

CONFIGURATION = Message("配置", "configuration")
NO_FILE = Message("没有配置文件，全部用默认值", "no file: defaults throughout")
POLICY = Message("政策", "policy")
REVISION = Message("版本 {revision}，今日生效 {regimes}", "revision {revision}; in force today: {regimes}")
RULES = Message("规则", "rules")
RULES_ON = Message("{on} 条启用，{off} 条停用", "{on} on, {off} off")
RULE_OFF = Message("{rule} 已停用：{reason}", "{rule} is off: {reason}")
TURN_ON = Message("理由不再成立时，从 [rules] off 中删去", "take it out of [rules] off once the reason is gone")
CLOCK = Message("时钟", "clock")
NOW = Message("上海时间 {now:%Y-%m-%d %H:%M}", "{now:%Y-%m-%d %H:%M} in Asia/Shanghai")
AHEAD = Message(
    "片库最新的 updated_at 是 {newest:%Y-%m-%d %H:%M}，晚于现在",
    "the newest updated_at of titles is {newest:%Y-%m-%d %H:%M}, later than now",
)
AHEAD_REMEDY = Message(
    "校准时钟；不带时区的时间须是上海时间", "set the clock; times without a zone must be Asia/Shanghai wall time"
)
OUTPUTS = Message("输出", "outputs")
NO_OUT = Message("没有指定输出文件夹", "no folder is given")
GIVE_OUT = Message("用 --out 指定，或在配置中写 out", "give --out, or set out in the configuration")
FREE = Message("{path}：剩余 {free:.1f} GB", "{path}: {free:.1f} GB free")
MAKE_ROOM = Message("腾出空间：审核大片库时要写临时文件", "make room: auditing a large catalog writes temporary files")
NO_FOLDER = Message("{path} 不是文件夹", "{path} is no folder")
NOT_WRITABLE = Message("{path} 不可写", "{path} cannot be written to")
LAST_RUN = Message("最近一次完整审核：{run}", "last complete run: {run}")
NO_RUN = Message("还没有完整的审核", "no complete run yet")
CATALOG = Message("片库", "catalog")
NO_CATALOG = Message("没有指定片库", "no catalog is given")
GIVE_CATALOG = Message("用 --catalog 指定，或在配置中写 catalog", "give --catalog, or set catalog in the configuration")
ROWS = Message("{relation}：{rows:,} 行", "{relation}: {rows:,} rows")
QUARANTINED = Message(
    "{relation}：{rows:,} 行中有 {bad:,} 行不符合约定（{reason}）",
    "{relation}: {bad:,} of {rows:,} rows break the contract ({reason})",
)
MEND_ROWS = Message("修正这些行，否则其剧目一律待审", "mend these rows; until then their titles are held")
ABSENT = Message("{relation}：没有（无启用的规则需要它）", "{relation}: absent (no enabled rule needs it)")
FRESHNESS = Message("备案库", "register")
FRESH = Message("{system}：{days} 天前更新", "{system}: updated {days} days ago")
DATED_AHEAD = Message(
    "{system}：更新于 {day}，在将来；新旧无从得知，相关规则却按未过期判定",
    "{system}: updated on {day}, which is still to come: how old it is nobody can tell, but its rules take it for"
    " fresh",
)
NO_ROWS = Message("{system}：没有数据", "{system}: no rows")
REFRESH = Message(
    "重新导入该系统的备案数据；过期时相关规则一律无法判定",
    "import this system's extract anew; while it is stale its rules are unknown",
)
LABELS = Message("标注读取", "labels")
READERS = Message("读取视频所需的程序库与模型齐全", "libraries and models to read videos are installed")
VIDEOS = Message(
    "查看片库的 {looked_at:,} 集，其中 {found:,} 集的视频文件存在",
    "of {looked_at:,} episodes looked at, {found:,} have a video",
)
PLACE_VIDEOS = Message(
    "核对 [labels] media：没有视频的集读不到标注", "see media in [labels]: without a video no label can be read"
)


def checkup(config: Config, *, catalog: str | None, out: Path | None, mapping: Path | None) -> Iterator[Line]:
    """Look at everything a run needs, one thing after the other; what fails does not keep the rest from being seen."""
    policy = config.policy
    yield Line("ok", CONFIGURATION(), str(config.path) if config.path else NO_FILE())
    yield _policy(policy)
    yield from guarded(RULES(), lambda: _rules(policy))
    yield Line("ok", CLOCK(), NOW(now=clock.now().astimezone(clock.SHANGHAI)))
    blocked = None if out is None else _no_folder(out)
    if blocked is None:
        yield from _outputs(out)
        yield from keys(config, out)
    else:
        yield Line("fail", OUTPUTS(), NO_FOLDER(path=blocked), GIVE_OUT(), EXIT_INCOMPLETE)
    yield from guarded(JOBS(), lambda: jobs(config))
    if config.labels.media is not None:
        yield from guarded(LABELS(), _readers)
    if catalog is None:
        yield Line("warn", CATALOG(), NO_CATALOG(), GIVE_CATALOG())
    else:
        memory = config.memory or "3GB"
        yield from guarded(CATALOG(), lambda: _catalog(catalog, mapping, memory, config))


def _policy(policy: Policy) -> Line:
    today = clock.today()
    regimes = sorted({policy.regime_on(today, form)[0].id for form in ("live_action", "ai", "animation")})
    return Line("ok", POLICY(), REVISION(revision=policy.revision, regimes=", ".join(regimes)))


def _rules(policy: Policy) -> Iterator[Line]:
    rules = load_rules()
    enabled = enabled_rules(rules, policy)
    parameter_values(policy, clock.today())
    yield Line("ok", RULES(), RULES_ON(on=len(enabled), off=len(rules) - len(enabled)))
    for rule, reason in policy.rules.off.items():
        yield Line("warn", RULES(), RULE_OFF(rule=rule, reason=reason), TURN_ON())


def _outputs(out: Path | None) -> Iterator[Line]:
    if out is None:
        yield Line("warn", OUTPUTS(), NO_OUT(), GIVE_OUT())
        return
    place = _nearest(out)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Line("fail", OUTPUTS(), NOT_WRITABLE(path=place), GIVE_OUT(), EXIT_INCOMPLETE)
    free = shutil.disk_usage(place).free
    says = FREE(path=place, free=free / 1024**3)
    if free < TOO_LITTLE_SPACE:
        yield Line("fail", OUTPUTS(), says, MAKE_ROOM(), EXIT_INCOMPLETE)
    else:
        yield Line("ok", OUTPUTS(), says) if free >= LITTLE_SPACE else Line("warn", OUTPUTS(), says, MAKE_ROOM())
    run = current_run(out)
    yield Line("ok", OUTPUTS(), LAST_RUN(run=run.name) if run else NO_RUN())


def _nearest(out: Path) -> Path:
    """What there is of a path: itself, or the nearest place above it."""
    return next(place for place in (out, *out.resolve().parents) if place.exists())


def _no_folder(out: Path) -> Path | None:
    """What stands where a folder should be, the out folder's own place or one above it; None where nothing does."""
    nearest = _nearest(out)
    return None if nearest.is_dir() else nearest


def _readers() -> Iterator[Line]:
    from compliance.labels.models import require

    require()
    yield Line("ok", LABELS(), READERS())


def _catalog(catalog: str, mapping: Path | None, memory: str, config: Config) -> Iterator[Line]:
    """Read the catalog as an audit does, up to the judging."""
    policy = config.policy
    needed: dict[str, list[str]] = {}
    for rule in enabled_rules(load_rules(), policy):
        for relation in rule.needs:
            needed.setdefault(relation, []).append(rule.id)
    with (
        tempfile.TemporaryDirectory(prefix="gate-doctor-") as folder,
        session(Path(folder), memory=memory, threads=None) as con,
    ):
        came_in = check(con, open_catalog(catalog, mapping=mapping), needed=needed, staging=Path(folder))
        for relation, rows in came_in.rows.items():
            if relation in came_in.absent:
                yield Line("ok", CATALOG(), ABSENT(relation=relation))
            else:
                yield Line("ok", CATALOG(), ROWS(relation=relation, rows=rows))
        yield from _quarantine(con, came_in.rows)
        yield from _newest(con)
        yield from _freshness(con, policy, clock.today())
        if config.labels.media is not None:
            yield from guarded(LABELS(), lambda: _videos(con, locate_for(config)))


def _quarantine(con: duckdb.DuckDBPyConnection, rows: Mapping[str, int]) -> Iterator[Line]:
    found = con.execute("SELECT relation, reason, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL").fetchall()
    for relation, reason, bad in found:
        says = QUARANTINED(relation=relation, rows=rows[relation], bad=bad, reason=reason)
        yield Line("fail", CATALOG(), says, MEND_ROWS(), EXIT_INCOMPLETE)


def _newest(con: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    """A catalog from the future tells of a wrong clock, or of times in another zone."""
    newest: datetime | None = con.execute("SELECT max(updated_at) FROM titles").fetchall()[0][0]
    now = clock.now().astimezone(clock.SHANGHAI).replace(tzinfo=None)
    if newest is not None and newest > now:
        yield Line("warn", CLOCK(), AHEAD(newest=newest), AHEAD_REMEDY())


def _videos(con: duckdb.DuckDBPyConnection, locate: Locate) -> Iterator[Line]:
    """Whether the videos of some episodes are where the configuration says."""
    some = con.execute(f"SELECT title_id, episode_no, media_hash FROM episodes LIMIT {SOME_EPISODES}").fetchall()
    places = [locate(*episode) for episode in some]
    found = sum(place is not None and place.is_file() for place in places)
    says = VIDEOS(looked_at=len(some), found=found)
    yield Line("ok", LABELS(), says) if found == len(some) else Line("warn", LABELS(), says, PLACE_VIDEOS())


def _freshness(con: duckdb.DuckDBPyConnection, policy: Policy, today: date) -> Iterator[Line]:
    rows = con.execute("SELECT system, CAST(max(updated_at) AS DATE) FROM register GROUP BY system").fetchall()
    newest: dict[str, date] = dict(rows)
    for system in SYSTEMS:
        if system not in newest:
            yield Line("warn", FRESHNESS(), NO_ROWS(system=system), REFRESH())
            continue
        days = days_since(newest[system], today)
        if days is None:
            yield Line("warn", FRESHNESS(), DATED_AHEAD(system=system, day=newest[system]), REFRESH())
            continue
        says = FRESH(system=system, days=days)
        stale = days > policy.number("register_fresh_days")
        yield Line("warn", FRESHNESS(), says, REFRESH()) if stale else Line("ok", FRESHNESS(), says)
