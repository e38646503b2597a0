"""The audit and the single-title path give the same: fact by fact, rule by rule, outcome by outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from compliance.catalog.contract import check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.engines.bits import bits_of
from compliance.engines.duck import gathering, lookups
from compliance.engines.duck.rulings import create_rulings
from compliance.engines.duck.session import session
from compliance.engines.freshness import read_extracts
from compliance.engines.single.building import build_state
from compliance.engines.single.judging import Bench
from compliance.engines.single.state import State
from compliance.policy import Policy, load_policy
from compliance.rules.facts import FACTS
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, parameter_values
from tests.nasty import AS_OF, Nasty

# ruff: noqa: SIM300 - what is expected stands first

RULES = load_rules()
SHIPPED = load_policy()

Outcomes = Mapping[str, tuple[str, str | None]]
"""Outcome and action by rule."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one engine found out about one title."""

    facts: Mapping[str, Any]
    outcomes: Outcomes


@contextmanager
def checked(catalog: Path, work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    work.mkdir()
    with session(work, memory="1GB", threads=2) as con:
        check(con, open_catalog(str(catalog)), needed=dict.fromkeys(RELATIONS, ()), staging=work)
        yield con


def by_the_audit(con: duckdb.DuckDBPyConnection, policy: Policy) -> dict[str, Judged]:
    bits = bits_of(enabled_rules(RULES, policy), parameter_values(policy, AS_OF), policy, kind_known=True)
    extracts = read_extracts(lambda select: con.execute(select).fetchall(), as_of=AS_OF, today=AS_OF)
    lookups.create_lookups(con, policy)
    gathering.gather_facts(con, policy, AS_OF, extracts.stale(policy))
    create_rulings(con, bits)
    facts = {row["title_id"]: row for row in con.sql("FROM facts").to_arrow_table().to_pylist()}
    judged = {}
    for row in con.sql("FROM rulings").to_arrow_table().to_pylist():
        outcomes: dict[str, tuple[str, str | None]] = {}
        for bit in bits:
            hit = {name for name in ("applies", "fails", "unknown", "blocks", "holds") if row[name] & bit.mask}
            action = "block" if "blocks" in hit else "hold" if "holds" in hit else "warn"
            outcomes[bit.rule.id] = (
                ("fail", action)
                if "fails" in hit
                else ("unknown", action)
                if "unknown" in hit
                else ("pass", None)
                if "applies" in hit
                else ("not_applicable", None)
            )
        judged[row["title_id"]] = Judged(facts[row["title_id"]], outcomes)
    return judged


def one_by_one(state: State, policy: Policy, title_ids: list[str]) -> dict[str, Judged]:
    bench = Bench(RULES, policy, AS_OF)
    judged = {}
    for title_id in title_ids:
        title = state.title(title_id)
        assert title is not None
        facts = bench.facts(title, state.evidence(title))
        outcomes = {rule.id: (ruling.outcome, ruling.action) for rule, ruling in bench.rulings(facts)}
        judged[title_id] = Judged(facts, outcomes)
    return judged


ASKED_ONLY_OF: Mapping[str, Callable[[Mapping[str, Any], Policy], bool]] = {
    "notice_missing": lambda facts, _: facts["form"] == "ai",
    "notice_unknown": lambda facts, _: facts["form"] == "ai",
    "label_title_differs": lambda facts, policy: facts["online_on"] >= policy.day("label_title_from"),
    "issuer_operator": lambda facts, _: facts["platform_filing"],
}
"""Facts that the audit spares itself where no rule would look at them, beside those that are only shown."""


def is_asked(name: str, facts: Mapping[str, Any], policy: Policy) -> bool:
    asked = name not in ASKED_ONLY_OF or ASKED_ONLY_OF[name](facts, policy)
    return facts["kind"] == "micro_drama" and asked and not FACTS[name].shown_only


def with_settings(**values: object) -> Policy:
    settings = {name: SHIPPED.settings[name].model_copy(update={"value": value}) for name, value in values.items()}
    return SHIPPED.model_copy(update={"settings": {**SHIPPED.settings, **settings}})


POLICIES = {
    "shipped": SHIPPED,
    "other choices": with_settings(grandfathering=False, animation_amounts_as="ai", label_confidence_floor=0.0),
}


@pytest.mark.parametrize(
    ("titles", "policy"),
    [(500, "shipped"), (501, "shipped"), (502, "other choices"), (503, "other choices")],
)
def test_batch_and_single_agree(titles: int, policy: str, tmp_path: Path) -> None:
    law = POLICIES[policy]
    catalog = Nasty(seed=titles, titles=titles).write(tmp_path / "catalog")
    (tmp_path / "state").mkdir()
    with checked(catalog, tmp_path / "work") as con:
        build_state(con, tmp_path / "state", as_of=AS_OF, today=AS_OF, run_id="run")
        batch = by_the_audit(con, law)
    single = one_by_one(State(tmp_path / "state"), law, sorted(batch))
    assert [] == [
        (title_id, name, batch[title_id].facts[name], single[title_id].facts[name])
        for title_id in batch
        for name in FACTS
        if is_asked(name, single[title_id].facts, law) and batch[title_id].facts[name] != single[title_id].facts[name]
    ]
    assert {title_id: judged.outcomes for title_id, judged in batch.items()} == {
        title_id: judged.outcomes for title_id, judged in single.items()
    }
    assert [] == [
        (title_id, rule.id, name)
        for title_id in batch
        for rule in RULES
        for name in rule.evidence
        if batch[title_id].outcomes[rule.id][1] is not None
        and batch[title_id].facts[name] != single[title_id].facts[name]
    ]
    assert len(batch) > titles / 2
