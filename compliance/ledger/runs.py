"""Runs in the ledger: what each came to, and only what has changed in the verdicts since the one before.

The verdicts of the first run are kept as they are, as a file: the baseline. From then on a changed verdict is one row.
A night on which very much changes gives a new baseline in place of very many rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlalchemy as sa

from compliance.embedded import connect, sifted
from compliance.files import link_or_copy, remove, sha256_of, sync_folder
from compliance.ledger.chain import Entry
from compliance.ledger.store import SNAPSHOTS, Ledger, Writer
from compliance.ledger.tables import INTERVALS
from compliance.outputs import JUDGED
from compliance.run_files import SUMMARY, read_summary

BASELINE_FROM = 100_000
"""From this many changes on, a run's verdicts are kept as a file."""

PROVEN = ("verdicts.parquet", "findings.parquet", "waived.parquet", "block_list.parquet", "quarantine.parquet")
"""Files of a run whose SHA-256 stands in the ledger."""

_BATCH = 20_000
_COLUMNS = "decision, stage, tier, regime, permit, rules"


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run as the ledger knows it."""

    seq: int
    run_id: str
    said: dict[str, Any]

    @property
    def as_of(self) -> str:
        """The as-of day, ISO."""
        return str(self.said["as_of"])


def recorded_runs(ledger: Ledger) -> list[RecordedRun]:
    """All runs, in the order in which they were recorded."""
    return [_run(entry) for entry in ledger.entries("run")]


def _run(entry: Entry) -> RecordedRun:
    said = entry.said
    return RecordedRun(entry.seq, said["run_id"], said)


def catch_up(ledger: Ledger, run: Path | None, *, memory: str = "2GB", threads: int | None = None) -> None:
    """Record the current run of an out folder, unless there is none yet or it is in the ledger."""
    if run is not None and (run / SUMMARY).is_file() and not _is_recorded(ledger, run):
        record_run(ledger, run, memory=memory, threads=threads)


def _is_recorded(ledger: Ledger, run: Path) -> bool:
    run_id = read_summary(run)["run_id"]
    return any(known.run_id == run_id for known in recorded_runs(ledger))


def record_run(ledger: Ledger, folder: Path, *, memory: str = "2GB", threads: int | None = None) -> RecordedRun:
    """Write a complete run into the ledger, unless it is there: whoever finds a run unrecorded may call this.

    `folder` holds the run's files. Raises LedgerError; then the run is recorded by the next call.
    """
    summary = read_summary(folder)
    with ledger.writing() as writer:
        runs = [_run(entry) for entry in writer.entries("run")]
        known = next((run for run in runs if run.run_id == summary["run_id"]), None)
        if known is not None:
            return known
        snapshots = ledger.folder / SNAPSHOTS
        _keep(folder, snapshots, summary["run_id"])
        run = _record(writer, snapshots, folder, summary, runs, memory, threads)
    _retire(snapshots, [*runs, run])
    return run


def _record(
    writer: Writer,
    snapshots: Path,
    folder: Path,
    summary: dict[str, Any],
    runs: Sequence[RecordedRun],
    memory: str,
    threads: int | None,
) -> RecordedRun:
    run_id, seq = summary["run_id"], (writer.last.seq + 1 if writer.last else 1)
    body = {name: summary[name] for name in ("run_id", "as_of", "policy", "engine", "counts", "stale_systems")}
    body["files"] = {name: sha256_of(folder / name) for name in PROVEN if (folder / name).exists()}
    if not runs or any(unlike_snapshots(snapshots, runs[-1].run_id, runs[-1].said["files"])):
        return _baseline(writer, body, seq)  # nothing to compare with, or not what the run before wrote
    before = snapshots / f"{runs[-1].run_id}.parquet"
    with TemporaryDirectory(prefix=".work-", dir=snapshots) as work:
        changes = Path(work) / "changes.parquet"
        among = folder / JUDGED if summary.get("carried_from") == runs[-1].run_id else None
        count = _compare(before, snapshots / f"{run_id}.parquet", changes, among, memory=memory, threads=threads)
        if count >= BASELINE_FROM:
            return _baseline(writer, body, seq)
        digest = hashlib.sha256()
        for batch in _batches(changes):
            _store(writer, seq, batch)
            for title_id, verdict in batch:
                digest.update(change_line(title_id, verdict))
    entry = writer.append("run", {**body, "changes": {"rows": count, "sha256": digest.hexdigest()}})
    return _run(entry)


def _baseline(writer: Writer, body: dict[str, Any], seq: int) -> RecordedRun:
    writer.connection.execute(INTERVALS.update().where(INTERVALS.c.until_seq.is_(None)).values(until_seq=seq))
    return _run(writer.append("run", {**body, "baseline": True}))


def _keep(folder: Path, snapshots: Path, run_id: str) -> None:
    """A second name for the run's verdicts, which outlives its folder."""
    snapshots.mkdir(parents=True, exist_ok=True)
    for name, suffix in (("verdicts", ""), ("waived", ".waived")):
        if (folder / f"{name}.parquet").exists():
            link_or_copy(folder / f"{name}.parquet", snapshots / f"{run_id}{suffix}.parquet")
    sync_folder(snapshots)


def unlike_snapshots(snapshots: Path, run_id: str, proven: Mapping[str, str]) -> Iterator[Path]:
    """Verdicts kept of a run that are gone, or not what the ledger proves by the SHA-256 of the run's files."""
    for name, suffix in (("verdicts.parquet", ""), ("waived.parquet", ".waived")):
        path = snapshots / f"{run_id}{suffix}.parquet"
        if name in proven and (not path.exists() or sha256_of(path) != proven[name]):
            yield path


def _retire(snapshots: Path, runs: Sequence[RecordedRun]) -> None:
    """Remove what no run is compared with any more, and what a stopped process left."""
    kept = {run.run_id for run in runs if run.said.get("baseline")} | {runs[-1].run_id}
    for path in snapshots.glob("*.parquet"):
        if path.name.split(".")[0] not in kept:
            remove(path)


def snapshot(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The verdicts of a file as SQL, with the rules that are waived."""
    waived = path.with_name(path.name.replace(".parquet", ".waived.parquet"))
    count = f"SELECT count(*) FROM read_parquet({_text(waived)})"
    if not waived.exists() or con.execute(count).fetchall() == [(0,)]:
        return f"SELECT *, NULL::VARCHAR[] AS waived FROM read_parquet({_text(path)})"
    return f"""
SELECT * FROM read_parquet({_text(path)})
LEFT JOIN (SELECT title_id, list(rule ORDER BY rule) AS waived FROM read_parquet({_text(waived)}) GROUP BY title_id)
USING (title_id)"""


def _compare(before: Path, after: Path, changes: Path, among: Path | None, *, memory: str, threads: int | None) -> int:
    """Write title_id and verdict (JSON; NULL: not judged any more) of each title whose verdict is another.

    `among`: the titles that may have another one, where that is known.
    """
    shown = ", ".join(f"'{name}', a.{name}" for name in (*_COLUMNS.split(", "), "waived"))
    same = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in (*_COLUMNS.split(", "), "waived"))
    config: dict[str, Any] = {"memory_limit": memory, "temp_directory": str(changes.parent)}
    if threads is not None:
        config["threads"] = threads
    with connect(config) as con:
        con.execute("SET preserve_insertion_order = false")
        asked = (
            f"SEMI JOIN {sifted(f'read_parquet({_text(among)})', 'title_id')} USING (title_id)"
            if among and among.exists()
            else ""
        )
        (count,) = con.execute(f"""
COPY (
    SELECT title_id, CASE WHEN a.decision IS NOT NULL THEN CAST(json_object({shown}) AS VARCHAR) END AS verdict
    FROM (FROM ({snapshot(con, after)}) {asked}) AS a FULL JOIN (FROM ({snapshot(con, before)}) {asked}) AS b
    USING (title_id)
    WHERE a.decision IS NULL OR b.decision IS NULL OR NOT ({same})
    ORDER BY title_id
) TO {_text(changes)} (FORMAT parquet)""").fetchall()[0]
    return int(count)


def _batches(changes: Path) -> Iterator[list[tuple[str, str | None]]]:
    with connect() as con:
        found = con.execute(f"FROM read_parquet({_text(changes)}) ORDER BY title_id")
        while batch := found.fetchmany(_BATCH):
            yield batch


def _store(writer: Writer, seq: int, batch: Sequence[tuple[str, str | None]]) -> None:
    connection = writer.connection
    connection.execute(
        sa.update(INTERVALS)
        .where(INTERVALS.c.title_id == sa.bindparam("of"), INTERVALS.c.until_seq.is_(None))
        .values(until_seq=seq),
        [{"of": title_id} for title_id, _ in batch],
    )
    rows = [{"title_id": title_id, "from_seq": seq, "verdict": verdict} for title_id, verdict in batch]
    connection.execute(INTERVALS.insert(), rows)


def change_line(title_id: str, verdict: str | None) -> bytes:
    """One change as it goes into the hash of a run's changes; they come in the order of title_id by code point."""
    return (json.dumps([title_id, verdict], ensure_ascii=False) + "\n").encode()


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
