"""A stretch of the past with all that proves it: the verdicts that runs gave whole, and every change since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance.embedded import connect
from compliance.ledger.history import kept_verdicts
from compliance.ledger.runs import RecordedRun, snapshot
from compliance.ledger.store import Ledger
from compliance.ledger.tables import INTERVALS

_FETCHED = 10_000


@dataclass(frozen=True, slots=True)
class Past:
    """Runs that follow each other in the ledger, with what their verdicts start from and how they go on."""

    ledger: Ledger
    runs: tuple[RecordedRun, ...]
    """From the run that gave all verdicts whole, at which the stretch begins or before it, up to its last one."""

    def files(self) -> Iterator[Path]:
        """The verdicts of each run that gave them whole. Raises LedgerError where they are not there."""
        for run in self.runs:
            if run.said.get("baseline"):
                verdicts = kept_verdicts(self.ledger, run.run_id)
                yield verdicts
                waived = verdicts.with_name(f"{run.run_id}.waived.parquet")
                if waived.exists():
                    yield waived

    def changes(self) -> Iterator[tuple[str, str, str | None]]:
        """run_id, title_id and verdict (JSON; None: not judged any more) of each change, run by run."""
        named = {run.seq: run.run_id for run in self.runs if not run.said.get("baseline")}
        asked = (
            sa.select(INTERVALS.c.from_seq, INTERVALS.c.title_id, INTERVALS.c.verdict)
            .where(INTERVALS.c.from_seq.between(self.runs[0].seq, self.runs[-1].seq))
            .order_by(INTERVALS.c.from_seq, INTERVALS.c.title_id)
        )
        with self.ledger.reading() as connection:
            for seq, title_id, verdict in connection.execute(asked):
                yield named[seq], title_id, verdict

    def verdicts(self) -> Iterator[dict[str, Any]]:
        """Every title's verdict as the last of the runs had it: title_id, decision, stage and so on, and waived."""
        last = self.runs[-1]
        whole = next(run for run in reversed(self.runs) if run.said.get("baseline"))
        later = self._later(whole.seq, last.seq)
        path = kept_verdicts(self.ledger, whole.run_id)
        with connect() as con:
            found = con.execute(f"FROM ({snapshot(con, path)}) ORDER BY title_id")
            columns = [name for name, *_ in found.description or ()]
            while rows := found.fetchmany(_FETCHED):
                for row in rows:
                    title_id = row[columns.index("title_id")]
                    if title_id not in later:
                        yield dict(zip(columns, row, strict=True))
        for title_id, verdict in later.items():
            if verdict is not None:
                yield {"title_id": title_id, **json.loads(verdict)}

    def _later(self, after: int, last: int) -> dict[str, str | None]:
        """The verdicts at the last run of the titles that have changed since one run."""
        asked = (
            sa.select(INTERVALS.c.title_id, INTERVALS.c.verdict)
            .where(INTERVALS.c.from_seq > after, INTERVALS.c.from_seq <= last)
            .where(sa.or_(INTERVALS.c.until_seq.is_(None), INTERVALS.c.until_seq > last))
            .order_by(INTERVALS.c.title_id)
        )
        with self.ledger.reading() as connection:
            return {str(title_id): verdict for title_id, verdict in connection.execute(asked)}


def past_of(ledger: Ledger, known: Sequence[RecordedRun], asked: Sequence[RecordedRun]) -> Past:
    """What proves the verdicts of some runs; `known` are all runs of the ledger, in their order."""
    first, last = asked[0].seq, asked[-1].seq
    start = max(run.seq for run in known if run.said.get("baseline") and run.seq <= first)
    return Past(ledger, tuple(run for run in known if start <= run.seq <= last))
