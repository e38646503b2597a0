"""Block lists for tests of their publication: a run's folder with just the files that a version is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from compliance.blocklist.publication import Lawbook, Publisher
from compliance.ledger.store import Ledger
from compliance.policy.settings import GuardSettings
from tests.ledgers import VERDICTS, WAIVED

LISTED = pa.schema(
    [
        ("title_id", pa.string()),
        ("platform", pa.string()),
        ("decision", pa.string()),
        ("stage", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("permit", pa.string()),
        ("first_listed_at", pa.timestamp("us")),
    ]
)
FOUND = pa.schema([("title_id", pa.string()), ("rule", pa.string()), ("action", pa.string())])
LAW = Lawbook("p1", {"permit-missing": "m1"})
AT = datetime(2026, 11, 20, 1, 2, 3)  # noqa: DTZ001 - wall time in Asia/Shanghai


def write_listing(folder: Path, run_id: str, title_ids: Sequence[str]) -> Path:
    """A run that lists these titles."""
    run = folder / run_id
    run.mkdir(parents=True)
    rows = [
        {
            "title_id": title_id,
            "platform": "fanqie",
            "decision": "block",
            "stage": "on_air",
            "rules": ["permit-missing"],
            "permit": None,
            "first_listed_at": AT,
        }
        for title_id in sorted(title_ids)
    ]
    table = pa.Table.from_pylist(rows, schema=LISTED)
    pq.write_table(table, run / "block_list.parquet")
    pa.csv.write_csv(table.drop_columns(["rules"]), run / "block_list.csv")
    verdicts = pa.Table.from_pylist([], schema=VERDICTS)
    pq.write_table(verdicts, run / "verdicts.parquet")
    found = [{"title_id": row["title_id"], "rule": "permit-missing", "action": "block"} for row in rows]
    pq.write_table(pa.Table.from_pylist(found, schema=FOUND), run / "findings.parquet")
    waived = WAIVED.append(pa.field("waiver_id", pa.string()))
    pq.write_table(pa.Table.from_pylist([], schema=waived), run / "waived.parquet")
    (run / "summary.json").write_text(json.dumps({"run_id": run_id, "as_of": "2026-11-20"}))
    measures = {"titles": 10, "register": 10, "judged": 10, "unknown": 0, "placements": 0, "blocked_placements": 0}
    (run / ".measures.json").write_text(json.dumps({**measures, "stale_systems": [], "filled": {}}))
    return run


def publisher(home: Path) -> Publisher:
    """A publisher with its ledger beside the block list; the guard lets everything of this size pass."""
    return Publisher(home / "blocklist", Ledger(home / "ledger"), GuardSettings(), proposer="Li")


def publish(home: Path, run_id: str, *title_ids: str) -> int:
    """Publish a list of these titles; gives its version."""
    return publisher(home).propose(write_listing(home / "runs", run_id, title_ids), LAW).version
