"""What each engine writes of a finding that a waiver takes out (contract, section 3)."""

from __future__ import annotations

import pyarrow as pa

WAIVED = pa.schema(
    [
        ("title_id", pa.string()),
        ("rule", pa.string()),
        ("waiver_id", pa.string()),
        ("action", pa.string()),
        ("last_on", pa.date32()),
        ("days_left", pa.int32()),
    ]
)
"""`action` is the one that the finding had."""
