"""The engines that the cases of the rules are put to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.schema import RELATIONS
from compliance.engines.audit import AuditRequest
from compliance.engines.single.evidence import Evidence
from compliance.engines.single.facts import gather
from compliance.permits import Issuer, Permit, parse, resolve_issuers, shipped_issuers
from compliance.policy import Policy
from compliance.rules.loading import load_rules
from compliance.rules.to_python import compile_rules
from compliance.rules.under_policy import parameter_values
from tests.portable import Run, embedded, portable
from tests.rules.harness import Relations, Row

Rulings = Mapping[tuple[str, str], tuple[str, str | None]]
"""Outcome and action by title and rule."""
JudgeCatalog = Callable[[Relations, date, Policy], Rulings]


def judge_singly(relations: Relations, as_of: date, policy: Policy) -> Rulings:
    """Each title by itself: facts gathered in Python, rules as Python functions."""
    rules = load_rules()
    judge = compile_rules(rules, parameter_values(policy, as_of), policy.actions)
    issuers = _issuers(relations)
    rulings: dict[tuple[str, str], tuple[str, str | None]] = {}
    for title in relations["titles"]:
        if title["status"] == "offline" or title["kind"] == "other":
            continue
        facts = gather(title, _evidence(title, relations, issuers, as_of), as_of, policy)
        for rule, ruling in zip(rules, judge(facts), strict=True):
            rulings[title["title_id"], rule.id] = tuple(ruling)
    return rulings


def judge_by_audit(relations: Relations, as_of: date, policy: Policy, run: Run = embedded) -> Rulings:
    """The whole catalog by an audit, by default on the embedded engine.

    The answer holds only what it found: fails and unknowns.
    """
    with TemporaryDirectory() as home:
        catalog, folder = Path(home, "catalog"), Path(home, "run")
        write_relations(catalog, relations)
        folder.mkdir()
        run(
            AuditRequest(
                catalog=str(catalog),
                folder=folder,
                as_of=as_of,
                policy=policy,
                run_id="cases",
                started_at=datetime.combine(as_of, time(3)),
            )
        )
        assert pq.read_table(folder / "quarantine.parquet").to_pylist() == []
        findings = pq.read_table(folder / "findings.parquet").to_pylist()
    return {(row["title_id"], row["rule"]): (row["outcome"], row["action"]) for row in findings}


def write_relations(folder: Path, relations: Relations) -> None:
    """The rows as a catalog of Parquet files."""
    folder.mkdir()
    for relation, rows in relations.items():
        table = pa.Table.from_pylist(rows, schema=arrow_schema(RELATIONS[relation]))
        pq.write_table(table, folder / f"{relation}.parquet")


ENGINES: Mapping[str, JudgeCatalog] = {
    "single": judge_singly,
    "audit": judge_by_audit,
    "portable": partial(judge_by_audit, run=portable),
}


def _issuers(relations: Relations) -> Mapping[str, Issuer]:
    return resolve_issuers(
        shipped_issuers(),
        [(row["short_name"], row["level"], row["operator"]) for row in relations["issuers"]],
        [(row["short_names"], row["operator"]) for row in relations["platforms"]],
    )


def _evidence(title: Row, relations: Relations, issuers: Mapping[str, Issuer], as_of: date) -> Evidence:
    number = _canonical(title)
    own = {name: [row for row in relations[name] if row["title_id"] == title["title_id"]] for name in _PER_TITLE}
    return Evidence(
        platform=next(row for row in relations["platforms"] if row["platform"] == title["platform"]),
        issuers=issuers,
        register=[row for row in relations["register"] if number and _canonical(row) == number],
        namesakes=[other["name"] for other in relations["titles"] if number and _shares(other, title, number)],
        extracts=_extracts(relations["register"], as_of),
        **own,
    )


_PER_TITLE = ("labels", "episodes", "placements")


def _shares(other: Row, title: Row, number: str) -> bool:
    judged = other["kind"] == "micro_drama" and other["status"] != "offline"
    return judged and other["title_id"] != title["title_id"] and _canonical(other) == number


def _canonical(row: Row) -> str | None:
    permit = parse(row["permit_number"])
    return permit.canonical if isinstance(permit, Permit) else None


def _extracts(register: list[Row], as_of: date) -> dict[str, date]:
    """The newest day of each system that is not still to come on the as-of day, which is the day of the run, too."""
    days = sorted((row["updated_at"].date(), row["system"]) for row in register)
    return {system: day for day, system in days if day <= as_of}
