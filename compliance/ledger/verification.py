"""Prove, without asking anyone, that the ledger is what was written: chain, signed head, verdicts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from compliance.files import sha256_of
from compliance.ledger.chain import Break, Entry, breaks
from compliance.ledger.runs import change_line
from compliance.ledger.signing import is_signed, public_key
from compliance.ledger.store import HEAD, SNAPSHOTS, Ledger
from compliance.ledger.tables import ENTRIES, HEADS, INTERVALS


def verify_ledger(ledger: Ledger) -> list[Break]:
    """Everything that is not as it was written, the first broken link of the chain first; empty: all of it holds.

    Raises LedgerError where there is no ledger, or it or its public key cannot be read.
    """
    with ledger.reading() as connection:
        entries = [Entry(*row) for row in connection.execute(ENTRIES.select().order_by(ENTRIES.c.seq))]
        found = list(breaks(entries))
        found += _head(ledger, connection, entries)
        runs = [entry for entry in entries if entry.kind == "run"]
        for run in runs:
            found += _run(ledger, connection, run)
        found += _intervals(connection, runs)
    return found


def _head(ledger: Ledger, connection: sa.Connection, entries: Sequence[Entry]) -> Iterator[Break]:
    """The head in the database is the last entry; the one beside it may lag behind, but never be ahead."""
    key = public_key(ledger.keys)
    row = connection.execute(sa.select(HEADS.c.seq, HEADS.c.hash, HEADS.c.signature)).first()
    last = entries[-1] if entries else None
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
    if not path.exists():
        if entries:
            yield Break(None, f"the signed head {path} is missing")
        return
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        seq, last, signature = int(head["seq"]), str(head["hash"]), str(head["signature"])
    except (ValueError, KeyError, TypeError) as error:
        yield Break(None, f"the signed head {path} cannot be read: {error!r}")
        return
    hashes = {entry.seq: entry.hash for entry in entries}
    if not is_signed(public_key(ledger.keys), seq, last, signature):
        yield Break(None, f"the head {path} does not bear the ledger's signature")
    elif seq not in hashes:
        yield Break(seq, f"truncated: {path} proves that there was an entry {seq}, and it is gone")
    elif hashes[seq] != last:
        yield Break(seq, f"entry {seq} is not the one that {path} was signed over")


def _run(ledger: Ledger, connection: sa.Connection, entry: Entry) -> Iterator[Break]:
    """The verdicts that a run changed, or all of them where it gave a baseline."""
    said = entry.said
    if said.get("baseline"):
        for name, suffix in (("verdicts.parquet", ""), ("waived.parquet", ".waived")):
            path = ledger.folder / SNAPSHOTS / f"{said['run_id']}{suffix}.parquet"
            if name not in said["files"]:
                continue
            if not path.exists():
                yield Break(entry.seq, f"{path}, the verdicts of run {said['run_id']}, is missing")
            elif sha256_of(path) != said["files"][name]:
                yield Break(entry.seq, f"{path} is not what run {said['run_id']} wrote")
        return
    columns = (INTERVALS.c.title_id, INTERVALS.c.verdict)
    rows = connection.execute(sa.select(*columns).where(INTERVALS.c.from_seq == entry.seq)).all()
    digest = hashlib.sha256()
    for title_id, verdict in sorted(rows, key=lambda row: row[0]):
        digest.update(change_line(title_id, verdict))
    if len(rows) != said["changes"]["rows"]:
        yield Break(
            entry.seq, f"run {said['run_id']} changed {said['changes']['rows']:,} verdicts, {len(rows):,} are here"
        )
    elif digest.hexdigest() != said["changes"]["sha256"]:
        yield Break(entry.seq, f"a verdict of run {said['run_id']} is not what was written")


def _intervals(connection: sa.Connection, runs: Sequence[Entry]) -> Iterator[Break]:
    """Each interval ends where the title's next begins, or where a baseline does."""
    own = {run.seq for run in runs}
    baselines = [run.seq for run in runs if run.said.get("baseline")]
    asked = sa.select(
        INTERVALS.c.title_id,
        INTERVALS.c.from_seq,
        INTERVALS.c.until_seq,
        sa.func.lead(INTERVALS.c.from_seq).over(partition_by=INTERVALS.c.title_id, order_by=INTERVALS.c.from_seq),
    )
    for title_id, begins, ends, following in connection.execute(asked):
        if begins not in own:
            yield Break(begins, f"title {title_id} has a verdict from entry {begins} on, which is no run")
            continue
        bounds = [seq for seq in (following, *(seq for seq in baselines if seq > begins)) if seq is not None]
        if ends != min(bounds, default=None):
            yield Break(begins, f"the verdict of title {title_id} from entry {begins} on ends at {ends}, not where due")
