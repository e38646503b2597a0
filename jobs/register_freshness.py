"""Every morning: is each filing system's extract in the register fresh enough to judge by?"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance import clock
from compliance.catalog.coercion import coercion, staged_coercion
from compliance.catalog.schema import RELATIONS, SYSTEMS
from compliance.catalog.sources import open_catalog, quoted
from compliance.cli.language import Message
from compliance.engines.duck.session import session
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE, CatalogError
from compliance.language import worded
from compliance.register.ages import days_since
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work

_TO_COME = Message(
    "无法得知其新旧，而相关规则把它当作新的；请更正时间后重新导入",
    "how old it is nobody can tell, and its rules take it for fresh; mend its times and import it anew",
)


def work(asked: Work) -> Outcome:
    """Look at the newest `updated_at` of each system; incomplete where one is stale, to come, or without rows."""
    newest, bound = _newest(asked), asked.config.policy.number("register_fresh_days")
    today = max(asked.as_of, clock.today())
    to_come = [system for system in SYSTEMS if system in newest and days_since(newest[system], today) is None]
    dated = [system for system in SYSTEMS if system in newest and system not in to_come]
    # A day that is caught up may find an extract newer than itself: it is no fresher than a fresh one.
    ages = {system: float(max(0, (asked.as_of - newest[system]).days)) for system in dated}
    stale = [
        worded(f"{system}：{age:.0f} 天前更新", f"{system}: updated {age:.0f} days ago")
        for system, age in ages.items()
        if age > bound
    ]
    stale += [worded(f"{system}：没有数据", f"{system}: no rows") for system in SYSTEMS if system not in newest]
    concerns = [
        Concern(
            worded(f"备案库已过期，相关规则无法判定：{says}", f"the register is stale, its rules are unknown: {says}")
        )
        for says in stale
    ]
    concerns += [
        Concern(
            worded(
                f"备案库的日期在将来：{system}：{newest[system]}：{_TO_COME()}",
                f"the register is dated in the future: {system}: {newest[system]}: {_TO_COME()}",
            )
        )
        for system in to_come
    ]
    code = EXIT_INCOMPLETE if concerns else EXIT_CLEAR
    counts = {"stale_systems": len(stale), "systems_to_come": len(to_come)}
    return Outcome(code, counts, ages=ages, concerns=tuple(concerns))


def _newest(asked: Work) -> dict[str, date]:
    (column,) = (column for column in RELATIONS["register"].columns if column.name == "updated_at")
    newest: dict[str, date] = {}
    with TemporaryDirectory() as folder, session(Path(folder), memory=asked.memory, threads=1) as con:
        catalog = open_catalog(asked.catalog, mapping=asked.config.mapping)
        asked.tell(worded("读取备案库", "reading the register"))
        for part in catalog.attach(con, "register", staging=Path(folder)):
            type_ = part.types.get("updated_at", "NULL")
            read = staged_coercion(column) if part.staged else coercion(column, type_, lenient=True)
            if read is None or "system" not in part.types:
                raise CatalogError(
                    worded(
                        "备案库没有 system 列，或 updated_at 无法读取",
                        "the register has no system or no readable updated_at",
                    ),
                    remedy=worded("见 gate doctor", "see `gate doctor`"),
                )
            asked_for = f"SELECT system, CAST(max({read.expression}) AS DATE) FROM {quoted(part.view)} GROUP BY system"
            for system, day in con.execute(asked_for).fetchall():
                newest[system] = max(day, newest.get(system, day))
    return newest


JOB = Job(
    "register-freshness",
    Message("检查备案库是否过期", "look whether the register is fresh"),
    Terms("0 8 * * *"),
    work,
)
