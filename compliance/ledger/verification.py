"""Prove, without asking anyone, that the ledger is what was written: chain, signed head, verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from compliance.ledger.chain import Break, Entry, breaks
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import HEAD, beside, in_database
from compliance.ledger.runs import change_line, unlike_snapshots
from compliance.ledger.signing import is_signed, public_key
from compliance.ledger.store import SNAPSHOTS, Ledger
from compliance.ledger.tables import ENTRIES, INTERVALS


def verify_ledger(ledger: Ledger) -> list[Break]:
    """Everything that is not as it was written, the first broken link of the chain first; empty: all of it holds.

    Raises LedgerError where there is no ledger, or it or its public key cannot be read.
    """
    with ledger.reading() as connection:
        entries = [Entry(*row) for row in connection.execute(ENTRIES.select().order_by(ENTRIES.c.seq))]
        found = list(breaks(entries))
        found += _head(ledger, connection, entries)
        runs = [entry for entry in entries if entry.kind == "run" and entry.is_whole]  # of others no word counts
        last = next((entry for entry in reversed(entries) if entry.kind == "run"), None)
        for run in runs:
            found += _run(ledger, connection, run, is_last=run is last)
        changed = {entry.seq for entry in entries if not entry.is_whole}
        found += _intervals(connection, runs, changed)
    return found


def _head(ledger: Ledger, connection: sa.Connection, entries: Sequence[Entry]) -> Iterator[Break]:
    """The head in the database is the last entry; the one beside it may lag behind, but never be ahead."""
    key = public_key(ledger.keys)
    row = in_database(connection)
    last = next((entry for entry in reversed(entries) if isinstance(entry.seq, int)), None)
    if row is None:
        if last is not None:
            yield Break(None, "the signed head is missing from the database")
    elif not is_signed(key, *row):
        yield Break(None, f"the head at entry {row.seq} does not bear the ledger's signature")
    elif last is None or row.seq > last.seq:
        yield Break(row.seq, f"truncated: the signed head is entry {row.seq}, the last entry {last.seq if last else 0}")
    elif (row.seq, row.hash) != (last.seq, last.hash):
        yield Break(row.seq, f"the signed head is entry {row.seq}, but the chain ends with entry {last.seq}")
    yield from _head_beside(ledger, entries)


def _head_beside(ledger: Ledger, entries: Sequence[Entry]) -> Iterator[Break]:
    path = ledger.folder / HEAD
    try:
        head = beside(ledger.folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Break(None, f"the signed head {path} cannot be read: {error!r}")
        return
    hashes = {entry.seq: entry.hash for entry in entries}
    if head is None:
        if entries:
            yield Break(None, f"the signed head {path} is missing")
    elif not is_signed(public_key(ledger.keys), *head):
        yield Break(None, f"the head {path} does not bear the ledger's signature")
    elif head.seq not in hashes:
        yield Break(head.seq, f"truncated: {path} proves that there was an entry {head.seq}, and it is gone")
    elif hashes[head.seq] != head.hash:
        yield Break(head.seq, f"entry {head.seq} is not the one that {path} was signed over")


def _run(ledger: Ledger, connection: sa.Connection, entry: Entry, *, is_last: bool) -> Iterator[Break]:
    """The verdicts that a run changed, or all of them where it gave a baseline or the next one is compared with it."""
    try:
        said = entry.said
        run_id, proven = said["run_id"], dict(said["files"])
        expected = None if said.get("baseline") else (said["changes"]["rows"], said["changes"]["sha256"])
    except (LedgerError, KeyError, TypeError, ValueError):  # its hash was made to match
        yield Break(entry.seq, "does not say what a run says")
        return
    if expected is not None:
        yield from _changes(connection, entry.seq, run_id, *expected)
    if expected is None or is_last:
        for path in unlike_snapshots(ledger.folder / SNAPSHOTS, run_id, proven):
            what = "is not what" if path.exists() else "is missing, which"
            yield Break(entry.seq, f"{path} {what} run {run_id} wrote")


def _changes(connection: sa.Connection, seq: int, run_id: str, count: int, sha256: str) -> Iterator[Break]:
    columns = (INTERVALS.c.title_id, INTERVALS.c.verdict)
    rows = connection.execute(sa.select(*columns).where(INTERVALS.c.from_seq == seq)).all()
    digest = hashlib.sha256()
    readable = all(isinstance(title_id, str) and isinstance(verdict, str | None) for title_id, verdict in rows)
    for title_id, verdict in sorted(rows, key=lambda row: row[0]) if readable else ():
        digest.update(change_line(title_id, verdict))
    if len(rows) != count:
        yield Break(seq, f"run {run_id} changed {count:,} verdicts, {len(rows):,} are here")
    elif not readable or digest.hexdigest() != sha256:
        yield Break(seq, f"a verdict of run {run_id} is not what was written")


def _intervals(connection: sa.Connection, runs: Sequence[Entry], changed: Collection[int]) -> Iterator[Break]:
    """Each interval ends where the title's next begins, or where a baseline does. `changed`: entries told already."""
    own = {run.seq for run in runs}
    baselines = [run.seq for run in runs if _is_baseline(run)]
    asked = sa.select(
        INTERVALS.c.title_id,
        INTERVALS.c.from_seq,
        INTERVALS.c.until_seq,
        sa.func.lead(INTERVALS.c.from_seq).over(partition_by=INTERVALS.c.title_id, order_by=INTERVALS.c.from_seq),
    )
    for title_id, begins, ends, following in connection.execute(asked):
        if begins in changed or ends in changed:
            continue
        if begins not in own:
            yield Break(begins, f"title {title_id} has a verdict from entry {begins} on, which is no run")
            continue
        bounds = [seq for seq in (following, *(seq for seq in baselines if seq > begins)) if seq is not None]
        if ends != min(bounds, default=None):
            yield Break(begins, f"the verdict of title {title_id} from entry {begins} on ends at {ends}, not where due")


def _is_baseline(run: Entry) -> bool:
    try:
        return bool(run.said.get("baseline"))
    except LedgerError:
        return False
