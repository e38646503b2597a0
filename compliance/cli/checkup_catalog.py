"""What `gate doctor` says of a catalog: it is read as an audit reads it, up to the judging."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from compliance import clock
from compliance.catalog.addresses import ANOTHER_CATALOG, only_spark_reads
from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.cli.config import Config
from compliance.cli.evidence import locate_for
from compliance.cli.examining import Line, guarded
from compliance.cli.language import Message
from compliance.engines.duck.session import session
from compliance.engines.freshness import read_checked
from compliance.errors import EXIT_INCOMPLETE
from compliance.register.ages import Age, ages_of
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, needed_relations

if TYPE_CHECKING:
    from compliance.labels.pending import Locate

SOME_EPISODES = 200
"""Enough to tell a wrong path from a video that is missing."""
OF_TITLES = ("labels", "episodes", "placements", "dossiers")
"""Relations whose rows are each of a title."""

CATALOG = Message("片库", "catalog")
CLOCK = Message("时钟", "clock")
LABELS = Message("标注读取", "labels")
AHEAD = Message(
    "片库最新的 updated_at 是 {newest:%Y-%m-%d %H:%M}，晚于现在",
    "the newest updated_at of titles is {newest:%Y-%m-%d %H:%M}, later than now",
)
AHEAD_REMEDY = Message(
    "校准时钟；不带时区的时间须是上海时间", "set the clock; times without a zone must be Asia/Shanghai wall time"
)
UNSEEN = Message(
    "只有 Spark 能读，未查看：由 gate audit 检查", "read by Spark alone, and not looked at: gate audit checks it"
)
ROWS = Message("{relation}：{rows:,} 行", "{relation}: {rows:,} rows")
QUARANTINED = Message(
    "{relation}：{rows:,} 行中有 {bad:,} 行不符合约定（{reason}）",
    "{relation}: {bad:,} of {rows:,} rows break the contract ({reason})",
)
MEND_ROWS = Message("修正这些行，否则其剧目一律待审", "mend these rows; until then their titles are held")
ORPHANS = Message(
    "{relation}：{rows:,} 行中有 {astray:,} 行的剧目不在 titles 中，如 {title}",
    "{relation}: {astray:,} of {rows:,} rows are of titles that are not in titles, such as {title}",
)
FIND_TITLES = Message(
    "核对两边的 title_id：找不到剧目的标注等于没有标注，推荐位推的则是没人审过的剧目",
    "compare the title_id on both sides: a label that finds no title counts for none, and a placement promotes what"
    " nobody has judged",
)
ABSENT = Message("{relation}：没有（无启用的规则需要它）", "{relation}: absent (no enabled rule needs it)")
FRESHNESS = Message("备案库", "register")
FRESH = Message("{system}：{days} 天前更新", "{system}: updated {days} days ago")
DATED_AHEAD = Message(
    "{system}：更新于 {day}，在将来；新旧无从得知，相关规则按过期判定",
    "{system}: updated on {day}, which is still to come: how old it is nobody can tell, and its rules take it for"
    " stale",
)
TO_COME = Message(
    "{system}：{rows:,} 行的日期在将来，不能说明新旧",
    "{system}: {rows:,} row(s) dated in the future tell nothing of its age",
)
MEND_TIMES = Message("更正这些行的更新时间后重新导入", "mend the times of update of these rows and import them anew")
NO_ROWS = Message("{system}：没有数据", "{system}: no rows")
REFRESH = Message(
    "重新导入该系统的备案数据；过期时相关规则一律无法判定",
    "import this system's extract anew; while it is stale its rules are unknown",
)
VIDEOS = Message(
    "查看片库的 {looked_at:,} 集，其中 {found:,} 集的视频文件存在",
    "of {looked_at:,} episodes looked at, {found:,} have a video",
)
PLACE_VIDEOS = Message(
    "核对 [labels] media：没有视频的集读不到标注", "see media in [labels]: without a video no label can be read"
)


def catalog_of(catalog: str, mapping: Path | None, memory: str, config: Config) -> Iterator[Line]:
    """Read the catalog as an audit does, up to the judging; what Spark alone reads is left to its audit."""
    if config.engine == "spark" and only_spark_reads(catalog):
        yield Line("warn", CATALOG(), UNSEEN(), ANOTHER_CATALOG())
        return
    policy = config.policy
    needed = needed_relations(enabled_rules(load_rules(), policy))
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
        yield from _orphans(con, came_in.rows, came_in.absent)
        yield from _newest(con)
        yield from _freshness(con, policy.number("register_fresh_days"), clock.today())
        if config.labels.media is not None:
            yield from guarded(LABELS(), lambda: _videos(con, locate_for(config)))


def _quarantine(con: duckdb.DuckDBPyConnection, rows: Mapping[str, int]) -> Iterator[Line]:
    found = con.execute("SELECT relation, reason, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL").fetchall()
    for relation, reason, bad in found:
        says = QUARANTINED(relation=relation, rows=rows[relation], bad=bad, reason=reason)
        yield Line("fail", CATALOG(), says, MEND_ROWS(), EXIT_INCOMPLETE)


def _orphans(con: duckdb.DuckDBPyConnection, rows: Mapping[str, int], absent: Collection[str]) -> Iterator[Line]:
    """Rows that no audit asks for, since their title is nowhere: an audit cannot tell a wrong key from an old row."""
    for relation in OF_TITLES:
        if relation in absent:
            continue
        astray, title = con.execute(f"""
SELECT count(*), min(title_id)
FROM {relation} ANTI JOIN titles USING (title_id)
    ANTI JOIN (SELECT title_id FROM quarantine WHERE relation = 'titles') AS bad USING (title_id)""").fetchall()[0]
        if astray:
            says = ORPHANS(relation=relation, rows=rows[relation], astray=astray, title=title)
            yield Line("warn", CATALOG(), says, FIND_TITLES())


def _newest(con: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    """A catalog from the future tells of a wrong clock, or of times in another zone."""
    newest: datetime | None = con.execute("SELECT max(updated_at) FROM titles").fetchall()[0][0]
    now = clock.wall_time()
    if newest is not None and newest > now:
        yield Line("warn", CLOCK(), AHEAD(newest=newest), AHEAD_REMEDY())


def _videos(con: duckdb.DuckDBPyConnection, locate: Locate) -> Iterator[Line]:
    """Whether the videos of some episodes are where the configuration says."""
    some = con.execute(f"SELECT title_id, episode_no, media_hash FROM episodes LIMIT {SOME_EPISODES}").fetchall()
    places = [locate(*episode) for episode in some]
    found = sum(place is not None and place.is_file() for place in places)
    says = VIDEOS(looked_at=len(some), found=found)
    yield Line("ok", LABELS(), says) if found == len(some) else Line("warn", LABELS(), says, PLACE_VIDEOS())


def _freshness(con: duckdb.DuckDBPyConnection, bound: float, today: date) -> Iterator[Line]:
    extracts = read_checked(con, as_of=today, today=today)
    for age in ages_of(extracts, bound):
        yield _age(age)
        if age.to_come:
            yield Line("warn", FRESHNESS(), TO_COME(system=age.system, rows=age.to_come), MEND_TIMES())


def _age(age: Age) -> Line:
    says = {"absent": NO_ROWS, "ahead": DATED_AHEAD}.get(age.state, FRESH)
    told = says(system=age.system, days=age.days, day=age.newest)
    return Line("ok", FRESHNESS(), told) if age.state == "fresh" else Line("warn", FRESHNESS(), told, REFRESH())
