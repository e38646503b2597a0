"""Every title meets every rule in one pass: outcomes as bits, what was seen kept only where something was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from compliance.engines.bits import Bit, acting
from compliance.engines.duck.session import joined_as_written
from compliance.engines.duck.steps import literal
from compliance.errors import DEFECT, RunInvalidError
from compliance.language import worded
from compliance.rules.to_sql import broken_facts_sql

_FEW_VALUED = {
    "platform": "SELECT platform FROM platform_facts",
    "kind": "SELECT unnest(['micro_drama', 'drama'])",
    "stage": "SELECT unnest(['prepublish', 'on_air'])",
    "regime": "SELECT regime FROM law",
}
"""Texts of few different values, and where these are found: kept as numbers, or they would fill the memory."""


def create_rulings(con: duckdb.DuckDBPyConnection, bits: Sequence[Bit]) -> None:
    """Judge the relation `facts` into the table `rulings`, one row per title.

    Columns: title_id, platform, kind, stage, regime and tier (NULL for kind `drama`), permit, the masks applies, fails,
    unknown, blocks, holds (bit n stands for the rule with that number), and seen (JSON text of the facts that the rules
    show; NULL where no rule failed or is unknown).
    Raises RunInvalidError where a fact has no value that always has one.
    """
    shown = ", ".join(f"'{fact}', {fact}" for fact in sorted({fact for bit in bits for fact in bit.rule.evidence}))
    suspicious = _suspicious(bits)
    for column, values in _FEW_VALUED.items():
        con.execute(f"CREATE TYPE {column}_word AS ENUM (SELECT * FROM ({values}) UNION SELECT '')")
    with joined_as_written(con):  # the titles stream past the other relations
        con.execute(f"""
CREATE TEMP TABLE rulings AS
SELECT title_id, CAST(platform AS platform_word) AS platform,
    CASE kind WHEN 'drama' THEN CAST('drama' AS kind_word) ELSE CAST('micro_drama' AS kind_word) END AS kind,
    CASE stage WHEN 'on_air' THEN CAST('on_air' AS stage_word) ELSE CAST('prepublish' AS stage_word) END AS stage,
    CAST(CASE WHEN kind = 'micro_drama' THEN regime END AS regime_word) AS regime,
    CAST(CASE WHEN kind = 'micro_drama' THEN tier END AS TINYINT) AS tier,
    CASE WHEN kind = 'micro_drama' THEN permit END AS permit,
    applies, fails, unknown,
    CASE WHEN fails = 0 THEN 0 ELSE {acting(bits, "block")} END AS blocks,
    CASE WHEN fails = 0 THEN unknown ELSE unknown | {acting(bits, "hold")} END AS holds,
    CASE WHEN fails <> 0 OR unknown <> 0 THEN CAST(json_object({shown}) AS VARCHAR) END AS seen
FROM (
    SELECT *,
        {_mask(bits, "applies")} AS applies,
        CASE WHEN {suspicious} THEN {_mask(bits, "fails")} ELSE 0 END AS fails,
        CASE WHEN {suspicious} THEN {_mask(bits, "unknown")} ELSE 0 END AS unknown
    FROM facts
)""")
    # A fact without a value that always has one leaves a condition, and so its whole mask, without a value.
    (broken,) = con.execute(
        "SELECT count(*) FROM rulings WHERE applies IS NULL OR fails IS NULL OR unknown IS NULL"
    ).fetchall()[0]
    if broken:
        raise RunInvalidError(
            worded(
                f"{broken:,} 部剧目缺少必有的事实",
                f"{broken:,} titles have facts without a value that always have one",
            ),
            remedy=DEFECT(),
        )


def _mask(bits: Sequence[Bit], condition: str) -> str:
    """The bits of the rules for which the condition (applies, unknown, fails) holds."""
    return _by_kinds(bits, lambda own: _own_mask(own, condition), otherwise="0")


def _own_mask(bits: Sequence[Bit], condition: str) -> str:
    """The mask of rules of one kind: those that share a condition share a term."""
    masks: dict[str, int] = {}
    for bit in bits:
        sql = getattr(bit.sql, condition)
        masks[sql] = masks.get(sql, 0) | bit.mask
    masks.pop("FALSE", None)
    fixed = masks.pop("TRUE", 0)
    terms = [f"CAST({sql} AS BIGINT) * {mask}" for sql, mask in masks.items()]
    return " | ".join([f"{fixed}::BIGINT", *terms])


def _suspicious(bits: Sequence[Bit]) -> str:
    """Whether a rule fails or is unknown, or a fact has no value that always has one.

    As the condition of a CASE this costs a tenth of asking which ones; for most titles there are none to ask.
    """
    broken = broken_facts_sql(
        {fact for bit in bits for expression in bit.rule.expressions for fact in expression.facts}
    )
    found = _by_kinds(bits, lambda own: " OR ".join(f"({bit.sql.found})" for bit in own), otherwise="FALSE")
    return f"{broken} OR {found}"


def _by_kinds(bits: Sequence[Bit], of: Callable[[Sequence[Bit]], str], *, otherwise: str) -> str:
    """One expression for the rules of each kind of title."""
    groups: dict[tuple[str, ...], list[Bit]] = {}
    for bit in bits:
        groups.setdefault(bit.rule.kinds, []).append(bit)
    joined = " | " if otherwise == "0" else " OR "
    return (
        joined.join(
            f"CASE WHEN kind IN ({', '.join(map(literal, kinds))}) THEN {of(own)} ELSE {otherwise} END"
            for kinds, own in groups.items()
        )
        or otherwise
    )
