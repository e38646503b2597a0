"""What the guard looks at, as runs and lists leave it in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from compliance.blocklist.errors import BlockListError
from compliance.blocklist.guard import Change, Measures
from compliance.embedded import connect
from compliance.language import worded
from compliance.outputs import MEASURES, SCAN


def measures_of(run: Path) -> Measures:
    """What an audit measured of its run. Raises BlockListError where it measured nothing."""
    path = run / MEASURES
    if not path.is_file():
        raise BlockListError(
            worded(
                f"{run} 没有计量数据：它出自本软件的旧版本",
                f"{run} was not measured: it is of an earlier version of the gate",
            ),
            remedy=worded("重新运行 gate audit", "run `gate audit` again"),
        )
    return Measures.of(json.loads(path.read_text(encoding="utf-8")))


def change_between(before: Path, now: Path) -> Change:
    """How one list's file differs from another's. Raises duckdb.Error where one cannot be read."""
    with connect() as con:
        (counts,) = con.execute(
            """
SELECT count(o.title_id), count(*) FILTER (o.title_id IS NULL), count(*) FILTER (n.title_id IS NULL)
FROM read_parquet($1) AS o FULL JOIN read_parquet($2) AS n USING (title_id)""",
            [str(before), str(now)],
        ).fetchall()
    return Change(*counts)


def scan_of(run: Path) -> dict[str, Any] | None:
    """run_id and as_of of the scan that has refreshed the run's list; None where it is as the audit left it."""
    path = run / SCAN
    if not path.is_file():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return {name: said[name] for name in ("run_id", "as_of")}


def same_list(one: Path, other: Path) -> bool:
    """Whether two lists' files have the same rows. Raises duckdb.Error where one cannot be read."""
    with connect() as con:
        ours, theirs = con.from_parquet(str(one)), con.from_parquet(str(other))
        return not ours.except_(theirs).union(theirs.except_(ours)).limit(1).fetchall()
