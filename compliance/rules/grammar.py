"""What may stand in an expression of the rule language, and of which type each part is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlglot import exp

from compliance.language import nearest
from compliance.rules.facts import Fact, FactType

Node = exp.Expr
_COMPARISONS: Final = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_EQUALITIES: Final = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_ORDERED: Final = (FactType.INTEGER, FactType.DAY, FactType.INSTANT)
KIND: Final = "kind"
"""Key of a checked part's type (FactType) in its `meta`."""
_DAY_AND_INSTANT: Final = {FactType.DAY, FactType.INSTANT}
_ALLOWED: Final = (
    "comparison, AND, OR, NOT, IS [NOT] NULL, IS [NOT] DISTINCT FROM, IN, BETWEEN, CASE, COALESCE, + -, "
    "EXTRACT(YEAR FROM …), CAST(… AS DATE), literals, facts and :parameters"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression, and where in its text: line and column from 1."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that an expression may use."""

    facts: Mapping[str, Fact]
    parameters: Mapping[str, FactType]

    def nullable(self, fact: str) -> bool:
        """Whether the fact may be NULL; an unknown name, told elsewhere, counts as never NULL."""
        return fact in self.facts and self.facts[fact].nullable


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a part, and the closed list of its words if it has one."""

    type: FactType
    words: frozenset[str] = frozenset()


class TypeFinder:
    """Finds the type of every part of one expression and gathers its faults.

    A faulty part has no type (None), so that one fault is told once.
    """

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self.faults: list[Fault] = []

    def check(self, node: Node) -> Kind | None:
        """The type of the part, its own parts included."""
        method = _CHECKS.get(type(node))
        if method is None:
            what = node.name if isinstance(node, (exp.Anonymous, exp.Command)) else type(node).__name__.upper()
            return self.fault(node, f"{what} is not part of the rule language, which knows only {_ALLOWED}")
        kind = method(self, node)
        node.meta[KIND] = kind.type if kind is not None else None
        return kind

    def fault(self, node: Node, message: str) -> Kind | None:
        """Note a fault at the place of the part."""
        start = self._start(node)
        line = self._text.count("\n", 0, start) + 1
        column = start - self._text.rfind("\n", 0, start)
        self.faults.append(Fault(line, column, message))
        return None

    def _start(self, node: Node) -> int:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        starts += [self._text.find(f":{part.name}") for part in node.find_all(exp.Placeholder)]
        return max(0, min(starts, default=0))

    def column(self, node: Node) -> Kind | None:
        fact = self._vocabulary.facts.get(node.name)
        if fact is None or node.args.get("table"):
            return self.fault(node, f"unknown fact {node.sql()!r}{nearest(node.name, self._vocabulary.facts)}")
        if fact.shown_only:
            return self.fault(node, f"{fact.name} may be shown as evidence, but no condition may ask for it")
        return Kind(fact.type, frozenset(fact.values))

    def placeholder(self, node: Node) -> Kind | None:
        kind = self._vocabulary.parameters.get(node.name)
        if kind is None:
            return self.fault(node, f"unknown parameter :{node.name}{nearest(node.name, self._vocabulary.parameters)}")
        return Kind(kind)

    def literal(self, node: Node) -> Kind | None:
        if node.is_string:
            return Kind(FactType.TEXT, frozenset((node.name,)))
        if not node.name.isdecimal() or int(node.name) >= 2**31:
            return self.fault(
                node, f"{node.name} is no integer below 2147483648: only such numbers may stand in a rule"
            )
        return Kind(FactType.INTEGER)

    def negative(self, node: Node) -> Kind | None:
        if not isinstance(node.this, exp.Literal) or node.this.is_string:
            return self.fault(node, "a minus sign stands only before an integer literal, or between two parts")
        return self.check(node.this)

    def boolean(self, node: Node) -> Kind:
        del node
        return Kind(FactType.FLAG)

    def paren(self, node: Node) -> Kind | None:
        return self.check(node.this)

    def connective(self, node: Node) -> Kind:
        for part in node.iter_expressions():
            self._demand(part, FactType.FLAG, f"an operand of {type(node).__name__.upper()}")
        return Kind(FactType.FLAG)

    def is_null(self, node: Node) -> Kind | None:
        if not isinstance(node.expression, exp.Null):
            return self.fault(node, "IS is followed by [NOT] NULL or [NOT] DISTINCT FROM only")
        if not isinstance(node.this, exp.Column):
            return self.fault(node, "IS [NOT] NULL asks a fact: no other part can be NULL")
        self.check(node.this)
        return Kind(FactType.FLAG)

    def comparison(self, node: Node) -> Kind:
        left, right = self.check(node.this), self.check(node.expression)
        if left is not None and right is not None:
            self._comparable(node, left, right)
            if not isinstance(node, _EQUALITIES) and left.type not in _ORDERED:
                self.fault(node, f"{left.type.value} has no order that all engines share; compare it with = or IN")
        return Kind(FactType.FLAG)

    def _comparable(self, node: Node, left: Kind, right: Kind) -> None:
        if left.type is not right.type:
            hint = (
                "; write CAST(… AS DATE) for the day of an instant"
                if {left.type, right.type} == _DAY_AND_INSTANT
                else ""
            )
            self.fault(node, f"{left.type.value} is compared with {right.type.value} in {node.sql()!r}{hint}")
        elif left.words and right.words and not left.words & right.words:
            (word, *_), words = sorted((left.words, right.words), key=len)
            self.fault(node, f"{word!r} is none of {', '.join(sorted(words))}{nearest(word, words)}")

    def membership(self, node: Node) -> Kind | None:
        if not node.expressions or any(node.args.get(key) for key in ("query", "unnest", "field")):
            return self.fault(node, "IN is followed by literals in brackets")
        left = self.check(node.this)
        for part in node.expressions:
            right = self.check(part)
            if not isinstance(part, (exp.Literal, exp.Neg, exp.Cast)) or any(
                part.find_all(exp.Column, exp.Placeholder)
            ):
                self.fault(part, "IN is followed by literals in brackets")
            elif left is not None and right is not None:
                self._member(part, left, right)
        return Kind(FactType.FLAG)

    def _member(self, part: Node, left: Kind, right: Kind) -> None:
        if left.type is not right.type:
            self.fault(part, f"{left.type.value} cannot be in a list with {part.sql()}")
        elif left.words and not right.words <= left.words:
            word = next(iter(right.words))
            self.fault(part, f"{word!r} is none of {', '.join(sorted(left.words))}{nearest(word, left.words)}")

    def between(self, node: Node) -> Kind | None:
        if node.args.get("symmetric"):
            return self.fault(node, "BETWEEN SYMMETRIC is not part of the rule language")
        kinds = [self.check(part) for part in (node.this, node.args["low"], node.args["high"])]
        types = {kind.type for kind in kinds if kind is not None}
        if len(types) > 1 or not types <= set(_ORDERED):
            found = ", ".join(sorted(kind.value for kind in types))
            self.fault(node, f"BETWEEN takes three integers, days or instants, not {found}")
        return Kind(FactType.FLAG)

    def case(self, node: Node) -> Kind | None:
        if node.this is not None:
            return self.fault(
                node, "write CASE WHEN condition THEN …: CASE with an operand is not part of the rule language"
            )
        if node.args.get("default") is None:
            return self.fault(node, "CASE needs an ELSE: without it the result may be NULL")
        for branch in node.args["ifs"]:
            self._demand(branch.this, FactType.FLAG, "the condition after WHEN")
        return self._same_type(node, [*(branch.args["true"] for branch in node.args["ifs"]), node.args["default"]])

    def coalesce(self, node: Node) -> Kind | None:
        parts = [node.this, *node.expressions]
        for part in parts:
            day = isinstance(part, exp.Cast) and isinstance(part.this, exp.Literal)
            if not day and not isinstance(part, (exp.Column, exp.Placeholder, exp.Literal, exp.Boolean, exp.Neg)):
                self.fault(part, "COALESCE takes facts, parameters and literals only")
        return self._same_type(node, parts)

    def _same_type(self, node: Node, parts: list[Node]) -> Kind | None:
        kinds = [kind for kind in map(self.check, parts) if kind is not None]
        types = sorted({kind.type.value for kind in kinds})
        if len(types) > 1:
            return self.fault(
                node, f"the results of {type(node).__name__.upper()} are of several types: {', '.join(types)}"
            )
        if len(kinds) < len(parts):
            return None
        closed = all(kind.words for kind in kinds)
        return Kind(kinds[0].type, frozenset().union(*(kind.words for kind in kinds)) if closed else frozenset())

    def arithmetic(self, node: Node) -> Kind | None:
        left, right = self.check(node.this), self.check(node.expression)
        if left is None or right is None:
            return None
        if left.type is FactType.INTEGER and right.type is FactType.INTEGER:
            return left
        constant = isinstance(node.expression, (exp.Literal, exp.Placeholder))
        if left.type is FactType.DAY and right.type is FactType.INTEGER and constant:
            return left
        return self.fault(
            node, "+ and - stand between integers, or add a constant integer to a day or take it from one"
        )

    def extract(self, node: Node) -> Kind | None:
        if node.this.name.upper() != "YEAR":
            return self.fault(node, "EXTRACT takes the YEAR only")
        kind = self.check(node.expression)
        if kind is not None and kind.type not in (FactType.DAY, FactType.INSTANT):
            return self.fault(node, f"EXTRACT(YEAR FROM …) takes a day or an instant, not {kind.type.value}")
        return Kind(FactType.INTEGER)

    def cast(self, node: Node) -> Kind | None:
        if node.args["to"].this is not exp.DataType.Type.DATE:
            return self.fault(node, "CAST makes a DATE only")
        if isinstance(node.this, exp.Literal):
            return self._day_literal(node)
        kind = self.check(node.this)
        if kind is not None and kind.type is not FactType.INSTANT:
            return self.fault(node, f"CAST(… AS DATE) takes an instant, not {kind.type.value}")
        return Kind(FactType.DAY)

    def _day_literal(self, node: Node) -> Kind | None:
        try:
            written_so = date.fromisoformat(node.this.name).isoformat() == node.this.name
        except ValueError:
            written_so = False
        if not written_so:
            return self.fault(node, f"{node.this.name!r} is no day written YYYY-MM-DD")
        return Kind(FactType.DAY)

    def _demand(self, node: Node, kind: FactType, role: str) -> None:
        found = self.check(node)
        if found is not None and found.type is not kind:
            self.fault(node, f"{role} must be of type {kind.value}, but {node.sql()!r} is of type {found.type.value}")


_CHECKS: Final[Mapping[type[Node], Callable[[TypeFinder, Node], Kind | None]]] = {
    exp.Column: TypeFinder.column,
    exp.Placeholder: TypeFinder.placeholder,
    exp.Literal: TypeFinder.literal,
    exp.Neg: TypeFinder.negative,
    exp.Boolean: TypeFinder.boolean,
    exp.Paren: TypeFinder.paren,
    exp.And: TypeFinder.connective,
    exp.Or: TypeFinder.connective,
    exp.Not: TypeFinder.connective,
    exp.Is: TypeFinder.is_null,
    **dict.fromkeys((*_COMPARISONS, *_EQUALITIES), TypeFinder.comparison),
    exp.In: TypeFinder.membership,
    exp.Between: TypeFinder.between,
    exp.Case: TypeFinder.case,
    exp.Coalesce: TypeFinder.coalesce,
    exp.Add: TypeFinder.arithmetic,
    exp.Sub: TypeFinder.arithmetic,
    exp.Extract: TypeFinder.extract,
    exp.Cast: TypeFinder.cast,
}
