"""Runs for the ledger: a run's folder with just the files that the ledger reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from compliance.ledger.runs import record_run
from compliance.ledger.store import Ledger

VERDICTS = pa.schema(
    [
        ("title_id", pa.string()),
        ("decision", pa.string()),
        ("stage", pa.string()),
        ("tier", pa.int8()),
        ("regime", pa.string()),
        ("permit", pa.string()),
        ("rules", pa.list_(pa.string())),
    ]
)
WAIVED = pa.schema([("title_id", pa.string()), ("rule", pa.string())])


def ledger_of(folder: Path, nights: Iterable[tuple[str, Mapping[str, Sequence[str]]]]) -> Ledger:
    """A ledger of these runs: a run's id, and the failed rules of each of its titles."""
    ledger = Ledger(folder / "ledger")
    for run_id, verdicts in nights:
        record_run(ledger, write_run(folder / "runs", run_id, verdicts))
    return ledger


def execute(ledger: Ledger, *statements: str) -> None:
    """What somebody who has the database's password might do."""
    with sa.create_engine(ledger.url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def write_run(
    folder: Path,
    run_id: str,
    verdicts: Mapping[str, Sequence[str]],
    *,
    waived: Mapping[str, Sequence[str]] | None = None,
    policy: str = "p1",
    as_of: str = "2026-11-20",
) -> Path:
    """A run in which each title failed the rules given; a title with none is allowed, the others are blocked."""
    run = folder / run_id
    run.mkdir(parents=True)
    waived = waived or {}
    rows = [
        {
            "title_id": title_id,
            "decision": "block" if set(rules) - set(waived.get(title_id, ())) else "allow",
            "stage": "on_air",
            "tier": 3,
            "regime": "nrta-order-16",
            "permit": None,
            "rules": list(rules),
        }
        for title_id, rules in verdicts.items()
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=VERDICTS), run / "verdicts.parquet")
    pairs = [{"title_id": title_id, "rule": rule} for title_id, rules in waived.items() for rule in rules]
    pq.write_table(pa.Table.from_pylist(pairs, schema=WAIVED), run / "waived.parquet")
    summary: dict[str, Any] = {
        "run_id": run_id,
        "as_of": as_of,
        "policy": policy,
        "engine": "duckdb",
        "counts": {"judged": len(rows)},
        "stale_systems": [],
    }
    (run / "summary.json").write_text(json.dumps(summary))
    return run
