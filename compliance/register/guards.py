"""What keeps an extract from being believed: too many rows gone, of another system, too old, or older than the one
before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import duckdb

from compliance.catalog.sources import literal
from compliance.language import worded
from compliance.policy import Policy
from compliance.register.errors import RefusedExtractError
from compliance.register.held import SystemState
from compliance.register.placing import Placement

SHRUNKEN, STALE, MISPLACED = "shrunken", "stale", "misplaced"


def guard(
    con: duckdb.DuckDBPyConnection,
    states: Mapping[str, SystemState],
    placed: Sequence[Placement],
    systems: list[str],
    *,
    taken: datetime,
    today: date,
    policy: Policy,
    accepted: frozenset[str],
) -> list[str]:
    """The guards that were overruled. Raises RefusedExtractError with every one that was not.

    `systems`: those that are to be of the extract's instant, and so may become stale by it.
    """
    struck = {
        SHRUNKEN: _shrunken(con, policy),
        STALE: [
            *_stale(states, systems, taken.date(), today, int(policy.number("register_fresh_days"))),
            *_earlier(con, states, systems, taken),
            *_older_rows(con),
            *_revived(con, states, systems, taken),
        ],
        MISPLACED: _misplaced(placed, policy.number("register_misplaced_share")),
    }
    refused = [problem for name, problems in struck.items() if name not in accepted for problem in problems]
    if refused:
        names = [name for name, problems in struck.items() if problems and name not in accepted]
        raise RefusedExtractError(
            worded(
                "这份数据被拒绝，没有导入任何行；在导入合格的数据之前，登记库会逐日变旧",
                "the extract is refused; nothing was imported, and the register ages until a good one comes",
            ),
            problems=refused,
            remedy=_remedy(names),
        )
    return [name for name, problems in struck.items() if problems]


def refuse_future(con: duckdb.DuckDBPyConnection, taken: datetime, today: date) -> None:
    """Raises RefusedExtractError for an instant after tomorrow, be it the extract's (`taken`) or a row's.

    It would keep a register fresh, and a row in its place, until that day, so nobody can accept it.
    """
    bound = datetime.combine(today + timedelta(days=2), time())
    rows, newest, number = con.execute(
        "SELECT count(*), max(updated_at), arg_max(number, updated_at) FROM cleaned"
        f" WHERE reason IS NULL AND updated_at >= TIMESTAMP {literal(str(bound))}"
    ).fetchall()[0]
    if not rows and taken < bound:
        return
    problem = worded(
        f"{rows:,} 行的更新时间在明天之后（如 {number}：{newest}）" if rows else f"导出于 {taken.date()}，在明天之后",
        f"the time of update of {rows:,} rows is after tomorrow (such as {number}: {newest})"
        if rows
        else f"it was taken on {taken.date()}, which is after tomorrow",
    )
    raise RefusedExtractError(
        worded("日期在将来，没有导入任何行", "a day that is still to come; nothing was imported"),
        problems=[problem],
        remedy=worded(
            "改正文件中的日期或 --extracted-on；--accept-stale 对此无效",
            "correct the day in the file, or --extracted-on; --accept-stale does not help here",
        ),
    )


def _remedy(names: Sequence[str]) -> str:
    steps = []
    if MISPLACED in names:
        steps.append(
            worded(
                "用 --system 或“备案系统”列指明备案号所属的系统",
                "say with --system, or in a column 备案系统, to which system the numbers belong",
            )
        )
    if SHRUNKEN in names or STALE in names:
        steps.append(worded("取得完整、最新的数据", "get the whole, current extract"))
    options = " ".join(f"--accept-{name}" for name in names)
    steps.append(worded(f"确认无误时加 {options}", f"if it is right, say so with {options}"))
    partial = worded("（或 --partial，如只含部分行）", " (or --partial, if it holds only some of the rows)")
    return worded("；", "; ").join(steps) + (partial if SHRUNKEN in names else "")


def _misplaced(placed: Sequence[Placement], share: float) -> list[str]:
    return [
        worded(
            f"{one.system}：{one.told:,} 行可由备案号看出备案系统，其中 {one.misplaced:,} 行属于其他系统"
            f"（{one.listed()}；上限 {share:.0%}）",
            f"{one.system}: the numbers of {one.misplaced:,} of {one.told:,} rows belong to another system"
            f" ({one.listed()}; the bound is {share:.0%})",
        )
        for one in placed
        if one.misplaced > share * one.told
    ]


def _shrunken(con: duckdb.DuckDBPyConnection, policy: Policy) -> list[str]:
    share, least = policy.number("register_shrink_share"), int(policy.number("register_shrink_rows"))
    rows = con.execute(
        "SELECT system, count(*) FILTER (WHERE landed = 'ended'), count(*) FROM landed"
        " WHERE landed <> 'imported' AND old_ended_on IS NULL AND NOT displaced GROUP BY system ORDER BY system"
    ).fetchall()
    return [
        worded(
            f"{system}：{held:,} 行中有 {gone:,} 行不在其中（{gone / held:.0%}；上限 {share:.0%}）",
            f"{system}: {gone:,} of {held:,} rows are not in it ({gone / held:.0%}; the bound is {share:.0%})",
        )
        for system, gone, held in rows
        if gone >= least and gone > share * held
    ]


def _stale(
    states: Mapping[str, SystemState], systems: list[str], extracted_on: date, today: date, days: int
) -> list[str]:
    problems: list[str] = []
    if not systems:
        return problems
    if (today - extracted_on).days > days:
        problems.append(
            worded(
                f"导出于 {extracted_on}，早于 {today} 超过 {days} 天",
                f"it was taken on {extracted_on}, more than {days} days before {today}",
            )
        )
    if extracted_on > today:
        problems.append(
            worded(f"导出于 {extracted_on}，晚于 {today}", f"it was taken on {extracted_on}, which is after {today}")
        )
    for system in systems:
        before = states.get(system)
        if before is not None and extracted_on < before.extracted_at.date():
            problems.append(
                worded(
                    f"{system}：导出于 {extracted_on}，上一次是 {before.extracted_at.date()}",
                    f"{system}: it was taken on {extracted_on}, the one before on {before.extracted_at.date()}",
                )
            )
    return problems


def _earlier(
    con: duckdb.DuckDBPyConnection, states: Mapping[str, SystemState], systems: list[str], taken: datetime
) -> list[str]:
    """Systems whose extract of the same day is later, where the rows of both tell the instant and not the day alone."""
    problems = []
    for system in systems:
        before = states.get(system)
        if (
            before is None
            or not _midnight(taken) < taken < before.extracted_at
            or taken.date() != before.extracted_at.date()
        ):
            continue
        (both,) = con.execute(
            f"SELECT (SELECT max(new_updated_at) FROM landed) = ? AND EXISTS"
            f" (FROM held WHERE system = {literal(system)} AND told_at = ?)",
            [taken, before.extracted_at],
        ).fetchall()[0]
        if both:
            problems.append(
                worded(
                    f"{system}：最新的更新时间是 {taken}，上一次是 {before.extracted_at}",
                    f"{system}: its newest time of update is {taken}, that of the one before {before.extracted_at}",
                )
            )
    return problems


def _older_rows(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Rows that would take the place of a row whose own time of update is later; a day alone is no time."""
    rows = con.execute(
        "SELECT system, count(*), arg_min((number, new_updated_at, old_told_at), number) FROM landed"
        " WHERE landed = 'updated' AND new_updated_at < old_told_at"
        " AND (new_updated_at > CAST(new_updated_at AS DATE) OR CAST(old_told_at AS DATE) > new_updated_at)"
        " GROUP BY system ORDER BY system"
    ).fetchall()
    return [
        worded(
            f"{system}：{count:,} 行的更新时间早于已有的同一行（如 {number}：{new}，已有 {old}）",
            f"{system}: {count:,} rows are older than the ones held (such as {number}: {new}, held {old})",
        )
        for system, count, (number, new, old) in rows
    ]


def _revived(
    con: duckdb.DuckDBPyConnection, states: Mapping[str, SystemState], systems: list[str], taken: datetime
) -> list[str]:
    """Rows of a partial extract that make active again what a later whole one called revoked, or did not have.

    The instant of a partial extract is asked nowhere else, since corrected rows may be as old as they are.
    """
    rows = con.execute(
        "SELECT system, CAST(least(told_at, ?) AS DATE) AS day, number FROM revived ORDER BY system, number", [taken]
    ).fetchall()
    older: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for system, day, number in rows:
        if system not in systems and day < states[system].extracted_at.date():
            older[system].append((day, number))
    return [
        worded(
            f"{system}：{len(found):,} 行由撤销或过期改为有效，但比 {states[system].extracted_at.date()} 的导出更早"
            f"（如 {found[0][1]}：{found[0][0]}）",
            f"{system}: {len(found):,} rows say active again of what is revoked or has expired, and are older than the"
            f" extract of {states[system].extracted_at.date()} (such as {found[0][1]}: {found[0][0]})",
        )
        for system, found in older.items()
    ]


def _midnight(instant: datetime) -> datetime:
    return datetime.combine(instant.date(), time())
