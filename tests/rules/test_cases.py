"""Every case of every rule, on every engine."""

from __future__ import annotations

from functools import cache

import pytest

from compliance.policy import Policy, load_policy
from compliance.rules.loading import load_rules
from tests.rules.engines import ENGINES, Rulings
from tests.rules.harness import Case, Catalog, catalogs, flawless_title, load_cases

RULES = load_rules()
CASES = load_cases()
CATALOGS = catalogs(CASES)
NOTHING_FOUND = ("nothing found", None)
"""What an audit says of a rule that a title passes or does not meet."""
CATALOG_OF = {case.title_id: number for number, catalog in enumerate(CATALOGS) for case in catalog.cases}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title_id)
def test_the_rule_rules_as_the_case_says(case: Case, engine: str) -> None:
    ruling, expected = ruling_and_expected(case, judged(engine, CATALOG_OF[case.title_id]))
    assert (case.name, ruling) == (case.name, expected)


def ruling_and_expected(case: Case, rulings: Rulings) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
    """What an engine says of a case, and what it must say."""
    ruling = rulings.get((case.title_id, case.rule), NOTHING_FOUND)
    silent = ruling == NOTHING_FOUND and case.outcome in ("pass", "not_applicable")
    return ruling, NOTHING_FOUND if silent else (case.outcome, case.action)


def wrongly_ruled(catalog: Catalog, rulings: Rulings) -> list[tuple[str, str, tuple[str, str | None]]]:
    """The cases of a catalog that an engine rules otherwise than they say."""
    pairs = [(case, *ruling_and_expected(case, rulings)) for case in catalog.cases]
    return [(case.rule, case.name, ruling) for case, ruling, expected in pairs if ruling != expected]


@pytest.mark.parametrize("engine", ENGINES)
def test_with_the_title_of_the_defaults_nothing_is_wrong(engine: str) -> None:
    (catalog,) = catalogs([flawless_title("flawless")])
    rulings = ENGINES[engine](catalog.relations, catalog.as_of, load_policy())
    assert {rule: ruling for (_, rule), ruling in rulings.items() if ruling[1] is not None} == {}


@cache
def judged(engine: str, number: int) -> Rulings:
    """The rulings of one engine on one catalog, asked once."""
    catalog = CATALOGS[number]
    return ENGINES[engine](catalog.relations, catalog.as_of, policy_of(catalog))


def policy_of(catalog: Catalog) -> Policy:
    """The shipped policy with the catalog's settings."""
    policy = load_policy()
    changed = {
        name: policy.settings[name].model_copy(update={"value": value}) for name, value in catalog.settings.items()
    }
    return policy.model_copy(update={"settings": {**policy.settings, **changed}})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_cases_of_every_outcome_that_it_can_have(rule) -> None:
    possible = {"pass", "fail"}
    possible |= {"unknown"} if rule.unknown_when is not None else set()
    possible |= {"not_applicable"} if rule.applies.text != "TRUE" or rule.kinds != ("micro_drama",) else set()
    assert {case.outcome for case in CASES if case.rule == rule.id} == possible


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_cases_of_every_action_that_it_can_ask_for(rule) -> None:
    possible = {action for action, _ in rule.choices()}
    assert {case.action for case in CASES if case.rule == rule.id and case.outcome == "fail"} == possible


def test_every_case_belongs_to_a_rule() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in RULES}


def test_only_what_fails_or_is_unknown_asks_for_an_action() -> None:
    wrong = [
        case.title_id
        for case in CASES
        if (case.action is not None) != (case.outcome in ("fail", "unknown"))
        or (case.outcome == "unknown" and case.action != "hold")
    ]
    assert wrong == []


def test_names_of_cases_are_unlike() -> None:
    names = [(case.rule, case.name) for case in CASES]
    assert len(set(names)) == len(names)
