"""What identifies a rule under a policy: equal marks find the same at the same facts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.rules.under_policy import enabled_rules

_OF_REGIMES = {"regime", "tier", "first_screen_triggers", "episode_bound_s", "episode_count_bound", "special_subject"}
"""Facts that the regimes decide."""


def fingerprints(rules: Sequence[Rule], policy: Policy) -> dict[str, str]:
    """For each rule that is on, a mark that changes with its file, actions and settings, and with regimes it asks."""
    return {rule.id: _mark(rule, policy) for rule in enabled_rules(rules, policy)}


def _mark(rule: Rule, policy: Policy) -> str:
    settings = {name: policy.settings[name].value for name in rule.parameters if name in policy.settings}
    parts = [
        rule.path.read_text(encoding="utf-8") if rule.path is not None else repr(rule),
        repr(policy.actions.get(rule.id)),
        repr(sorted(settings.items())),
    ]
    if _OF_REGIMES & set(rule.facts):
        parts += [regime.model_dump_json() for regime in policy.regimes]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
