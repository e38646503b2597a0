"""What identifies a rule under a policy: equal marks find the same at the same evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from compliance.policy import Policy
from compliance.rules.facts import HANGS_ON
from compliance.rules.model import Rule
from compliance.rules.under_policy import enabled_rules

_LISTS = {"regimes", "special_subjects", "placeholders"}
"""Parts of the policy beside its settings that facts hang on."""


def fingerprints(rules: Sequence[Rule], policy: Policy) -> dict[str, str]:
    """For each rule that is on, a mark that changes with its file, its actions, and all that it is judged by.

    That is what it asks of the policy itself, and what its facts hang on.
    """
    return {rule.id: _mark(rule, policy) for rule in enabled_rules(rules, policy)}


def _mark(rule: Rule, policy: Policy) -> str:
    asked = {*rule.parameters, *(part for fact in rule.facts for part in HANGS_ON.get(fact, ()))}
    settings = {name: policy.settings[name].value for name in asked if name in policy.settings}
    parts = [
        rule.path.read_text(encoding="utf-8") if rule.path is not None else repr(rule),
        repr(policy.actions.get(rule.id)),
        repr(sorted(settings.items())),
        policy.model_dump_json(include=asked & _LISTS),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
