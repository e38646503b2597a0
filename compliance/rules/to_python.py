"""Rules as one Python function over the facts of one title, made of the same expressions as the SQL.

Since no part of an expression may be NULL unguarded, `and`, `or` and `if`, which stop early, come to SQL's results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from sqlglot import exp

from compliance.errors import DEFECT, RunInvalidError
from compliance.language import worded
from compliance.policy import Action
from compliance.policy.settings import StageActions
from compliance.rules.facts import FACTS, FactType
from compliance.rules.grammar import KIND, Node
from compliance.rules.language import Expression
from compliance.rules.model import Outcome, Rule
from compliance.rules.under_policy import Value


class Ruling(NamedTuple):
    """What became of one rule at one title, and the action it asks for, if it failed or is unknown."""

    outcome: Outcome
    action: Action | None


Judge = Callable[[Mapping[str, object]], tuple[Ruling, ...]]
"""Takes the facts of one title by name, gives a ruling for every rule in the order of the rules."""

_RULINGS: Final[Mapping[str, Ruling]] = {
    "NOT_APPLICABLE": Ruling("not_applicable", None),
    "PASS": Ruling("pass", None),
    "UNKNOWN": Ruling("unknown", "hold"),
    "FAIL_WARN": Ruling("fail", "warn"),
    "FAIL_HOLD": Ruling("fail", "hold"),
    "FAIL_BLOCK": Ruling("fail", "block"),
}


def compile_rules(
    rules: Sequence[Rule],
    parameters: Mapping[str, Value],
    actions: Mapping[str, StageActions] | None = None,
) -> Judge:
    """One function that judges a title by all the rules.

    `actions` are the policy's actions by rule id. The function raises RunInvalidError where a fact is None that may not
    be, and KeyError where one is missing.
    """
    by_stage = actions or {}
    rulings = [_ruling(rule, by_stage.get(rule.id)) for rule in rules]
    asked = {name for rule in rules for name in _asked(rule, by_stage.get(rule.id))}
    never_none = sorted(name for name in asked if not FACTS[name].nullable)
    source = "\n".join(
        [
            "def judge(facts):",
            *(f"    f_{name} = facts[{name!r}]" for name in sorted(asked)),
            f"    if None in ({''.join(f'f_{name}, ' for name in never_none)}):",
            "        raise broken(facts, never_none)",
            "    return (",
            *(f"        {ruling}," for ruling in rulings),
            "    )",
        ]
    )
    names: dict[str, Any] = {
        **_RULINGS,
        **{f"p_{name}": value for name, value in parameters.items()},
        "date": date,
        "timedelta": timedelta,
        "broken": _broken,
        "never_none": never_none,
    }
    exec(compile(source, "<rules>", "exec"), names)  # noqa: S102 - made above of checked expressions, no text of others
    judge: Judge = names["judge"]
    return judge


def _asked(rule: Rule, by_stage: StageActions | None) -> set[str]:
    conditions = [condition for _, condition in rule.choices(by_stage) if condition is not None]
    return {"kind"}.union(*(expression.facts for expression in (*rule.expressions, *conditions)))


def _broken(facts: Mapping[str, object], never_none: Sequence[str]) -> RunInvalidError:
    missing = [name for name in never_none if facts[name] is None]
    return RunInvalidError(
        worded(
            f"剧目 {facts.get('title_id')!r} 无法判定：缺少必有的事实",
            f"title {facts.get('title_id')!r} cannot be judged: facts without a value that always have one",
        ),
        problems=missing,
        remedy=DEFECT(),
    )


def _ruling(rule: Rule, by_stage: StageActions | None) -> str:
    """The rule as one Python expression that gives a Ruling."""
    conditions = [f"f_kind not in {rule.kinds!r}"]
    if rule.applies.tree != exp.true():
        conditions.append(f"not {_python(rule.applies.tree)}")
    unknown = f"UNKNOWN if {_python(rule.unknown_when.tree)} else " if rule.unknown_when is not None else ""
    *conditional, (last, _) = rule.choices(by_stage)
    failed = "".join(f"FAIL_{action.upper()} if {_condition(when)} else " for action, when in conditional)
    failed = f"({failed}FAIL_{last.upper()})"
    return f"NOT_APPLICABLE if {' or '.join(conditions)} else {unknown}{failed} if {_python(rule.fails.tree)} else PASS"


def _condition(expression: Expression | None) -> str:
    return "True" if expression is None else _python(expression.tree)


def _python(node: Node) -> str:
    """The part as a Python expression in brackets of its own."""
    return _WRITERS[type(node)](node)


def _two_sided(operator: str) -> Callable[[Node], str]:
    return lambda node: f"({_python(node.this)} {operator} {_python(node.expression)})"


def _between(node: Node) -> str:
    return f"({_python(node.args['low'])} <= {_python(node.this)} <= {_python(node.args['high'])})"


def _in(node: Node) -> str:
    return f"({_python(node.this)} in ({''.join(f'{_python(part)}, ' for part in node.expressions)}))"


def _case(node: Node) -> str:
    branches = (f"{_python(branch.args['true'])} if {_python(branch.this)} else " for branch in node.args["ifs"])
    return f"({''.join(branches)}{_python(node.args['default'])})"


def _coalesce(node: Node) -> str:
    *first, last = (_python(part) for part in (node.this, *node.expressions))
    return f"({''.join(f'{part} if {part} is not None else ' for part in first)}{last})"


def _arithmetic(operator: str) -> Callable[[Node], str]:
    def write(node: Node) -> str:
        right = _python(node.expression)
        if node.this.meta[KIND] is FactType.DAY:
            right = f"timedelta(days={right})"
        return f"({_python(node.this)} {operator} {right})"

    return write


def _cast(node: Node) -> str:
    if isinstance(node.this, exp.Literal):
        return f"date.fromisoformat({node.this.name!r})"
    return f"{_python(node.this)}.date()"


_WRITERS: Final[Mapping[type[Node], Callable[[Node], str]]] = {
    exp.Column: lambda node: f"f_{node.name}",
    exp.Placeholder: lambda node: f"p_{node.name}",
    exp.Literal: lambda node: repr(node.name) if node.is_string else str(int(node.name)),
    exp.Neg: lambda node: f"(-{_python(node.this)})",
    exp.Boolean: lambda node: repr(bool(node.this)),
    exp.Paren: lambda node: _python(node.this),
    exp.And: _two_sided("and"),
    exp.Or: _two_sided("or"),
    exp.Not: lambda node: f"(not {_python(node.this)})",
    exp.Is: lambda node: f"({_python(node.this)} is None)",
    exp.EQ: _two_sided("=="),
    exp.NEQ: _two_sided("!="),
    exp.NullSafeEQ: _two_sided("=="),
    exp.NullSafeNEQ: _two_sided("!="),
    exp.LT: _two_sided("<"),
    exp.LTE: _two_sided("<="),
    exp.GT: _two_sided(">"),
    exp.GTE: _two_sided(">="),
    exp.In: _in,
    exp.Between: _between,
    exp.Case: _case,
    exp.Coalesce: _coalesce,
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Extract: lambda node: f"{_python(node.expression)}.year",
    exp.Cast: _cast,
}
