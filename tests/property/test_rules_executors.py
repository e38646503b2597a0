"""A rule means the same in SQL and in Python, on every row of facts that its types allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.errors import RunInvalidError
from compliance.policy import load_policy
from compliance.policy.settings import StageActions
from compliance.rules.facts import FACTS, PARAMETERS, FactType
from compliance.rules.grammar import Vocabulary
from compliance.rules.language import FaultyExpressionError, parse_condition
from compliance.rules.loading import load_rules
from compliance.rules.model import Bilingual, Rule
from compliance.rules.to_python import Ruling, compile_rules
from compliance.rules.to_sql import broken_facts_sql, outcome_sql
from compliance.rules.under_policy import Value, parameter_values
from tests.property.fact_rows import AS_OF_DAYS, as_arrow, random_rows

RULES = load_rules()
POLICY = load_policy()
VOCABULARY = Vocabulary(FACTS, PARAMETERS)
ASKED = {"kind"}.union(*(expression.facts for rule in RULES for expression in rule.expressions))
JUDGE = compile_rules(RULES, parameter_values(POLICY, date(2026, 11, 22)))
SEEDS = st.integers(min_value=0, max_value=2**32)


def judged_by_sql(
    rules: Sequence[Rule],
    facts: pa.Table,
    parameters: Mapping[str, Value],
    actions: Mapping[str, StageActions],
) -> list[tuple[Ruling, ...]]:
    """Each row's rulings, asked of DuckDB."""
    columns = []
    for number, rule in enumerate(rules):
        sql = outcome_sql(rule, parameters, by_stage=actions.get(rule.id))
        columns.append(
            f"CASE WHEN ({sql.unknown}) AND ({sql.fails}) THEN 'both' WHEN {sql.unknown} THEN 'unknown hold'"
            f" WHEN {sql.fails} THEN 'fail ' || {sql.action} WHEN {sql.applies} THEN 'pass' WHEN NOT ({sql.applies})"
            f" THEN 'not_applicable' ELSE 'null' END AS r{number}"
        )
    with duckdb.connect() as connection:
        connection.register("facts", facts)
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM facts").fetchall()
    return [tuple(_ruling(word) for word in row) for row in rows]


def _ruling(words: str) -> Ruling:
    outcome, _, action = words.partition(" ")
    return Ruling(outcome, action or None)  # type: ignore[arg-type]  # whatever SQL says, to be compared


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_every_rule_judges_alike_in_sql_and_python(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random, 300)
    parameters = parameter_values(POLICY, random.choice(AS_OF_DAYS))
    actions = {
        rule.id: StageActions(on_air=random.choice(["warn", "hold", "block"])) for rule in random.sample(RULES, 4)
    }
    judge = compile_rules(RULES, parameters, actions)
    assert judged_by_sql(RULES, as_arrow(rows), parameters, actions) == [judge(row) for row in rows]


@settings(max_examples=3, deadline=None)
@given(seed=SEEDS)
def test_any_condition_that_loads_means_the_same_in_sql_and_python(seed: int) -> None:
    random = Random(seed)
    rules = [rule for number in range(150) if (rule := random_rule(random, number)) is not None]
    rows = random_rows(random, 60)
    parameters = parameter_values(POLICY, random.choice(AS_OF_DAYS))
    judge = compile_rules(rules, parameters)
    assert judged_by_sql(rules, as_arrow(rows), parameters, {}) == [judge(row) for row in rows]


def test_random_conditions_load_often_enough_to_try_the_language() -> None:
    random = Random(1)
    texts = [rule.fails.text for number in range(600) if (rule := random_rule(random, number)) is not None]
    words = (
        "CASE",
        "COALESCE",
        "IS NOT NULL",
        "DISTINCT",
        "BETWEEN",
        "IN (",
        "EXTRACT",
        "CAST",
        "NOT (",
        ":as_of",
        " + ",
    )
    assert [word for word in words if not any(word in text for text in texts)] == []
    assert len(texts) > 100


@pytest.mark.parametrize("fact", sorted(name for name in ASKED if not FACTS[name].nullable))
def test_a_fact_that_must_have_a_value_and_has_none_is_never_judged(fact: str) -> None:
    (row,) = random_rows(Random(fact), 1)
    row[fact] = None
    with duckdb.connect() as connection:
        connection.register("facts", as_arrow([row]))
        assert connection.execute(f"SELECT {broken_facts_sql(ASKED)} FROM facts").fetchall() == [(True,)]
    with pytest.raises(RunInvalidError, match=f"(?s)cannot be judged.*{fact}"):
        JUDGE(row)


def random_rule(random: Random, number: int) -> Rule | None:
    """A rule that always applies, with a random condition; None where the language refuses it (a fact unguarded)."""
    try:
        fails = parse_condition(_flag(random, 3), VOCABULARY)
    except FaultyExpressionError:
        return None
    always = parse_condition("TRUE", VOCABULARY)
    words = Bilingual("无", "none")
    return Rule(f"r{number}", words, "hold", "—", ("titles",), FACTS["kind"].values, always, fails, ("name",), words)


def _flag(random: Random, depth: int) -> str:
    if depth == 0:
        return random.choice(["TRUE", "FALSE", _fact(random, FactType.FLAG), _guarded(random), _safe(random)])
    shape = random.randrange(6)
    one, two = _flag(random, depth - 1), _flag(random, depth - 1)
    return [
        f"({one} AND {two})",
        f"({one} OR {two})",
        f"NOT ({one})",
        f"CASE WHEN {one} THEN {two} ELSE {_flag(random, depth - 1)} END",
        _guarded(random),
        _compared(random),
    ][shape]


def _guarded(random: Random) -> str:
    name = random.choice([name for name, fact in FACTS.items() if fact.nullable and fact.type is FactType.INTEGER])
    other = f"{name} {random.choice(['>', '<=', '<>', '='])} {_part(random, FactType.INTEGER)}"
    return random.choice([f"({name} IS NOT NULL AND {other})", f"({name} IS NULL OR {other})", f"{name} IS NOT NULL"])


def _safe(random: Random) -> str:
    name = random.choice([name for name, fact in FACTS.items() if fact.nullable])
    kind = FACTS[name].type
    if FACTS[name].values:
        return f"COALESCE({name}, '{FACTS[name].values[0]}') = '{random.choice(FACTS[name].values)}'"
    other = random.choice([other for other, fact in FACTS.items() if fact.type is kind and not fact.values])
    return f"{name} IS {random.choice(['', 'NOT '])}DISTINCT FROM {other}"


def _compared(random: Random) -> str:
    kind = random.choice([FactType.INTEGER, FactType.DAY])
    one, two, three = (_part(random, kind) for _ in range(3))
    operator = random.choice(["=", "<>", "<", "<=", ">", ">="])
    literals = {FactType.INTEGER: "(1, -2, 3)", FactType.DAY: "(DATE '2024-06-01', DATE '2026-09-01')"}[kind]
    return random.choice(
        [
            f"{one} {operator} {two}",
            f"{one} BETWEEN {two} AND {three}",
            f"{one} {random.choice(['', 'NOT '])}IN {literals}",
        ]
    )


def _part(random: Random, kind: FactType) -> str:
    fact = _fact(random, kind)
    nullable = random.choice([name for name, other in FACTS.items() if other.nullable and other.type is kind])
    if kind is FactType.INTEGER:
        return random.choice(
            [fact, "3", "-1", f"COALESCE({nullable}, 2)", f"({fact} + 1)", "EXTRACT(YEAR FROM online_on)",
             ":microdrama_first_year", f"CASE WHEN legacy THEN {fact} ELSE 7 END", f"{fact} - 2"]
        )  # fmt: skip
    return random.choice(
        [fact, ":as_of", "DATE '2026-09-01'", f"COALESCE({nullable}, :as_of)", ":as_of + 1", "online_on - 30",
         "CASE WHEN reviewed_at IS NULL THEN online_on ELSE CAST(reviewed_at AS DATE) END"]
    )  # fmt: skip


def _fact(random: Random, kind: FactType) -> str:
    return random.choice([name for name, fact in FACTS.items() if fact.type is kind and not fact.nullable])
