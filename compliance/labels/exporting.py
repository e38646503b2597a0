"""Evidence as relations of a catalog: what an audit reads, written whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from compliance.errors import ConfigurationError
from compliance.files import write_durably
from compliance.labels.deciding import Outcome
from compliance.labels.store import Evidence
from compliance.labels.tasks import Kept
from compliance.language import worded
from compliance.permits.parsing import serial_place

LABELS = Path("labels") / "burned_in.parquet"
NOTICES = Path("ai_notices") / "ai_notices.parquet"
CHANNEL = "burned_in"

_LABELS = pa.schema(
    [
        ("title_id", pa.string()),
        ("episode_no", pa.int32()),
        ("channel", pa.string()),
        ("text", pa.string()),
        ("title_text", pa.string()),
        ("confidence", pa.float64()),
        ("media_hash", pa.string()),
        ("read_at", pa.timestamp("us")),
    ]
)
"""The relation `labels` (contract, section 2)."""
_NOTICES = pa.schema(
    [
        ("title_id", pa.string()),
        ("episode_no", pa.int32()),
        ("media_hash", pa.string()),
        ("ai_notice", pa.bool_()),
        ("text", pa.string()),
        ("at_s", pa.float64()),
        ("evidence", pa.string()),
        ("read_at", pa.timestamp("us")),
    ]
)
"""One row an episode: true where the notice was read, else null. A reader that saw none has not proven that there is
none."""
_BATCH = 50_000
_HIDDEN = "？"


def label_row(kept: Kept) -> dict[str, Any] | None:
    """The row of `labels`; None where nothing was seen or read."""
    if kept.outcome in (Outcome.ABSENT, Outcome.FAILED) or not kept.text:
        return None
    return {
        "title_id": kept.title_id,
        "episode_no": kept.episode_no,
        "channel": CHANNEL,
        "text": kept.text if kept.permit else unsettled(kept.text),
        "title_text": None,
        "confidence": kept.confidence,
        "media_hash": kept.media_hash,
        "read_at": kept.read_at,
    }


def unsettled(text: str) -> str:
    """A text that frames do not agree on, so that it holds no number: a guess must not accuse anybody."""
    while (found := serial_place(text)) is not None:
        start, end = found
        text = text[:start] + _HIDDEN * (end - start) + text[end:]
    return text


def notice_row(kept: Kept) -> dict[str, Any]:
    """The row of the AI notice."""
    return {
        "title_id": kept.title_id,
        "episode_no": kept.episode_no,
        "media_hash": kept.media_hash,
        "ai_notice": True if kept.notice else None,
        "text": kept.notice,
        "at_s": kept.notice_at_s,
        "evidence": kept.notice_evidence,
        "read_at": kept.read_at,
    }


def export(store: Evidence) -> int:
    """Write the store's `labels/` and `ai_notices/` anew; the number of label rows."""
    rows = _write(store.folder / LABELS, _LABELS, store, label_row)
    _write(store.folder / NOTICES, _NOTICES, store, lambda kept: None if kept.outcome == "failed" else notice_row(kept))
    return rows


def export_labels(store: Evidence, target: Path) -> int:
    """Write the rows of `labels` into a Parquet or CSV file. Raises ConfigurationError for another kind."""
    if target.suffix not in (".parquet", ".csv"):
        raise ConfigurationError(
            worded(f"{target}：只能写成 .parquet 或 .csv", f"{target}: labels are written as .parquet or .csv")
        )
    return _write(target, _LABELS, store, label_row)


def _write(target: Path, schema: pa.Schema, store: Evidence, row_of: Callable[[Kept], dict[str, Any] | None]) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    count = 0
    writer = pa.csv.CSVWriter(buffer, schema) if target.suffix == ".csv" else pq.ParquetWriter(buffer, schema)
    with writer:
        for batch in _batches(row for kept in store.current() if (row := row_of(kept)) is not None):
            writer.write_table(pa.Table.from_pylist(batch, schema))
            count += len(batch)
    write_durably(target, buffer.getvalue())
    return count


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
