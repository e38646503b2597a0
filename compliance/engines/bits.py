"""Rules as bits of 64-bit masks, by which every engine keeps a title's outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from compliance.errors import DEFECT, RunInvalidError
from compliance.language import worded
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.rules.to_sql import RuleSql, outcome_sql
from compliance.rules.under_policy import Value


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


def bits_of(
    rules: Sequence[Rule], parameters: Mapping[str, Value], policy: Policy, *, kind_known: bool = False
) -> tuple[Bit, ...]:
    """The rules in their order, each with a bit. Raises RunInvalidError for more rules than bits.

    `kind_known`: the conditions will be asked of titles of the rule's kinds alone.
    """
    if len(rules) > 62:  # a signed 64-bit mask
        raise RunInvalidError(
            worded(
                f"启用了 {len(rules)} 条规则，而一次运行最多 62 条",
                f"{len(rules)} rules are enabled, and an engine run holds 62",
            ),
            remedy=DEFECT(),
        )
    return tuple(
        Bit(number, rule, outcome_sql(rule, parameters, by_stage=policy.actions.get(rule.id), kind_known=kind_known))
        for number, rule in enumerate(rules)
    )


def acting(bits: Sequence[Bit], action: str) -> str:
    """SQL over the mask `fails`: the bits of the failed rules that ask for the action."""
    fixed = reduce(int.__or__, (bit.mask for bit in bits if bit.sql.fixed_action == action), 0)
    terms = [f"(fails & {big(fixed)})"]
    terms += [
        f"(CASE WHEN fails & {big(bit.mask)} <> {big(0)} AND {bit.sql.action} = '{action}'"
        f" THEN {big(bit.mask)} ELSE {big(0)} END)"
        for bit in bits
        if bit.sql.fixed_action is None
    ]
    return " | ".join(terms)


def big(number: int) -> str:
    """A 64-bit whole number as SQL of every engine."""
    return f"CAST({number} AS BIGINT)"
