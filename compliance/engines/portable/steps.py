"""The numbered steps of `sql/facts/portable/`: read, filled with values, and put before an engine in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import sqlglot

from compliance.engines.duck.steps import literal, step_values, with_values
from compliance.engines.portable.engine import Engine, Reading
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy import Policy
from compliance.resources import sql_folder

_HEAD = re.compile(r"-- (view|kept|read): ([a-z_{}]+)\n(?:-- for: ([a-z_ ]+)\n)?")


@dataclass(frozen=True, slots=True)
class Step:
    """One relation on the way to the facts."""

    kind: str
    """`view`; `kept`: used often, made once; `read`: what Python reads in the rows, under the relation's name."""
    relation: str
    select: str


def read_steps(folder: Path | None = None) -> Iterator[Step]:
    """The steps in order of their file names. A step `for` several relations is repeated for each.

    Raises ConfigurationError for a file without a head line.
    """
    for path in sorted((folder or sql_folder() / "facts" / "portable").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        head = _HEAD.match(text)
        if head is None:
            raise ConfigurationError(
                worded(
                    f"{path}:1：第一行必须是 `-- view: 名称`、`-- kept: 名称` 或 `-- read: 名称`",
                    f"{path}:1: the first line must be `-- view: name`, `-- kept: name` or `-- read: name`",
                )
            )
        kind, name, relations = head.groups()
        for relation in (relations or "").split() or [""]:
            select = text[head.end() :].replace("{relation}", relation)
            yield Step(kind, name.replace("{relation}", relation), select)


def filled_steps(policy: Policy, as_of: date, stale: tuple[str, ...]) -> Iterator[Step]:
    """The steps with every value written out."""
    values = step_values(policy, as_of, stale)
    mentions = " OR ".join(f"STRPOS(subjects, {literal(word)}) > 0" for word in policy.special_subjects)
    for step in read_steps():
        yield replace(step, select=with_values(step.select.replace("{mentions_special_word}", mentions), values))


def take_steps(
    engine: Engine, policy: Policy, as_of: date, stale: tuple[str, ...], readings: Mapping[str, Reading]
) -> None:
    """Lead from the clean relations and the lookups to the relation `facts`."""
    for step in filled_steps(policy, as_of, stale):
        if step.kind == "read":
            engine.read(step.relation, step.select, readings[step.relation])
        elif step.kind == "kept":
            engine.keep(step.relation, step.select)
        else:
            engine.define(step.relation, step.select)


@lru_cache(maxsize=512)
def translated(select: str, dialect: str) -> str:
    """The statement in the words of another engine; functions that SQLGlot does not know pass as they are."""
    return select if dialect == "duckdb" else sqlglot.transpile(select, read="duckdb", write=dialect, comments=False)[0]
