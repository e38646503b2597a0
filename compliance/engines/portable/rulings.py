"""Every title meets every rule in one SELECT: outcomes as bits, what was seen kept only where something was found."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.engines.bits import Bit, acting, big
from compliance.rules.to_sql import broken_facts_sql

SEEN = ("name", "producer", "form", "online_at")
"""Facts that reports and waivers need of a title with findings, beside what the rules show."""


def seen_facts(bits: Sequence[Bit]) -> list[str]:
    """The facts that a ruling keeps where something was found, sorted."""
    return sorted({*SEEN, *(fact for bit in bits for fact in bit.rule.evidence)})


def rulings_select(bits: Sequence[Bit]) -> str:
    """The relation `facts` as rulings, one row per title.

    Columns: title_id, platform, kind, stage, regime and tier (NULL for kind `drama`), permit, the masks applies, fails,
    unknown, blocks, holds (bit n stands for the rule with that number), broken (facts without a value that always have
    one), and `seen_<fact>` for each of `seen_facts` (NULL where no rule failed or is unknown).
    """
    asked = {fact for bit in bits for expression in bit.rule.expressions for fact in expression.facts}
    seen = ",\n    ".join(
        f"CASE WHEN fails <> 0 OR unknown <> 0 THEN {fact} END AS seen_{fact}" for fact in seen_facts(bits)
    )
    return f"""
SELECT title_id, platform, kind, stage,
    CASE WHEN kind = 'micro_drama' THEN regime END AS regime,
    CASE WHEN kind = 'micro_drama' THEN CAST(tier AS INTEGER) END AS tier,
    CASE WHEN kind = 'micro_drama' THEN permit END AS permit,
    applies, fails, unknown,
    {acting(bits, "block")} AS blocks,
    unknown | {acting(bits, "hold")} AS holds,
    broken,
    {seen}
FROM (
    SELECT f.*,
        {_mask(bits, "applies")} AS applies,
        {_mask(bits, "fails")} AS fails,
        {_mask(bits, "unknown")} AS unknown,
        {broken_facts_sql(asked)} AS broken
    FROM facts AS f
) AS r"""


def _mask(bits: Sequence[Bit], condition: str) -> str:
    """The bits of the rules for which the condition (applies, unknown, fails) holds."""
    terms = [
        f"(CASE WHEN {getattr(bit.sql, condition)} THEN {big(bit.mask)} ELSE {big(0)} END)"
        for bit in bits
        if getattr(bit.sql, condition) != "FALSE"
    ]
    return " | ".join(terms) or big(0)
