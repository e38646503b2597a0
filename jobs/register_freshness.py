"""Every morning: is each filing system's extract in the register fresh enough to judge by?"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from compliance import clock
from compliance.catalog.contract import check_register
from compliance.catalog.sources import open_catalog
from compliance.cli.language import Message
from compliance.engines.duck.session import session
from compliance.engines.freshness import Extracts, read_checked
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE
from compliance.language import worded
from compliance.register.ages import Standing, ages_of
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
    "备案库的日期在将来：{system}：{newest}：无法得知其新旧，相关规则无法判定；请更正时间后重新导入",
    "the register is dated in the future: {system}: {newest}: how old it is nobody can tell, and its rules are unknown;"
    " mend its times and import it anew",
)
_TO_COME = Message(
    "备案库有 {rows:,} 行的日期在将来，不能说明新旧：{system}；请更正时间后重新导入",
    "{rows:,} row(s) of the register are dated in the future and tell nothing of its age: {system}; mend their times"
    " and import them anew",
)
_SAYS: dict[Standing, Message] = {"stale": _STALE, "absent": _ABSENT, "ahead": _AHEAD}


def work(asked: Work) -> Outcome:
    """Look at the newest `updated_at` of each system; incomplete where one is stale, has rows to come, or none.

    Rows that break the contract count no more than in an audit. Raises CatalogError where that could not begin.
    """
    found = ages_of(_extracts(asked), asked.config.policy.number("register_fresh_days"))
    stale = [age for age in found if age.state != "fresh"]
    to_come = [age for age in found if age.to_come]
    concerns = [_SAYS[age.state](system=age.system, days=age.days, newest=age.newest) for age in stale]
    concerns += [_TO_COME(system=age.system, rows=age.to_come) for age in to_come]
    ahead = sum(age.state == "ahead" for age in found)
    return Outcome(
        EXIT_INCOMPLETE if concerns else EXIT_CLEAR,
        {"stale_systems": len(stale), "systems_to_come": len(to_come) + ahead},
        ages={age.system: age.days for age in found},
        concerns=tuple(map(Concern, concerns)),
    )


def _extracts(asked: Work) -> Extracts:
    with TemporaryDirectory() as folder, session(Path(folder), memory=asked.memory, threads=1) as con:
        catalog = open_catalog(asked.catalog, mapping=asked.config.mapping)
        asked.tell(worded("读取备案库", "reading the register"))
        check_register(con, catalog, staging=Path(folder))
        return read_checked(con, as_of=asked.as_of, today=clock.today())


JOB = Job(
    "register-freshness",
    Message("检查备案库是否过期", "look whether the register is fresh"),
    Terms("0 8 * * *"),
    work,
)
