"""Files in a run's folder that several parts of the program write or read: the summary, and what to say of damage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compliance.errors import GateError
from compliance.language import worded
from compliance.verdicts.summary import Summary

SUMMARY = "summary.json"


def write_summary(run: Path, summary: Summary) -> None:
    """Write the summary into a run's folder."""
    text = json.dumps(summary.as_json(), ensure_ascii=False, indent=2)
    (run / SUMMARY).write_text(text + "\n", encoding="utf-8")


class DamagedFileError(GateError, ValueError):
    """A file of a run is missing or damaged: nobody can tell what it said (exit 3)."""

    def __init__(self, path: Path, error: Exception) -> None:
        why = str(error).partition("\n")[0]
        super().__init__(
            worded(
                f"审核结果的文件 {path} 缺失或损坏：{why}", f"{path}, a file of a run, is missing or damaged: {why}"
            ),
            remedy=worded(
                f"从备份放回；没有备份的，把 {path.parent} 整个移走：下一次审核不再接续它，台账所记不变",
                f"put it back from a backup; without one move {path.parent} away as a whole: the next audit does not go"
                " on from it, and what the ledger has recorded stays",
            ),
        )


def read_summary(run: Path) -> dict[str, Any]:
    """The summary in a run's folder, as `Summary.as_json` gives it. Raises DamagedFileError."""
    path = run / SUMMARY
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise DamagedFileError(path, error) from error
