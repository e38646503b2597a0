"""Whether two runs say the same: every output row by row, every number of the summary and of the hidden files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

OUTPUTS = ("verdicts", "findings", "block_list", "blocked_placements", "quarantine", "waived")
HIDDEN = (".unlisted", ".listed", ".producers")
_OF_THE_RUN = ("run_id", "seconds", "notes")


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two runs' folders, in words; nothing but what names the run itself is left out."""
    return [*_of_rows(one, other), *_of_numbers(one, other)]


def _of_rows(one: Path, other: Path) -> Iterator[str]:
    for name in (*OUTPUTS, *HIDDEN):
        files = [folder / f"{name}.parquet" for folder in (one, other)]
        if not any(file.exists() for file in files):
            continue
        selects = [f"SELECT * FROM '{file}'" for file in files]
        if name == "block_list":  # the instant of the run stands in it
            selects = [f"{select} WHERE TRUE" for select in selects]
        for what, left, right in (("only in the first", *selects), ("only in the second", *reversed(selects))):
            rows = duckdb.execute(f"{left} EXCEPT ALL {right} LIMIT 4").fetchall()
            yield from (f"{name}: {what}: {row}" for row in rows)


def _of_numbers(one: Path, other: Path) -> Iterator[str]:
    for name in ("summary.json", ".measures.json", ".population.json"):
        if (one / name).exists() or (other / name).exists():
            left, right = (_read(folder / name) for folder in (one, other))
            if left != right:
                yield f"{name}: {left} / {right}"


def _read(path: Path) -> Any:
    said = json.loads(path.read_text(encoding="utf-8"))
    ordered = {key: sorted(value, key=repr) if isinstance(value, list) else value for key, value in said.items()}
    return {key: value for key, value in ordered.items() if key not in _OF_THE_RUN}
