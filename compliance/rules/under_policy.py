"""What a policy makes of the rules: which are on, and the values of their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy import Policy
from compliance.rules.facts import PARAMETERS, FactType
from compliance.rules.model import Rule

Value = bool | int | str | date
_PYTHON_TYPES: Mapping[FactType, type] = {
    FactType.DAY: date,
    FactType.INTEGER: int,
    FactType.TEXT: str,
    FactType.FLAG: bool,
}


def enabled_rules(rules: Sequence[Rule], policy: Policy) -> tuple[Rule, ...]:
    """The rules that the policy has not turned off, in their order.

    Raises ConfigurationError where it turns off every rule: what meets no rule would be allowed.
    """
    enabled = tuple(rule for rule in rules if rule.id not in policy.rules.off)
    if not enabled:
        raise ConfigurationError(
            worded(
                "全部规则都已停用：什么都不判定，等于全部放行",
                "every rule is off: nothing would be judged, and everything allowed",
            ),
            remedy=worded("[rules.off] 之外至少留一条规则", "leave at least one rule out of [rules.off]"),
        )
    return enabled


def needed_relations(rules: Sequence[Rule]) -> dict[str, list[str]]:
    """For each relation the ids of the rules that need it."""
    needed: dict[str, list[str]] = {}
    for rule in rules:
        for relation in rule.needs:
            needed.setdefault(relation, []).append(rule.id)
    return needed


def parameter_values(policy: Policy, as_of: date) -> dict[str, Value]:
    """The value of every parameter that a rule may ask.

    Raises ConfigurationError for settings that are missing or of a wrong type.
    """
    values: dict[str, Value] = {"as_of": as_of}
    problems: list[str] = []
    for name, kind in PARAMETERS.items():
        if name in values:
            continue
        value = policy.settings[name].value if name in policy.settings else None
        if value is None or isinstance(value, float) or type(value) is not _PYTHON_TYPES[kind]:
            problems.append(f"[settings.{name}] must be a {kind.value}, not {value!r}")
        else:
            values[name] = value
    if problems:
        raise ConfigurationError(
            worded("政策缺少规则所需的设置", "the rules need settings that the policy does not give"), problems=problems
        )
    return values
