"""The numbers of a run, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from compliance.engines.bits import Bit
from compliance.errors import DEFECT, RunInvalidError
from compliance.language import worded
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.verdicts.summary import RuleCounts

RULED = "platform, kind, stage, regime, tier, applies, fails, unknown, blocks, holds"
"""What titles are counted by."""


def create_ruled(con: duckdb.DuckDBPyConnection) -> None:
    """Make `ruled` of `rulings`: RULED, and `titles`, how many there are of each such ruling."""
    con.execute(f"CREATE TEMP TABLE ruled AS {ruled_select('rulings')}")


def ruled_select(rulings: str) -> str:
    """A SELECT of RULED and `titles` over a relation like `rulings`."""
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in ("platform", "kind", "stage", "regime"))
    return f"SELECT * REPLACE ({texts}) FROM (SELECT {RULED}, count(*) AS titles FROM {rulings} GROUP BY ALL)"


def count_rules(
    con: duckdb.DuckDBPyConnection, bits: Sequence[Bit], rules: Sequence[Rule], policy: Policy
) -> dict[str, RuleCounts]:
    """Counts for every rule there is, those that are off included."""
    rows = con.execute("SELECT applies, fails, unknown, CAST(sum(titles) AS BIGINT) FROM ruled GROUP BY ALL").fetchall()
    counts: dict[str, RuleCounts] = {}
    on = {bit.rule.id: bit.mask for bit in bits}
    for rule in rules:
        mask = on.get(rule.id, 0)
        counts[rule.id] = RuleCounts(
            evaluated=sum(number for applies, _, _, number in rows if applies & mask),
            fail=sum(number for _, fails, _, number in rows if fails & mask),
            unknown=sum(number for _, _, unknown, number in rows if unknown & mask),
            off=rule.id not in on,
            reason=policy.rules.off.get(rule.id),
        )
    return counts


def count_titles(con: duckdb.DuckDBPyConnection, rows: int) -> dict[str, int]:
    """The counts of the summary: titles, judged, offline, other, quarantined (rows of all relations), decisions.

    `unjudged` are the titles held for a quarantined row, without findings. Of the rows of titles without a verdict of
    their own there are `repeated` (further rows of one title_id) and `nameless` (rows without a title_id). `rows` are
    the catalog's rows of titles.
    Raises RunInvalidError where a title got lost between clean relation and ruling.
    """
    decisions = _counted(
        con,
        """
SELECT decision, CAST(sum(titles) AS BIGINT)
FROM (
    SELECT CASE WHEN blocks <> 0 THEN 'block' WHEN holds <> 0 THEN 'hold' ELSE 'allow' END AS decision, titles
    FROM ruled
    UNION ALL
    SELECT 'hold', count(*) FROM held
)
GROUP BY decision""",
    )
    kinds = _counted(
        con,
        """
SELECT CASE WHEN status = 'offline' THEN 'offline' WHEN kind = 'other' THEN 'other' ELSE 'judged' END, count(*)
FROM titles ANTI JOIN held_titles USING (title_id) GROUP BY ALL""",
    )
    (ruled, held, held_rows, quarantined), *_ = con.execute("""
SELECT
    (SELECT COALESCE(CAST(sum(titles) AS BIGINT), 0) FROM ruled),
    (SELECT count(*) FROM held),
    (SELECT count(*) FROM titles SEMI JOIN held_titles USING (title_id)),
    (SELECT count(*) FROM quarantine)""").fetchall()
    if ruled != kinds.get("judged", 0):
        raise RunInvalidError(
            worded(
                f"应判定 {kinds.get('judged', 0):,} 部剧目，实际判定 {ruled:,} 部",
                f"{kinds.get('judged', 0):,} titles were to be judged, and {ruled:,} were",
            ),
            remedy=DEFECT(),
        )
    bad = _counted(
        con,
        """
SELECT CASE
    WHEN row ->> 'status' = 'offline' THEN 'offline' WHEN row ->> 'kind' = 'other' THEN 'other'
    WHEN COALESCE(title_id, '') = '' THEN 'nameless' ELSE 'held' END, count(*)
FROM quarantine WHERE relation = 'titles' GROUP BY ALL""",
    )
    return {
        "titles": rows,
        "judged": ruled + held,
        "offline": kinds.get("offline", 0) + bad.get("offline", 0),
        "other": kinds.get("other", 0) + bad.get("other", 0),
        "quarantined": quarantined,
        **{decision: decisions.get(decision, 0) for decision in ("allow", "hold", "block")},
        "unjudged": held,
        "repeated": bad.get("held", 0) + held_rows - held,
        "nameless": bad.get("nameless", 0),
    }


def count_regimes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Judged micro-dramas by regime."""
    return _counted(
        con,
        "SELECT regime, CAST(sum(titles) AS BIGINT) FROM ruled WHERE regime IS NOT NULL GROUP BY ALL ORDER BY ALL",
    )


def _counted(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return dict(con.execute(query).fetchall())


def prove_list(con: duckdb.DuckDBPyConnection) -> None:
    """Raise RunInvalidError unless `block_list` has as many titles of each decision as belong on it.

    Those of an incremental audit come from two runs: an entry that is lost between them would release a title.
    """
    due = _counted(
        con,
        """
SELECT decision, CAST(sum(titles) AS BIGINT)
FROM (
    SELECT CASE WHEN blocks <> 0 THEN 'block' ELSE 'hold' END AS decision, titles
    FROM ruled WHERE blocks <> 0 OR holds <> 0 AND stage = 'prepublish'
    UNION ALL
    SELECT 'hold', count(*) FROM held
)
GROUP BY decision HAVING sum(titles) > 0""",
    )
    listed = _counted(con, "SELECT decision, count(*) FROM block_list GROUP BY decision")
    if due != listed:
        raise RunInvalidError(
            worded(
                f"名单应有 {due}，实有 {listed}；没有发布任何结果",
                f"the block list should have {due}, and has {listed}: nothing published",
            ),
            remedy=DEFECT(),
        )
