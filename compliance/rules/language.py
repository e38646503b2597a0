"""The language of rules: a small, typed, portable part of SQL, checked when a rule is loaded.

Allowed: comparison, AND, OR, NOT, IS [NOT] NULL, IS [NOT] DISTINCT FROM, [NOT] IN (literals), [NOT] BETWEEN,
CASE WHEN … ELSE … END, COALESCE, + and - on integers and of integers to days, EXTRACT(YEAR FROM day),
CAST(instant AS DATE), literals (DATE '2026-01-01', integers, 'words', TRUE, FALSE), facts and :parameters.
Everything else is refused: what is not allowed cannot differ between engines.

No result can be NULL. A fact that may be NULL stands only in IS [NOT] NULL, IS [NOT] DISTINCT FROM and COALESCE, or
where a condition before it (to its left under AND, OR or CASE, or asked earlier in the rule) leaves no NULL: so SQL's
three-valued logic never decides a case, and executors that stop early and those that do not come to the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from compliance.rules.facts import FactType
from compliance.rules.grammar import Fault, Node, TypeFinder, Vocabulary
from compliance.rules.nulls import Known, implied, null_problems


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression over facts and parameters."""

    text: str
    tree: Node
    facts: frozenset[str]
    parameters: frozenset[str]


class FaultyExpressionError(Exception):
    """An expression that is not of the language. Carries every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in self.faults))


def parse_condition(text: str, vocabulary: Vocabulary, known: Known = frozenset()) -> Expression:
    """Parse and check one boolean expression.

    `known` names nullable facts that are not NULL where this expression is asked, because of what was asked before it.
    Raises FaultyExpressionError with all faults found.
    """
    tree = _parse(text)
    finder = TypeFinder(text, vocabulary)
    kind = finder.check(tree)
    if kind is not None and kind.type is not FactType.FLAG:
        finder.fault(tree, f"the whole is of type {kind.type.value}, but a condition is true or false")
    if not finder.faults:
        for node, message in null_problems(tree, known, vocabulary.nullable):
            finder.fault(node, message)
    if finder.faults:
        raise FaultyExpressionError(finder.faults)
    return Expression(
        text=text.strip(),
        tree=tree,
        facts=frozenset(column.name for column in tree.find_all(exp.Column)),
        parameters=frozenset(placeholder.name for placeholder in tree.find_all(exp.Placeholder)),
    )


def known_after(expression: Expression | None, truth: bool) -> Known:
    """The facts that are not NULL once the expression came out as `truth`."""
    return frozenset() if expression is None else implied(expression.tree, truth)


def _parse(text: str) -> Node:
    if not text.strip():
        raise FaultyExpressionError([Fault(1, 1, "there is no condition")])
    logging.getLogger("sqlglot").setLevel(
        logging.ERROR
    )  # its warnings about statements: they are refused below, with their place
    try:
        statements = [tree for tree in sqlglot.parse(text, error_level=ErrorLevel.IMMEDIATE) if tree is not None]
    except SqlglotError as error:
        raise FaultyExpressionError([_unreadable(error)]) from error
    if len(statements) != 1:
        raise FaultyExpressionError([Fault(1, 1, f"one condition is expected, {len(statements)} stand here")])
    tree = statements[0]
    for node in tree.walk():
        node.comments = None
    return tree


def _unreadable(error: SqlglotError) -> Fault:
    details: list[dict[str, Any]] = getattr(error, "errors", [])
    if not details:
        return Fault(1, 1, f"cannot be read: {str(error).splitlines()[0]}")
    detail = details[0]
    near = str(detail.get("highlight") or "")
    line, column = int(detail.get("line") or 1), int(detail.get("col") or 1)
    description = str(detail.get("description") or "unexpected text").rstrip(".")
    return Fault(
        line, max(1, column - len(near) + 1), f"cannot be read: {description}" + (f" near {near!r}" if near else "")
    )
