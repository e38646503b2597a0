"""What a person is told of an extract that is believed nevertheless."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compliance.register.conflicts import MOST, Disagreement
from compliance.register.found import Found
from compliance.register.instants import Instants
from compliance.register.placing import Placement

_SHOWN = 5


def note_assumed(found: Found, rows: int) -> None:
    """Lists without a column of statuses are a fact of life, but by them nobody hears of a revocation."""
    if rows:
        found.note(
            f"注意：文件没有状态列，{rows:,} 行一律计为有效（active），撤销、注销、过期无从得知；"
            "请取得带状态列的数据，或用 --column status=表头 指明该列",
            f"ATTENTION: no column of statuses: {rows:,} rows count as active, and nobody hears what has been revoked"
            " or has expired; get an extract with that column, or name it with --column status=HEADER",
        )


def note_revived(found: Found) -> None:
    """Rows that were revoked or expired and are active again: titles pass by them that were blocked before."""
    rows, some = found.con.execute(
        "SELECT count(*), list(DISTINCT number ORDER BY number)[:?] FROM revived", [_SHOWN]
    ).fetchall()[0]
    if rows:
        found.note(
            f"注意：{rows:,} 行由撤销或过期改为有效，其剧目不再因此被拦截；请核对（如 {'、'.join(some)}）",
            f"ATTENTION: {rows:,} rows were revoked or had expired and are active again, and no longer block their"
            f" titles; see that they are right (such as {', '.join(some)})",
        )


def note_misplaced(found: Found, placements: Sequence[Placement]) -> None:
    """Rows whose number belongs to another filing system, for each system that the extract gives them to."""
    for placed in placements:
        if placed.misplaced:
            found.note(
                f"注意：导入 {placed.system} 的 {placed.misplaced:,} 行，备案号属于其他系统（{placed.listed()}）；"
                "请核对，并按实际的系统导入这些行",
                f"ATTENTION: the numbers of {placed.misplaced:,} rows imported as {placed.system} belong to another"
                f" filing system ({placed.listed()}); see to them, and import them under their own",
            )


def note_standing(found: Found, at: Instants, systems: Sequence[str]) -> None:
    """Systems that a partial extract has rows of and makes no fresher."""
    for system in systems:
        if (instant := at.of[system]).date() < at.taken.date():
            found.note(
                f"只含部分行：{system} 的数据仍按 {instant.date()} 的导出计新旧",
                f"it is partial: what is held of {system} stays as old as the whole extract of {instant.date()}",
            )


def note_displaced(found: Found) -> None:
    """Rows that have ended under a system that their number does not belong to."""
    rows = found.con.execute(
        "SELECT system, count(*) FROM landed WHERE displaced AND landed = 'ended' GROUP BY system ORDER BY system"
    )
    for system, ended in rows.fetchall():
        found.note(
            f"注意：{system} 中有 {ended:,} 行退出：备案号属于其他系统，本次已在所属系统中导入",
            f"ATTENTION: {ended:,} rows held of {system} have ended: their numbers belong to another filing system, and"
            " have now come in as its own",
        )


def note_suspended(found: Found, rejected_file: Path | None) -> None:
    """Rows that are suspended since a rejected row of their number does not say that they are active."""
    outdone = "FROM outdone" if "status" in found.fields else "NULL"
    rows, some = found.con.execute(
        "SELECT count(*), list(DISTINCT number ORDER BY number)[:?] FROM landed WHERE landed = 'suspended'"
        f" OR landed IN ('imported', 'updated') AND row_no IN ({outdone})"
        " AND coalesce(old_status, 'active') = 'active'",
        [_SHOWN],
    ).fetchall()[0]
    if rows:
        found.note(
            f"注意：{rows:,} 行不再算有效，改记为暂停（suspended）：其备案号另有一行被拒收，且没有明确写着有效"
            f"（如 {'、'.join(some)}）；请在 {rejected_file} 中改正，加 --partial 再导入，状态即以改正后的为准",
            f"ATTENTION: {rows:,} rows count as suspended, no longer as active: a row of their number was rejected and"
            f" does not plainly say active (such as {', '.join(some)}); correct it in {rejected_file} and import that"
            " with --partial: then they are what it says",
        )


def note_disagreements(found: Found, disagreements: Sequence[Disagreement]) -> None:
    """Numbers that are active in one system and something else in another: audits go by the active row."""
    some = "、".join(
        f"{one.number} {one.system} {one.status} / {one.other_system} {one.other_status}"
        for one in disagreements[:_SHOWN]
    )
    numbers = len({one.number for one in disagreements})
    more = "+" if len(disagreements) == MOST else ""
    if disagreements:
        found.note(
            f"注意：{numbers:,}{more} 个备案号在两个系统中状态不同，审核以有效的为准；请核对（如 {some}）",
            f"ATTENTION: the statuses of {numbers:,}{more} numbers differ between two systems, and audits go by the"
            f" active one; see which is right (such as {some})",
        )
