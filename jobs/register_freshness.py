"""Every morning: is each filing system's extract in the register fresh enough to judge by?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance import clock
from compliance.catalog.contract import check_register
from compliance.catalog.sources import open_catalog
from compliance.cli.language import Message
from compliance.engines.duck.lookups import newest_updates
from compliance.engines.duck.session import session
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE
from compliance.language import worded
from compliance.register.ages import Age, Standing, ages
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work

_STALE = Message(
    "备案库已过期，相关规则无法判定：{system}：{days} 天前更新",
    "the register is stale, its rules are unknown: {system}: updated {days} days ago",
)
_ABSENT = Message(
    "备案库已过期，相关规则无法判定：{system}：没有数据",
    "the register is stale, its rules are unknown: {system}: no rows",
)
_AHEAD = Message(
    "备案库的日期在将来：{system}：{newest}：无法得知其新旧，而相关规则把它当作新的；请更正时间后重新导入",
    "the register is dated in the future: {system}: {newest}: how old it is nobody can tell, and its rules take it for"
    " fresh; mend its times and import it anew",
)
_SAYS: dict[Standing, Message] = {"stale": _STALE, "absent": _ABSENT, "ahead": _AHEAD}


def work(asked: Work) -> Outcome:
    """Look at the newest `updated_at` of each system; incomplete where one is stale, to come, or without rows.

    Rows that break the contract count no more than in an audit. Raises CatalogError where that could not begin.
    """
    bound = asked.config.policy.number("register_fresh_days")
    found = ages(_newest(asked), asked.as_of, bound, today=clock.today())
    concerns = [Concern(_concern(age)) for age in found if age.state != "fresh"]
    states = [age.state for age in found]
    return Outcome(
        EXIT_INCOMPLETE if concerns else EXIT_CLEAR,
        {"stale_systems": states.count("stale") + states.count("absent"), "systems_to_come": states.count("ahead")},
        ages={age.system: age.days for age in found if age.state != "ahead"},
        concerns=tuple(concerns),
    )


def _concern(age: Age) -> str:
    return _SAYS[age.state](system=age.system, days=age.days, newest=age.newest)


def _newest(asked: Work) -> dict[str, date]:
    with TemporaryDirectory() as folder, session(Path(folder), memory=asked.memory, threads=1) as con:
        catalog = open_catalog(asked.catalog, mapping=asked.config.mapping)
        asked.tell(worded("读取备案库", "reading the register"))
        check_register(con, catalog, staging=Path(folder))
        return newest_updates(con)


JOB = Job(
    "register-freshness",
    Message("检查备案库是否过期", "look whether the register is fresh"),
    Terms("0 8 * * *"),
    work,
)
