"""What jobs tell of a block list: what has come on it, and that it is held."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from compliance import clock
from compliance.blocklist.publication import Publication
from compliance.language import worded
from jobs.clockwork.model import Concern

_DECISIONS = {"block": "拦截", "hold": "待人工决定"}


def newly_listed(out: Path, begun: datetime) -> list[Concern]:
    """What a run that began then has put on the list: a title that was there before keeps its earlier instant."""
    found = duckdb.execute(
        "SELECT platform, decision, count(*) FROM read_parquet($1)"
        " WHERE first_listed_at BETWEEN $2 AND $3 GROUP BY ALL ORDER BY ALL",
        [str(out / "block_list.parquet"), begun, clock.wall_time()],
    ).fetchall()
    return [
        Concern(
            worded(f"新列入名单 {count:,} 部（{_DECISIONS[word]}）", f"{count:,} title(s) newly listed as {word}"),
            platform,
        )
        for platform, word, count in found
    ]


def held(publication: Publication) -> Concern:
    """That a version waits for somebody to approve it, and why."""
    why = "; ".join(reading.says() for reading in publication.reasons)
    return Concern(
        worded(
            f"拦截名单第 {publication.version} 版暂停发布，待批准：{why}",
            f"block list {publication.version} is held until approved: {why}",
        )
    )
