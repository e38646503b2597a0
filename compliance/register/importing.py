"""Import the extracts of the filing systems: every row lands somewhere, all of them together or none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlalchemy as sa

from compliance.catalog.sources import literal
from compliance.embedded import connect
from compliance.errors import RunInvalidError
from compliance.language import worded
from compliance.permits.sql import register_functions
from compliance.policy import Policy
from compliance.register.cleaning import clean
from compliance.register.conflicts import Conflict, Disagreement, compare_systems
from compliance.register.displacing import find_displaced
from compliance.register.doubting import find_doubted
from compliance.register.errors import ExtractError, RegisterError
from compliance.register.found import Found, new_found
from compliance.register.freshening import freshen
from compliance.register.guards import guard, refuse_future
from compliance.register.held import SystemState, load_held, replace_parts, system_states, write_parts
from compliance.register.instants import Instants, instants, taken_at
from compliance.register.landing import Counts, assumed_active, changes_query, count, land
from compliance.register.noting import (
    note_assumed,
    note_disagreements,
    note_displaced,
    note_misplaced,
    note_revived,
    note_standing,
    note_suspended,
)
from compliance.register.placing import placements
from compliance.register.reading import read_files
from compliance.register.rejects import rejects_path, write_rejects
from compliance.register.store import Store
from compliance.register.tables import CHANGES, IMPORTS

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Extract:
    """The files of one extract, and what a person says of them."""

    files: Sequence[Path]
    system: str | None = None
    """`key`, `ordinary` or `other`; None: a column of the files says it."""
    extracted_on: date | None = None
    """The day on which it was taken; None: what the files say, else today."""
    partial: bool = False
    """It holds only some of the rows: none of the others ends."""
    accepted: frozenset[str] = frozenset()
    """Guards that a person overrules: `shrunken`, `stale`, `misplaced`."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Folded header → field, beyond the known synonyms."""
    rejected: Path | None = None
    """Where rejected rows are written; None: beside the first file."""
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an extract."""

    import_id: int
    systems: tuple[str, ...]
    extracted_on: date
    rows: int
    """Rows of the files, blank ones not counted."""
    counts: Counts
    held: int
    """Rows of these systems afterwards: imported + updated + unchanged + ended + kept + suspended."""
    rejected_file: Path | None
    conflicts: tuple[Conflict, ...]
    disagreements: tuple[Disagreement, ...]
    overruled: tuple[str, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values: rows = imported + updated + unchanged + rejected.

        `repeated` rows are some of the unchanged, suspended ones of the kept; how many these are `notes` tell.
        """
        counts = asdict(self.counts)
        counts["unchanged"] += counts["repeated"]
        counts["kept"] += counts["suspended"]
        names = ("imported", "updated", "unchanged", "ended", "rejected", "repeated", "kept")
        return {
            **{name: counts[name] for name in names},
            "rows": self.rows,
            "held": self.held,
            "systems": list(self.systems),
            "extracted_on": self.extracted_on.isoformat(),
            "rejected_file": str(self.rejected_file) if self.rejected_file else None,
            "conflicts": [asdict(conflict) for conflict in self.conflicts],
            "disagreements": [asdict(disagreement) for disagreement in self.disagreements],
            "overruled": list(self.overruled),
            "notes": list(self.notes),
        }


def import_extract(store: Store, extract: Extract, *, policy: Policy, now: datetime, memory: str = "2GB") -> Imported:
    """Import the files as one extract; `now` is wall time in Asia/Shanghai.

    Raises ExtractError for a file that is no extract, RefusedExtractError for one that must not be believed,
    RegisterError where the database cannot be written or another import came between, ConfigurationError where rejected
    rows would be written over one of the files. Nothing is changed then.
    """
    rejects_to = rejects_path(extract.files, extract.rejected)
    with _workshop(memory) as (con, work):
        found = new_found(con)
        read_files(found, extract.files, extract.columns, work)
        clean(found, extract.system)
        systems = _systems(con, extract)
        doubted = find_doubted(found, store, work, systems, extract.system)
        touched = sorted({*systems, *doubted, *find_displaced(con, store, work, systems)})
        states = load_held(con, store, work, touched)
        taken = taken_at(con, found, extract.extracted_on, now)
        whole = [] if extract.partial else systems
        at = instants(taken, touched, states, [name for name in touched if name not in whole])
        fields = found.told()
        land(con, at, fields=fields, whole=whole)
        counts = count(con)
        if _is_no_extract(counts, extract, policy):
            raise _nothing_in(con, found, extract, counts)
        refuse_future(con, taken, now.date())
        placed = placements(con)
        overruled = guard(
            con, states, placed, [name for name in systems if name in whole or name not in states],
            taken=taken, today=now.date(), policy=policy, accepted=extract.accepted,
        )  # fmt: skip
        note_misplaced(found, placed)
        note_assumed(found, assumed_active(con, fields))
        note_revived(found)
        note_standing(found, at, [name for name in systems if name not in whole])
        note_displaced(found)
        rows, held = _checked_sums(con, counts)
        freshen(con, at, 1 + max((state.import_id for state in states.values()), default=0))
        parts = {system: write_parts(con, "fresh", system, work) for system in touched}
        rejected_file = write_rejects(found, rejects_to, extract.language) if counts.rejected else None
        note_suspended(found, rejected_file)
        import_id = _commit(store, con, extract, counts, overruled, states, parts, at, found, now)
        compared = compare_systems(con, store, work, systems)
        note_disagreements(found, compared.disagreements)
    return Imported(
        import_id, tuple(touched), taken.date(), rows, counts, held, rejected_file, compared.conflicts,
        compared.disagreements, tuple(overruled), tuple(note[extract.language] for note in found.notes),
    )  # fmt: skip


@contextmanager
def _workshop(memory: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A DuckDB of its own that keeps the order of rows, and spills into a folder that is removed."""
    with (
        TemporaryDirectory(prefix="gate-register-") as folder,
        connect({"memory_limit": memory, "temp_directory": folder}) as con,
    ):
        register_functions(con)
        yield con, Path(folder)


def _systems(con: duckdb.DuckDBPyConnection, extract: Extract) -> list[str]:
    if extract.system is not None:
        return [extract.system]
    rows = con.execute("SELECT DISTINCT system FROM cleaned WHERE reason IS NULL ORDER BY system").fetchall()
    if not rows:
        raise ExtractError(
            worded("没有一行说明属于哪个备案系统", "no row says of which filing system it is"),
            remedy=worded("用 --system 指定 key、ordinary 或 other", "give --system key, ordinary or other"),
        )
    return [system for (system,) in rows]


def _checked_sums(con: duckdb.DuckDBPyConnection, counts: Counts) -> tuple[int, int]:
    """Rows of the files, and rows held afterwards. Raises RunInvalidError where a row is nowhere, or in two places."""
    rows, held, after = con.execute(
        "SELECT (SELECT count(*) FROM cleaned) + (SELECT count(*) FROM broken), (SELECT count(*) FROM held),"
        " (SELECT count(*) FROM next)"
    ).fetchall()[0]
    told = counts.imported + counts.updated + counts.unchanged + counts.rejected + counts.repeated
    stay = counts.updated + counts.unchanged + counts.ended + counts.kept + counts.suspended
    if (rows, held, after) != (told, stay, stay + counts.imported):
        raise RunInvalidError(
            worded(
                f"行数对不上：读入 {rows:,}，落定 {told:,}；原有 {held:,}，记下 {stay:,}；之后 {after:,}",
                f"the rows do not add up: {rows:,} read, {told:,} landed; {held:,} held, {stay:,} told;"
                f" {after:,} after it",
            ),
            remedy=worded("没有导入任何行；请报告这些文件", "nothing was imported; please report the files"),
        )
    return rows, after


def _commit(
    store: Store,
    con: duckdb.DuckDBPyConnection,
    extract: Extract,
    counts: Counts,
    overruled: Sequence[str],
    states: Mapping[str, SystemState],
    parts: Mapping[str, Sequence[Path]],
    at: Instants,
    found: Found,
    now: datetime,
) -> int:
    with store.writing() as connection:
        _refuse_if_overtaken(connection, states, list(parts))
        made = connection.execute(
            IMPORTS.insert().values(
                imported_at=now.isoformat(timespec="seconds"),
                files=json.dumps([path.name for path in extract.files], ensure_ascii=False),
                counts=json.dumps(asdict(counts)),
                accepted=",".join(overruled),
            )
        )
        import_id: int = made.inserted_primary_key[0]  # type: ignore[index]  # one row was inserted, so it has a key
        for system, files in parts.items():
            (rows,) = con.execute(f"SELECT count(*) FROM next WHERE system = {literal(system)}").fetchall()[0]
            replace_parts(connection, SystemState(system, import_id, at.of[system], rows), files)
        changed = con.execute(changes_query(found.told()))
        columns = ("system", "number", "title_name", "kind", "field", "before", "after")
        while batch := changed.fetchmany(_BATCH):
            connection.execute(
                CHANGES.insert(),
                [
                    {
                        "import_id": import_id,
                        "changed_on": at.taken.date().isoformat(),
                        **dict(zip(columns, row, strict=True)),
                    }
                    for row in batch
                ],
            )
    return import_id


def _refuse_if_overtaken(connection: sa.Connection, states: Mapping[str, SystemState], systems: Sequence[str]) -> None:
    """The rows were compared with a register that another import has replaced meanwhile."""
    present = system_states(connection)
    if overtaken := [system for system in systems if present.get(system) != states.get(system)]:
        raise RegisterError(
            worded(
                f"本次导入期间另有 {'、'.join(overtaken)} 的导入完成；没有导入任何行",
                f"another import of {', '.join(overtaken)} ended while this one ran; nothing was imported",
            ),
            remedy=worded("重新导入", "repeat the import"),
        )


def _is_no_extract(counts: Counts, extract: Extract, policy: Policy) -> bool:
    """Whether no row is a good one, and those that are rejected are not believed either.

    A whole extract without a good row is likelier one whose columns are mistaken than one by which everything is to be
    suspended; a few rows, or those that a person has picked, may well be right about what is no longer active.
    """
    if counts.imported + counts.updated + counts.unchanged:
        return False
    return not counts.suspended or (not extract.partial and counts.suspended >= policy.number("register_shrink_rows"))


def _nothing_in(con: duckdb.DuckDBPyConnection, found: Found, extract: Extract, counts: Counts) -> ExtractError:
    return ExtractError(
        worded(
            f"{'、'.join(path.name for path in extract.files)}：没有一行可导入，{counts.rejected:,} 行会被拒收",
            f"{', '.join(path.name for path in extract.files)}: no row can be imported,"
            f" {counts.rejected:,} would be rejected",
        ),
        problems=_samples(con, found, extract.language),
        remedy=worded("核对是否备案系统导出的文件", "see that it is an extract of a filing system"),
    )


def _samples(con: duckdb.DuckDBPyConnection, found: Found, language: str) -> list[str]:
    from compliance.register.vocabulary import reason_text

    rows = con.execute(
        "SELECT reason, count(*), min(row_no) FROM rejected GROUP BY reason ORDER BY 2 DESC LIMIT 5"
    ).fetchall()
    return [
        reason_text(reason, language)
        + worded(f"：{n:,} 行，首见于 {found.place(row_no)}", f": {n:,}, first at {found.place(row_no)}")
        for reason, n, row_no in rows
    ]
