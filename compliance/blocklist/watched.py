"""What the guard looks at, as runs and lists leave it in files."""

from __future__ import annotations

import json
from pathlib import Path

from compliance.blocklist.errors import BlockListError
from compliance.blocklist.guard import Change, Measures
from compliance.embedded import connect
from compliance.language import worded
from compliance.outputs import MEASURES


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
