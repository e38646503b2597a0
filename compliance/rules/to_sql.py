"""Rules as SQL: boolean expressions over columns that are named as the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from compliance.policy import Action
from compliance.policy.settings import StageActions
from compliance.rules.facts import FACTS
from compliance.rules.grammar import Node
from compliance.rules.model import Choices, Rule
from compliance.rules.under_policy import Value


@dataclass(frozen=True, slots=True)
class RuleSql:
    """One rule in the words of one engine.

    The conditions are never NULL where no fact is NULL that may not be (`broken_facts_sql` tells).
    """

    applies: str
    unknown: str
    """Applies, and cannot be decided."""
    fails: str
    """Applies, can be decided, and fails."""
    found: str
    """Is unknown or fails: what holds for few titles stands first, which is cheap to ask of many."""
    action: str
    """The action (`block`, `hold`, `warn`) as a text expression; of meaning where the rule fails."""
    fixed_action: Action | None
    """The action, where it is the same for every title."""


def outcome_sql(
    rule: Rule,
    parameters: Mapping[str, Value],
    *,
    by_stage: StageActions | None = None,
    kind_known: bool = False,
    dialect: str = "duckdb",
) -> RuleSql:
    """The rule as SQL of a dialect (SQLGlot's names), the parameters written as literals.

    `by_stage` are the policy's actions for this rule. `kind_known`: the rows are of the rule's kinds alone, so that the
    conditions need not ask.
    """

    def bound(tree: Node) -> exp.Expr:
        return with_literals(tree, parameters)

    applies = bound(rule.applies.tree)
    if not kind_known:
        kinds = [exp.Literal.string(kind) for kind in rule.kinds]
        of_kind = exp.column("kind").eq(kinds[0]) if len(kinds) == 1 else exp.column("kind").isin(*kinds)
        applies = of_kind if applies == exp.true() else exp.and_(of_kind, applies)
    unknown = exp.false() if rule.unknown_when is None else exp.and_(applies, bound(rule.unknown_when.tree))
    decided = applies if rule.unknown_when is None else exp.and_(applies, exp.not_(bound(rule.unknown_when.tree)))
    body = bound(rule.fails.tree)
    rare = body if rule.unknown_when is None else exp.or_(bound(rule.unknown_when.tree), body)
    choices = rule.choices(by_stage)
    return RuleSql(
        applies=applies.sql(dialect),
        unknown=unknown.sql(dialect),
        fails=(body if decided == exp.true() else exp.and_(decided, body)).sql(dialect),
        found=(rare if applies == exp.true() else exp.and_(rare, applies)).sql(dialect),
        action=_first_that_holds(choices, parameters).sql(dialect),
        fixed_action=choices[0][0] if len({action for action, _ in choices}) == 1 else None,
    )


def broken_facts_sql(facts: Iterable[str], dialect: str = "duckdb") -> str:
    """A condition that is true where one of these facts is NULL that may not be: such a row must not be judged."""
    never_null = [exp.column(name).is_(exp.null()) for name in sorted(facts) if not FACTS[name].nullable]
    return exp.or_(exp.false(), *never_null).sql(dialect)


def _first_that_holds(choices: Choices, parameters: Mapping[str, Value]) -> Node:
    """The action of the first choice whose condition holds, as text."""
    *conditional, (last, _) = choices
    otherwise: Node = exp.Literal.string(last)
    if not conditional:
        return otherwise
    case = exp.Case(default=otherwise)
    for action, condition in conditional:
        if condition is not None:
            case = case.when(with_literals(condition.tree, parameters), exp.Literal.string(action))
    return case


def with_literals(tree: Node, parameters: Mapping[str, Value]) -> Node:
    """A copy of the expression with every parameter written out."""
    return tree.transform(lambda node: _literal(parameters[node.name]) if isinstance(node, exp.Placeholder) else node)


def _literal(value: Value) -> Node:
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "date")
    return exp.convert(value)
