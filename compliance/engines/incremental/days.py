"""What a later as-of day means to the rules: whether two days are alike to all of them.

Of each expression whatever holds no fact is worked out for both days. What then is left of the as-of day stands beside
facts, and makes the days unlike; but for a platform's last valid day, which is looked at platform by platform.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
from sqlglot import exp

from compliance.rules.grammar import Node
from compliance.rules.model import Rule
from compliance.rules.to_sql import with_literals
from compliance.rules.under_policy import Value

_BY_PLATFORM = {"platform_valid_until"}
"""Facts that the day is compared with, and whose titles are found by `circumstances.platforms_touched`."""


def rules_of_the_day(rules: Sequence[Rule], before: Mapping[str, Value], now: Mapping[str, Value]) -> Iterator[str]:
    """The ids of the rules that may judge the same facts otherwise now. `before` and `now` are parameter values."""
    with duckdb.connect() as con:
        for rule in rules:
            if "as_of" not in rule.parameters:
                continue
            asked = [expression.tree for expression in rule.expressions]
            if any(_worked_out(con, tree, before) != _worked_out(con, tree, now) for tree in asked):
                yield rule.id


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
