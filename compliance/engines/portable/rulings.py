"""Every title meets every rule in one SELECT: outcomes as bits, what was seen kept only where something was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from compliance.errors import RunInvalidError
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.rules.to_sql import RuleSql, broken_facts_sql, outcome_sql
from compliance.rules.under_policy import Value

SEEN = ("name", "producer", "form", "online_at")
"""Facts that reports and waivers need of a title with findings, beside what the rules show."""


@dataclass(frozen=True, slots=True)
class Bit:
    """A rule with its place in the masks and its conditions in DuckDB's SQL."""

    number: int
    rule: Rule
    sql: RuleSql

    @property
    def mask(self) -> int:
        """The rule's bit."""
        return 1 << self.number


def bits_of(rules: Sequence[Rule], parameters: Mapping[str, Value], policy: Policy) -> tuple[Bit, ...]:
    """The rules in their order, each with a bit. Raises RunInvalidError for more rules than bits."""
    if len(rules) > 62:  # a signed 64-bit mask
        raise RunInvalidError(f"{len(rules)} rules are enabled, and an engine run holds 62")
    return tuple(
        Bit(number, rule, outcome_sql(rule, parameters, by_stage=policy.actions.get(rule.id)))
        for number, rule in enumerate(rules)
    )


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
    {_acting(bits, "block")} AS blocks,
    unknown | {_acting(bits, "hold")} AS holds,
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
        f"(CASE WHEN {getattr(bit.sql, condition)} THEN {_big(bit.mask)} ELSE {_big(0)} END)"
        for bit in bits
        if getattr(bit.sql, condition) != "FALSE"
    ]
    return " | ".join(terms) or _big(0)


def _acting(bits: Sequence[Bit], action: str) -> str:
    """The bits of the failed rules that ask for the action."""
    fixed = reduce(int.__or__, (bit.mask for bit in bits if bit.sql.fixed_action == action), 0)
    terms = [f"(fails & {_big(fixed)})"]
    terms += [
        f"(CASE WHEN fails & {_big(bit.mask)} <> {_big(0)} AND {bit.sql.action} = '{action}'"
        f" THEN {_big(bit.mask)} ELSE {_big(0)} END)"
        for bit in bits
        if bit.sql.fixed_action is None
    ]
    return " | ".join(terms)


def _big(number: int) -> str:
    return f"CAST({number} AS BIGINT)"
