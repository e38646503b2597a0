"""What a later as-of day means to the rules: whether two days are alike to all of them.

Of each expression whatever holds no fact is worked out for both days. What then is left of the as-of day stands beside
facts, and makes the days unlike; but for a platform's last valid day, which is looked at platform by platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import duckdb
from sqlglot import exp

from compliance.embedded import connect
from compliance.policy import Policy
from compliance.rules.grammar import Node
from compliance.rules.model import Rule
from compliance.rules.to_sql import with_literals
from compliance.rules.under_policy import Value, parameter_values

ONLINE_DAY = "online_on"
_BY_PLATFORM = {"platform_valid_until"}
"""Facts that the day is compared with, and whose titles are found by `circumstances.platforms_touched`."""


def rules_of_the_day(rules: Sequence[Rule], before: Mapping[str, Value], now: Mapping[str, Value]) -> Iterator[str]:
    """The ids of the rules that may judge the same facts otherwise now. `before` and `now` are parameter values."""
    with connect() as con:
        for rule in rules:
            if "as_of" not in rule.parameters:
                continue
            asked = [expression.tree for expression in rule.expressions]
            if any(_worked_out(con, tree, before) != _worked_out(con, tree, now) for tree in asked):
                yield rule.id


def undated_alike(policy: Policy, rules: Sequence[Rule], before: date, now: date) -> bool:
    """Whether two as-of days mean the same for a draft without a date, whose online day is the as-of day.

    They do where no regime begins between them and no day that a setting names lies there, and no rule that asks for
    the online day itself tells them apart. That leaves what depends on the title's own rows, and is found there: the
    issue date of its number (`affected.issued_between`) and findings that show the day (`affected.shown_day`).
    """
    named = [period.from_ for regime in policy.regimes for period in regime.periods]
    named += [setting.value for setting in policy.settings.values() if isinstance(setting.value, date)]
    first, last = sorted((before, now))
    if any(first < day <= last for day in named):
        return False
    then, today = (parameter_values(policy, day) for day in (before, now))
    with connect() as con:
        trees = [
            expression.tree.transform(_undated)
            for rule in rules
            for expression in rule.expressions
            if any(column.name == ONLINE_DAY for column in expression.tree.find_all(exp.Column))
        ]
        return all(_worked_out(con, tree, then) == _worked_out(con, tree, today) for tree in trees)


def _undated(node: Node) -> Node:
    """The online day of a draft without one."""
    return exp.Placeholder(this="as_of") if isinstance(node, exp.Column) and node.name == ONLINE_DAY else node


def _worked_out(con: duckdb.DuckDBPyConnection, tree: Node, values: Mapping[str, Value]) -> str:
    """The expression as SQL, everything about the day worked out that can be."""

    def known(node: Node) -> Node:
        if not any(found.name == "as_of" for found in node.find_all(exp.Placeholder)):
            return node
        facts = {column.name for column in node.find_all(exp.Column)}
        if not facts:
            (value,) = con.execute(f"SELECT {with_literals(node, values).sql('duckdb')}").fetchall()[0]
            return exp.Literal.string(str(value))
        if isinstance(node, exp.Predicate) and not isinstance(node, exp.Connector) and facts <= _BY_PLATFORM:
            return exp.Placeholder(this="by_platform")
        return node

    return str(tree.transform(known).sql("duckdb"))
