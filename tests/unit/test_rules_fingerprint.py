"""A rule's mark changes with all that it is judged by: else what a policy lets go would be told as cured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pytest

from compliance.policy import Policy, load_policy
from compliance.policy.settings import RuleSettings, Setting, StageActions
from compliance.resources import sql_folder
from compliance.rules.facts import FACTS, HANGS_ON
from compliance.rules.fingerprint import fingerprints
from compliance.rules.loading import load_rules
from tests.titles import with_setting

RULES, POLICY = load_rules(), load_policy()
MARKS = fingerprints(RULES, POLICY)

JUDGES_NOTHING: Mapping[str, str] = {
    "register_shrink_share": "an import is refused by it",
    "register_shrink_rows": "an import is refused by it",
    "register_misplaced_share": "an import is refused by it",
    "dossier_synopsis_characters": "of dossiers, which no rule asks for",
    "standing_warn_days": "when a platform is reminded",
    "state_fresh_days": "how long single titles are released by a state, whatever the rules say of them",
}


def other_value(setting: Setting) -> object:
    value, (least, _) = setting.value, setting.bounds
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return next(choice for choice in setting.choices if choice != value)
    return value + timedelta(days=1) if isinstance(value, date) else value / 2 if value != least else value + 1


def changed_by(policy: Policy) -> set[str]:
    marks = fingerprints(RULES, policy)
    return {rule for rule, mark in MARKS.items() if marks.get(rule) != mark}


def changed_by_setting(name: str) -> set[str]:
    return changed_by(with_setting(name, other_value(POLICY.settings[name])))


@pytest.mark.parametrize("name", POLICY.settings)
def test_every_setting_that_judges_changes_a_mark(name: str) -> None:
    assert bool(changed_by_setting(name)) != (name in JUDGES_NOTHING)


def test_a_setting_changes_the_marks_of_the_rules_that_it_acts_in() -> None:
    assert {rule.id for rule in RULES if "register_stale" in rule.facts} == changed_by_setting("register_fresh_days")
    assert {"permit-missing", "legacy-unfiled"} <= changed_by_setting("legacy_before")
    assert {"permit-below-tier", "not-a-micro-drama"} <= changed_by_setting("grandfathering")
    assert {"ai-notice-missing"} == changed_by_setting("ai_notice_from")


def other_parts() -> Iterator[tuple[str, Mapping[str, object], str]]:
    """Parts of the policy beside its settings, changed, and a rule that this concerns."""
    amount = POLICY.regimes[-1].periods[-1].model_copy(update={"tier_1_from_yuan": 900_000})
    regime = POLICY.regimes[-1].model_copy(update={"periods": (*POLICY.regimes[-1].periods[:-1], amount)})
    yield "an amount", {"regimes": (*POLICY.regimes[:-1], regime)}, "permit-below-tier"
    yield "subjects", {"special_subjects": POLICY.special_subjects[1:]}, "private-upload-special-subject"
    yield "subjects and tiers", {"special_subjects": POLICY.special_subjects[1:]}, "permit-below-tier"
    yield "examples", {"placeholders": POLICY.placeholders[1:]}, "permit-placeholder"
    yield "an action", {"actions": {"label-stale": StageActions(on_air="warn")}}, "label-stale"
    yield "a rule that is off", {"rules": RuleSettings(off={"label-stale": "for a test"})}, "label-stale"


@pytest.mark.parametrize(
    ("values", "rule"), [part[1:] for part in other_parts()], ids=[part[0] for part in other_parts()]
)
def test_every_other_part_that_judges_changes_the_mark(values: Mapping[str, object], rule: str) -> None:
    assert rule in changed_by(POLICY.model_copy(update=values))


def test_what_judges_nothing_changes_no_mark() -> None:
    setting = POLICY.settings["legacy_before"].model_copy(update={"source": "elsewhere"})
    same = {"settings": {**POLICY.settings, "legacy_before": setting}, "revision": "another"}
    assert set() == changed_by(POLICY.model_copy(update=same))


def test_facts_hang_on_parts_of_the_policy_that_there_are() -> None:
    assert set(FACTS) >= set(HANGS_ON)
    parts = {part for hung_on in HANGS_ON.values() for part in hung_on}
    assert parts <= {*POLICY.settings, "regimes", "special_subjects", "placeholders"}


def test_what_the_steps_ask_of_the_policy_is_told_of_a_fact_or_asked_by_a_rule() -> None:
    asked_by_rules = {name for rule in RULES for name in rule.parameters}
    told = asked_by_rules | {part for hung_on in HANGS_ON.values() for part in hung_on}
    steps = [path.read_text(encoding="utf-8") for path in (sql_folder() / "facts").rglob("*.sql")]
    assert {name for name in POLICY.settings if any(f":{name}" in step for step in steps)} <= told
