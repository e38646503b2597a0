"""From the clean relations to the relation `facts`: the numbered steps, and the two that parse texts between them."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import duckdb

from compliance.catalog.repeating import keep_repeated
from compliance.engines.duck.session import joined_as_written
from compliance.engines.duck.steps import Kind, read_steps, step_values, with_values
from compliance.permits.sql import find_sql, parse_sql
from compliance.policy import Policy

_PARSED = {"odd_texts": ("odd_texts_parsed", parse_sql), "label_texts": ("label_texts_found", find_sql)}
"""After the step of this name its texts are parsed, each once, into a table."""


def gather_facts(con: duckdb.DuckDBPyConnection, policy: Policy, as_of: date, stale: tuple[str, ...]) -> None:
    """Run the steps of `sql/facts/` up to the view `facts`."""
    values = step_values(policy, as_of, stale)
    scratch = []
    for step in read_steps():
        with joined_as_written(con) if step.as_written else nullcontext():
            _make(con, step.kind, step.relation, with_values(step.select, values))
        if step.kind in ("scratch", "repeated"):
            scratch.append(step.relation)
        if step.relation in _PARSED:
            relation, parts = _PARSED[step.relation]
            _make(con, "scratch", relation, parts(step.relation, "text", ["text"]))
            scratch.append(relation)
    for relation in scratch:
        con.execute(f"DROP TABLE {relation}")


def _make(con: duckdb.DuckDBPyConnection, kind: Kind, relation: str, select: str) -> None:
    if kind == "repeated":
        keep_repeated(con, relation, select)
    else:
        con.execute(f"CREATE TEMP {'VIEW' if kind == 'view' else 'TABLE'} {relation} AS {select}")
