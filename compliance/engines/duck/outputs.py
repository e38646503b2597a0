"""The files of a run: verdicts, findings, block list, blocked placements, quarantine (contract, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from compliance.engines.bits import Bit
from compliance.engines.duck.steps import literal

_PARQUET = "(FORMAT parquet, COMPRESSION snappy, DICTIONARY_SIZE_LIMIT 200)"


def create_outputs(
    con: duckdb.DuckDBPyConnection,
    bits: Sequence[Bit],
    *,
    previous_lists: Sequence[Path],
    listed_at: datetime,
    carried: Path | None = None,
) -> None:
    """Make the relations `verdicts`, `block_list`, `blocked_placements` of the table `rulings`.

    Waivers have taken what they waive out of it.
    `carried` is a run whose verdicts and list stand for all titles but those of the table `affected_titles`.
    Of `previous_lists` the earliest `first_listed_at` is kept. `listed_at` is wall time in Asia/Shanghai.
    """
    _create_failed_rules(con, bits)
    _create_held(con)
    con.execute(f"""
CREATE TEMP VIEW verdicts AS
SELECT
    title_id,
    CASE WHEN blocks <> 0 THEN 'block' WHEN holds <> 0 THEN 'hold' ELSE 'allow' END AS decision,
    stage, CAST(tier AS TINYINT) AS tier, regime, permit, f.rules
FROM rulings JOIN failed_rules AS f USING (fails)
UNION ALL
SELECT title_id, 'hold', stage, NULL, NULL, NULL, CAST([] AS VARCHAR[]) FROM held
{_carried(carried, "verdicts", "*")}""")
    _create_block_list(con, previous_lists, listed_at, carried)
    con.execute("""
CREATE TEMP VIEW blocked_placements AS
SELECT p.placement_id, p.title_id, p.slot, b.rules
FROM active_placements AS p JOIN block_list AS b USING (title_id)
WHERE b.decision = 'block'""")


def _carried(run: Path | None, name: str, columns: str) -> str:
    """What is taken over from a run's output, to be added to a SELECT."""
    if run is None:
        return ""
    rows = f"(FROM read_parquet({literal(str(run / f'{name}.parquet'))}))"
    return f"UNION ALL SELECT {columns} FROM {rows} ANTI JOIN affected_titles USING (title_id)"


def drop_outputs(con: duckdb.DuckDBPyConnection) -> None:
    """Remove what `create_outputs` has made, so that it can make it again."""
    for view in ("blocked_placements", "verdicts"):
        con.execute(f"DROP VIEW temp.{view}")
    for table in ("block_list", "held", "failed_rules"):
        con.execute(f"DROP TABLE temp.{table}")


def write_outputs(con: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Write the relations into the folder, the block list as CSV too (rules parted by `;`).

    Returns how many verdicts were written.
    """
    judged = _copy(con, "FROM verdicts", folder / "verdicts.parquet", _PARQUET)
    _copy(con, "FROM findings", folder / "findings.parquet", _PARQUET)
    for name, order in (
        ("block_list", "title_id"),
        ("blocked_placements", "placement_id, title_id"),
        ("quarantine", "relation, title_id, reason, row"),
        ("waived", "title_id, rule"),
    ):
        _copy(con, f"FROM {name} ORDER BY {order}", folder / f"{name}.parquet", _PARQUET)
    listed = "SELECT * REPLACE (array_to_string(rules, ';') AS rules) FROM block_list ORDER BY title_id"
    _copy(con, listed, folder / "block_list.csv", "(FORMAT csv, HEADER)")
    return judged


def _copy(con: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> int:
    (rows,) = con.execute(f"COPY ({query}) TO {literal(str(path))} {options}").fetchall()[0]
    return int(rows)


def create_findings(con: duckdb.DuckDBPyConnection, bits: Sequence[Bit]) -> None:
    """`findings`: one row per title and rule that failed or is unknown, with what the rule saw as JSON text."""
    con.execute("CREATE TEMP TABLE found AS FROM rulings WHERE fails <> 0 OR unknown <> 0")
    # One statement, so that the rules' parts are made side by side.
    parts = [_NO_FINDING, *(_findings_of(bit) for bit in bits)]
    con.execute(f"CREATE TEMP TABLE findings AS {' UNION ALL '.join(parts)}")


_NO_FINDING = (
    "SELECT title_id, '' AS rule, '' AS outcome, '' AS action, CAST(stage AS VARCHAR) AS stage,"
    " CAST(regime AS VARCHAR) AS regime, '' AS clause, '' AS evidence FROM found WHERE FALSE"
)
"""Names and types of the columns."""


def _findings_of(bit: Bit) -> str:
    """The findings of one rule, from the table `found`."""
    paths = ", ".join(f"'$.{fact}'" for fact in bit.rule.evidence)
    seen = ", ".join(f"'{fact}', shown[{n}]" for n, fact in enumerate(bit.rule.evidence, start=1))
    return f"""
SELECT title_id, {literal(bit.rule.id)},
    CASE WHEN fails & {bit.mask} <> 0 THEN 'fail' ELSE 'unknown' END,
    CASE WHEN blocks & {bit.mask} <> 0 THEN 'block' WHEN holds & {bit.mask} <> 0 THEN 'hold' ELSE 'warn' END,
    stage, regime, {literal(bit.rule.clause)}, CAST(json_object({seen}) AS VARCHAR)
FROM (SELECT *, json_extract(seen, [{paths}]) AS shown FROM found WHERE (fails | unknown) & {bit.mask} <> 0)"""


def _create_failed_rules(con: duckdb.DuckDBPyConnection, bits: Sequence[Bit]) -> None:
    """`failed_rules`: the rule ids of each mask that occurs."""
    masks = [mask for (mask,) in con.execute("SELECT DISTINCT fails FROM rulings").fetchall()]
    con.execute("CREATE TEMP TABLE failed_rules (fails BIGINT, rules VARCHAR[])")
    if masks:
        rows = [(mask, [bit.rule.id for bit in bits if mask & bit.mask]) for mask in masks]
        con.executemany("INSERT INTO failed_rules VALUES (?, ?)", rows)


def _create_held(con: duckdb.DuckDBPyConnection) -> None:
    """`held`: titles with a quarantined row, with platform and stage as their own rows say.

    Of several rows with one key the one nearest to the audience tells the stage.
    """
    con.execute("""
CREATE TEMP TABLE held AS
SELECT title_id, min(platform) AS platform,
    CASE WHEN bool_or(status = 'online') THEN 'on_air' ELSE 'prepublish' END AS stage
FROM held_titles LEFT JOIN (
    SELECT title_id, row ->> 'platform' AS platform, row ->> 'status' AS status
    FROM quarantine WHERE relation = 'titles'
    UNION ALL
    SELECT title_id, platform, status FROM titles SEMI JOIN held_titles USING (title_id)
) USING (title_id)
GROUP BY title_id""")


def _create_block_list(
    con: duckdb.DuckDBPyConnection, previous_lists: Sequence[Path], listed_at: datetime, carried: Path | None
) -> None:
    previous = "SELECT NULL::VARCHAR AS title_id, NULL::TIMESTAMP AS first_listed_at WHERE FALSE"
    if previous_lists:
        files = literal([str(path) for path in previous_lists])
        previous = f"SELECT title_id, min(first_listed_at) AS first_listed_at FROM read_parquet({files}) GROUP BY ALL"
    con.execute(f"""
CREATE TEMP TABLE block_list AS
SELECT v.title_id, v.platform, v.decision, v.stage, v.rules, v.permit,
    COALESCE(p.first_listed_at, CAST({literal(listed_at.isoformat(sep=" "))} AS TIMESTAMP)) AS first_listed_at
FROM (
    SELECT title_id, platform, CASE WHEN blocks <> 0 THEN 'block' ELSE 'hold' END AS decision, stage, f.rules, permit
    FROM rulings JOIN failed_rules AS f USING (fails)
    WHERE blocks <> 0 OR (holds <> 0 AND stage = 'prepublish')
    UNION ALL
    SELECT title_id, platform, 'hold', stage, CAST([] AS VARCHAR[]), NULL FROM held
    {_carried(carried, "block_list", "title_id, platform, decision, stage, rules, permit")}
) AS v LEFT JOIN ({previous}) AS p USING (title_id)""")
