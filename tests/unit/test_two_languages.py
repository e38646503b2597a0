"""Every error and alert that a person may see is said in Chinese and in English."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[2]
SOURCES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for part in ("compliance", "jobs")
    for path in (HOME / part).rglob("*.py")
}


def errors() -> set[str]:
    """GateError and the classes made of it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"GateError"}
    while more := {name for name, own in bases.items() if own & found} - found:
        found |= more
    return found


def said(call: ast.Call) -> Iterator[ast.expr]:
    """What an error or an alert tells: its message, its remedy, and problems that are written out."""
    yield from call.args[3:4] if isinstance(call.func, ast.Name) and call.func.id == "raise_alert" else call.args[:1]
    for keyword in call.keywords:
        yield from keyword.value.elts if isinstance(keyword.value, ast.List) else [keyword.value]


def is_prose(expression: ast.expr) -> bool:
    """Whether it is a text with words of its own, and not only values put beside each other."""
    parts = expression.values if isinstance(expression, ast.JoinedStr) else [expression]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(character.isalpha() for text in texts for character in text)


def test_the_errors_are_known() -> None:
    assert {"CatalogError", "ConfigurationError", "LedgerError", "ExtractError", "StateError"} < errors()


def test_nothing_is_said_in_one_language() -> None:
    known = errors() | {"Concern", "raise_alert"}
    alone = [
        f"{path.relative_to(HOME)}:{text.lineno}: {ast.unparse(text)}"
        for path, tree in SOURCES.items()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in known
        for text in said(call)
        if is_prose(text)
    ]
    assert not alone, "\n".join(alone)
