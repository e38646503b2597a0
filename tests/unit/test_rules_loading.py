"""Rule files: what loads, and how everything that is wrong with them is told."""

from pathlib import Path

import pytest
from sqlglot import exp

from compliance.catalog.schema import RELATIONS
from compliance.errors import EXIT_USAGE, ConfigurationError
from compliance.policy import load_policy
from compliance.policy.settings import StageActions
from compliance.resources import sql_folder
from compliance.rules.facts import FACTS
from compliance.rules.loading import load_rules
from compliance.rules.model import Bilingual
from compliance.rules.to_sql import outcome_sql
from compliance.rules.under_policy import enabled_rules, parameter_values

SHIPPED = load_rules()
RULE = """---
id: sample
title: {zh: 样例, en: a sample}
action: block
clause: 35号三.2
needs: [titles]
applies: tier IS NOT NULL
unknown_when: declared_tier IS NULL
evidence: [tier, declared_tier]
remedy:
  zh: 更正
  en: correct it
unknown_title: {zh: 无从判断, en: nobody can tell}
unknown_remedy: {zh: 补全, en: complete it}
---
-- lower than it should be
declared_tier > tier
"""

ACTIONS_OF_THE_CONTRACT = {
    "block": """
        permit-missing legacy-unfiled permit-malformed permit-placeholder permit-not-accepted permit-below-tier
        permit-unregistered permit-inactive permit-title-mismatch permit-year-implausible other-platform-number
        number-on-several-titles platform-unqualified label-missing label-differs ai-notice-missing
        """,
    "hold": """
        issuer-unknown review-missing reshow-unreviewed tier-unknown first-screen-unreviewed
        private-upload-special-subject not-a-micro-drama unmarked-micro-drama label-stale label-unreadable
        label-title-differs
        """,
    "warn": "permit-producer-mismatch permit-after-online same-operator-number tier-under-declared",
}


def problems(folder: Path, **files: str) -> tuple[str, ...]:
    """The problems told of these rule files (`a_b` stands for a-b.sql)."""
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_rules(folder)
    assert raised.value.exit_code == EXIT_USAGE
    return raised.value.problems


def test_the_shipped_rules_are_those_of_the_contract_with_their_actions() -> None:
    expected = {rule: action for action, rules in ACTIONS_OF_THE_CONTRACT.items() for rule in rules.split()}
    assert {rule.id: rule.action for rule in SHIPPED} == expected


def test_only_two_rules_are_ever_softer() -> None:
    softer = {rule.id: [(choice.action, choice.when.text) for choice in rule.softer] for rule in SHIPPED if rule.softer}
    assert softer == {
        "label-differs": [("hold", "NOT label_differs_shown")],
        "legacy-unfiled": [("warn", ":as_of <= :legacy_deadline")],
    }


def test_a_drama_meets_one_rule_alone() -> None:
    assert [rule.id for rule in SHIPPED if "drama" in rule.kinds] == ["unmarked-micro-drama"]
    assert all(rule.kinds == ("micro_drama",) for rule in SHIPPED if rule.id != "unmarked-micro-drama")


def test_rules_come_sorted_by_id() -> None:
    ids = [rule.id for rule in SHIPPED]
    assert ids == sorted(ids)


def test_rules_need_the_relations_that_their_facts_come_from() -> None:
    sources = {"label_": "labels", "episodes_": "episodes", "first_screen": "placements", "register": "register"}
    missing = [
        (rule.id, relation)
        for rule in SHIPPED
        for prefix, relation in sources.items()
        for name in {name for expression in rule.expressions for name in expression.facts} - {"first_screen_triggers"}
        if name.startswith(prefix) and relation not in rule.needs
    ]
    assert missing == []


def test_only_these_rules_need_an_optional_relation() -> None:
    always = {"titles", "register", "platforms"}
    needs = {rule.id: set(rule.needs) - always for rule in SHIPPED if set(rule.needs) - always}
    assert needs == {
        "ai-notice-missing": {"episodes"},
        "first-screen-unreviewed": {"placements"},
        "label-differs": {"labels"},
        "label-missing": {"labels"},
        "label-stale": {"labels", "episodes"},
        "label-title-differs": {"labels"},
        "label-unreadable": {"labels"},
    }


def test_the_facts_that_a_rule_decides_by_are_among_its_evidence() -> None:
    """A finding shows what it rests on; what is only asked to tell whether the rule applies may stay out."""
    hidden = {
        (rule.id, name)
        for rule in SHIPPED
        for name in rule.fails.facts - set(rule.evidence)
        if name not in DERIVED_FROM_EVIDENCE
    }
    assert hidden == set()


DERIVED_FROM_EVIDENCE = {
    "permit_blank", "permit_parsed", "permit_placeholder", "register_name_equal", "producer_equal", "issuer_is_own",
    "special_subject", "label_title_differs", "register_issued_late", "notice_missing",
}  # fmt: skip
"""Flags over other facts that are shown in their stead, such as both names in place of their equality."""


def test_a_rule_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "sample.sql").write_text(RULE, encoding="utf-8")
    (rule,) = load_rules(tmp_path)
    assert (rule.id, rule.title, rule.action, rule.clause) == (
        "sample",
        Bilingual("样例", "a sample"),
        "block",
        "35号三.2",
    )
    assert (rule.needs, rule.kinds, rule.evidence) == (("titles",), ("micro_drama",), ("tier", "declared_tier"))
    assert (rule.applies.text, rule.remedy["zh"], rule.remedy["en"]) == ("tier IS NOT NULL", "更正", "correct it")
    assert (rule.facts, rule.parameters) == (("declared_tier", "tier"), ())


def test_a_folder_without_rules_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no rules in"):
        load_rules(tmp_path)


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        sample=RULE.replace("action: block", "action: bloc").replace(
            "declared_tier > tier", "declared_teir > UPPER(name)"
        ),
        other=RULE.replace("clause: 35号三.2\n", "").replace("needs: [titles]", "needs: [title]"),
    )
    assert told == (
        "other.sql:1:1: the key 'clause' is missing",
        "other.sql:2:5: the id 'sample' must be the file's name, 'other'",
        f"other.sql:5:9: needs 'title' is none of {', '.join(RELATIONS)}; did you mean 'titles'?",
        "sample.sql:4:9: action 'bloc' is none of warn, hold, block; did you mean 'block'?",
        "sample.sql:17:1: unknown fact 'declared_teir'; did you mean 'declared_tier'?",
        "sample.sql:17:17: UPPER is not part of the rule language, which knows only comparison, AND, OR, NOT, "
        "IS [NOT] NULL, IS [NOT] DISTINCT FROM, IN, BETWEEN, CASE, COALESCE, + -, EXTRACT(YEAR FROM …), "
        "CAST(… AS DATE), literals, facts and :parameters",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ("tier IS NOT NULL", "teir IS NOT NULL", "7:10: unknown fact 'teir'"),
        ("tier IS NOT NULL", "'teir IS NOT NULL'", "7:11: unknown fact 'teir'"),
        ("applies: tier", "applies: |\n    legacy OR\n      teir IS NULL OR tier", "9:7: unknown fact 'teir'"),
        ("applies: tier", "applies:\n    legacy OR\n      tier", "must stand on one line"),
        ("tier IS NOT NULL", "legacy", "tier may be NULL here"),
        ("declared_tier IS NULL", "legacy", "declared_tier may be NULL here"),
        ("evidence: [tier", "evidence: [teir", "9:12: evidence 'teir' is none of"),
        ("evidence: [tier", "evidence: [tier, tier", "evidence names a word twice"),
        ("evidence: [tier, declared_tier]", "evidence: tier", "evidence must be a list"),
        ("  en: correct it\n", "", "remedy must have exactly the keys zh, en"),
        ("zh: 更正", "zh: ''", "remedy, zh must be a text that is not empty"),
        ("unknown_title: {zh: 无从判断, en: nobody can tell}\n", "", "1:1: the key 'unknown_title' is missing"),
        ("unknown_when: declared_tier IS NULL\n", "", "unknown_title without unknown_when"),
        ("clause: ", "clauses: ", "5:1: unknown key 'clauses'; did you mean 'clause'?"),
        ("action: block\n", "action: block\naction: hold\n", "5:1: the key 'action' stands twice"),
        ("action: block\n", "action: block\nkinds: [other]\n", "kinds 'other' is none of micro_drama, drama"),
        ("action: block\n", "action: warn\nsofter: [{action: hold, when: legacy}]\n", "an action softer than warn"),
        (
            "action: block\n",
            "action: block\nsofter: [{action: hold}]\n",
            "softer must have exactly the keys action, when",
        ),
        ("action: block\n", "action: block\nsofter: hold\n", "softer must be a list"),
        ("action: block\n", "action: block\nsofter: [{action: hold, when: lagacy}]\n", "unknown fact 'lagacy'"),
        ("title: {", "title: [", "the front matter is no YAML"),
        ("---\nid", "id", "a rule file begins with front matter"),
        ("-- lower than it should be\ndeclared_tier > tier", "", "there is no condition"),
        ("declared_tier > tier", "", "one condition is expected, 0 stand here"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, was: str, becomes: str, problem: str) -> None:
    assert problem in "\n".join(problems(tmp_path, sample=RULE.replace(was, becomes)))


def test_a_file_that_is_no_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "sample.sql").write_bytes("规则".encode("gbk"))
    assert "cannot be read as UTF-8" in problems(tmp_path)[0]


def test_a_policy_can_turn_rules_off() -> None:
    policy = load_policy()
    off = policy.model_copy(update={"rules": policy.rules.model_copy(update={"off": {"label-stale": "no hashes yet"}})})
    assert {rule.id for rule in SHIPPED} - {rule.id for rule in enabled_rules(SHIPPED, off)} == {"label-stale"}


def test_a_policy_that_leaves_no_rule_on_is_refused() -> None:
    policy = load_policy()
    every = {rule.id: "too many findings" for rule in SHIPPED}
    off = policy.model_copy(update={"rules": policy.rules.model_copy(update={"off": every})})
    with pytest.raises(ConfigurationError, match="nothing would be judged"):
        enabled_rules(SHIPPED, off)


def test_a_setting_of_a_wrong_type_is_refused() -> None:
    policy = load_policy()
    wrong = policy.settings["legacy_deadline"].model_copy(update={"value": "2024-06-30"})
    broken = policy.model_copy(update={"settings": {**policy.settings, "legacy_deadline": wrong}})
    with pytest.raises(ConfigurationError) as raised:
        parameter_values(broken, policy.day("legacy_before"))
    assert raised.value.problems == ("[settings.legacy_deadline] must be a day, not '2024-06-30'",)


def test_the_sql_of_a_rule_asks_each_part_in_order(tmp_path: Path) -> None:
    (tmp_path / "sample.sql").write_text(RULE, encoding="utf-8")
    (rule,) = load_rules(tmp_path)
    sql = outcome_sql(rule, {}, kind_known=True)
    assert (sql.applies, sql.unknown) == ("NOT tier IS NULL", "NOT tier IS NULL AND declared_tier IS NULL")
    assert sql.fails == "(NOT tier IS NULL AND NOT declared_tier IS NULL) AND declared_tier > tier"
    assert (sql.action, sql.fixed_action) == ("'block'", "block")


def test_the_policy_can_change_an_action_at_a_stage() -> None:
    rule = next(rule for rule in SHIPPED if rule.id == "label-differs")
    sql = outcome_sql(rule, {}, by_stage=StageActions(on_air="warn"))
    assert sql.fixed_action is None
    assert sql.action == (
        "CASE WHEN stage = 'on_air' THEN 'warn' WHEN NOT label_differs_shown THEN 'hold' ELSE 'block' END"
    )


def test_no_rule_file_holds_a_day_or_an_amount_of_the_law() -> None:
    """Days and amounts are settings: a rule asks `:name`."""
    literals = {
        (rule.id, literal.name)
        for rule in SHIPPED
        for expression in rule.expressions
        for literal in expression.tree.find_all(exp.Literal)
        if not literal.is_string and int(literal.name) > 1
    }
    assert literals == set()


def test_every_fact_that_rules_name_is_of_the_vocabulary() -> None:
    assert {name for rule in SHIPPED for name in rule.facts} <= set(FACTS)


def test_the_rules_travel_with_the_program() -> None:
    assert {rule.path for rule in SHIPPED} == set((sql_folder() / "rules").glob("*.sql"))
