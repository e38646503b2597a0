"""Catalogs with few titles and very many clips: a share of 100 M episodes and 1 B placements, on Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tests.bench.catalogs import AS_OF, HOME, Sample, sample
from tests.bench.measuring import measure
from tests.bench.spark import moved, prove_same, running, spark_audit
from tests.bench.table import Row

EPISODES, PLACEMENTS = 100_000_000, 1_000_000_000
TITLES = 1_250_000
"""With 80 episodes and 800 placements each; one placement in ten is of one title."""
_SCALED = ("episodes", "placements")


def clips(shares: tuple[int, ...]) -> Iterator[Row]:
    """The audit at 1/`share` of the full size each, equal to the embedded engine's, and what Spark moved for it."""
    with running(workers=2, memory="1500m") as (cluster, configuration):
        for share in shares:
            catalog = clipped(share)
            cost = measure(spark_audit(catalog, cluster, configuration))
            row = moved(f"Spark, 1/{share} of 100 M episodes and 1 B placements", cost.wall)
            prove_same(catalog, planned=False)
            yield row


def clipped(share: int) -> Sample:
    """A sample's titles with many more episodes and placements, made now if it is not there."""
    home = HOME / f"clips-{share}"
    base = sample(TITLES // share)
    if not home.exists():
        unfinished = HOME / f"clips-{share}-unfinished"
        (unfinished / "catalog").mkdir(parents=True, exist_ok=True)
        for path in base.catalog.iterdir():
            if path.stem not in _SCALED:
                (unfinished / "catalog" / path.name).symlink_to(path)
        with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(HOME / "spill")}) as con:
            _write(con, unfinished / "catalog", base.catalog, share)
        (unfinished / "plan.json").write_text(json.dumps({"judged": base.judged}))
        unfinished.rename(home)
    return Sample(base.titles, home)


def _write(con: duckdb.DuckDBPyConnection, folder: Path, base: Path, share: int) -> None:
    """Episodes and placements by counting through the titles; the first title has a tenth of all placements."""
    numbered = "SELECT title_id, row_number() OVER (ORDER BY title_id) - 1 AS n"
    con.execute(f"CREATE TABLE t AS {numbered} FROM '{base}/titles.parquet'")
    (titles,) = con.execute("SELECT count(*) FROM t").fetchall()[0]
    con.execute(f"""
COPY (
    SELECT t.title_id, CAST(i // {titles} + 1 AS INTEGER) AS episode_no, 60 AS duration_s,
        'h' || i AS media_hash, i % 997 <> 0 AS ai_notice
    FROM range({EPISODES // share}) AS e (i) JOIN t ON t.n = i % {titles}
) TO '{folder}/episodes.parquet' (FORMAT parquet)""")
    con.execute(f"""
COPY (
    SELECT 'p' || i AS placement_id, t.title_id, (['feed', 'banner', 'search', 'push'])[i % 4 + 1] AS slot,
        TIMESTAMP '{AS_OF}' - to_hours(CAST(i % 900 AS INTEGER)) AS starts_at,
        CASE WHEN i % 3 <> 0 THEN TIMESTAMP '{AS_OF}' + to_hours(CAST(72 - i % 899 AS INTEGER)) END AS ends_at
    FROM range({PLACEMENTS // share}) AS e (i) JOIN t ON t.n = CASE WHEN i % 10 = 0 THEN 0 ELSE i % {titles} END
) TO '{folder}/placements.parquet' (FORMAT parquet)""")
