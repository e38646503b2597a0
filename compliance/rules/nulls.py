"""Where a part of an expression may be NULL, told before anything is run.

Conditions narrow from left to right, as a reader reads them: in `tier IS NOT NULL AND declared_tier > tier` the second
part is asked only where tier is known. The narrowing holds in SQL too, which may ask both sides: FALSE AND NULL is
FALSE, TRUE OR NULL is TRUE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sqlglot import exp

Node = exp.Expr
Known = frozenset[str]
"""Names of nullable facts that are not NULL where an expression is asked."""
Nullable = Callable[[str], bool]

_NOTHING: Final[Known] = frozenset()
_TAKES_NULL: Final = (exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Coalesce)
_COMPARES: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between)
_STRICT: Final = (exp.Add, exp.Sub, exp.Neg, exp.Extract, exp.Cast, exp.Paren)


def null_problems(node: Node, known: Known, nullable: Nullable) -> Iterator[tuple[Node, str]]:
    """Each place where a fact that may be NULL stands unguarded, with a message. None: the expression is never NULL."""
    if isinstance(node, exp.Column):
        if nullable(node.name) and node.name not in known:
            yield (
                node,
                (
                    f"{node.name} may be NULL here: ask {node.name} IS NOT NULL before, use COALESCE "
                    "or IS [NOT] DISTINCT FROM, or name the case in unknown_when"
                ),
            )
    elif isinstance(node, (exp.And, exp.Or)):
        yield from null_problems(node.this, known, nullable)
        yield from null_problems(node.expression, known | implied(node.this, isinstance(node, exp.And)), nullable)
    elif isinstance(node, exp.Case):
        yield from _case_problems(node, known, nullable)
    elif isinstance(node, exp.Coalesce):
        if all(
            isinstance(part, exp.Column) and nullable(part.name) and part.name not in known for part in _arguments(node)
        ):
            yield node, "every argument of this COALESCE may be NULL: end it with a literal"
    else:
        for part in node.iter_expressions():
            if not (isinstance(node, _TAKES_NULL) and isinstance(part, exp.Column)):
                yield from null_problems(part, known, nullable)


def _case_problems(node: exp.Case, known: Known, nullable: Nullable) -> Iterator[tuple[Node, str]]:
    for branch in node.args["ifs"]:
        yield from null_problems(branch.this, known, nullable)
        yield from null_problems(branch.args["true"], known | implied(branch.this, True), nullable)
        known |= implied(branch.this, False)
    yield from null_problems(node.args["default"], known, nullable)


def implied(node: Node, truth: bool) -> Known:
    """The facts that are not NULL where the condition came out as `truth`."""
    if isinstance(node, exp.Paren):
        return implied(node.this, truth)
    if isinstance(node, exp.Not):
        return implied(node.this, not truth)
    if isinstance(node, (exp.And, exp.Or)):
        left, right = implied(node.this, truth), implied(node.expression, truth)
        return left | right if isinstance(node, exp.And) is truth else left & right
    if isinstance(node, exp.Is):
        return _NOTHING if truth else _strict_names(node.this)
    if isinstance(node, _COMPARES):
        return _NOTHING.union(*(_strict_names(part) for part in node.iter_expressions()))
    if isinstance(node, exp.NullSafeEQ if truth else exp.NullSafeNEQ):
        return _equal_to_constant(node)
    return _NOTHING


def _equal_to_constant(node: exp.Binary) -> Known:
    sides = (node.this, node.expression)
    return (
        _strict_names(sides[0]) | _strict_names(sides[1]) if any(not _has_facts(side) for side in sides) else _NOTHING
    )


def _has_facts(node: Node) -> bool:
    return node.find(exp.Column) is not None


def _strict_names(node: Node) -> Known:
    """The facts whose NULL would make the part NULL."""
    if isinstance(node, exp.Column):
        return frozenset((node.name,))
    if isinstance(node, _STRICT):
        return _NOTHING.union(*(_strict_names(part) for part in node.iter_expressions()))
    return _NOTHING


def _arguments(node: exp.Coalesce) -> list[Node]:
    return [node.this, *node.expressions]
