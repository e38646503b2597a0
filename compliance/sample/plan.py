"""The plan of a sample: what an audit of it must find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FINDINGS = pa.schema([(name, pa.string()) for name in ("title_id", "rule", "outcome", "action")])


@dataclass(frozen=True, slots=True)
class Plan:
    """Every finding that the default policy has on the sample, warnings and unknowns included, and nothing else.

    `findings` has the columns title_id, rule, outcome and action, ordered by title_id; no title is quarantined.
    """

    as_of: date
    titles: int
    rows: Mapping[str, int]
    """Rows of each relation."""
    judged: int
    """Titles that have a verdict."""
    findings: pa.Table

    def write(self, path: Path) -> None:
        """Write the findings as Parquet."""
        pq.write_table(self.findings, path)
