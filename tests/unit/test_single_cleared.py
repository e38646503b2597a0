"""Titles at which the audit found nothing are not judged once more by the same law on the same day, and only then."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compliance import runs
from compliance.catalog.contract import check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.engines.duck.session import session
from compliance.engines.program import judged_by
from compliance.engines.single.building import build_state
from compliance.engines.single.deciding import Decider
from compliance.engines.single.state import State, open_state
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from tests.catalogs import write_catalog
from tests.nasty import AS_OF, Nasty

RULES, POLICY = load_rules(), load_policy()
DAY = date(2026, 11, 23)
BLOCKED = {"title_id": "foreign", "permit_number": "（抖音）网微剧备字（2026）第5号"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A nasty catalog audited, with its state."""
    folder = tmp_path_factory.mktemp("cleared")
    catalog = Nasty(seed=77, titles=600).write(folder / "catalog")
    wanted = runs.Audit(str(catalog), folder / "out", AS_OF, POLICY, reports=False, memory="1GB", state=True)
    runs.audit(wanted, progress=lambda _: None)
    return folder / "out"


def test_cleared_is_what_is_allowed_without_a_finding(out: Path) -> None:
    verdicts = pq.read_table(out / "verdicts.parquet").to_pylist()
    found = set(pq.read_table(out / "findings.parquet")["title_id"].to_pylist())
    state = open_state(out)
    shown = ("title_id", "stage", "tier", "regime", "permit")
    assert {
        row["title_id"]: {name: row[name] for name in shown}
        for row in verdicts
        if row["decision"] == "allow" and row["title_id"] not in found
    } == {row["title_id"]: cleared for row in verdicts if (cleared := state.cleared(row["title_id"])) is not None}
    assert any(state.cleared(row["title_id"]) for row in verdicts)


def test_a_title_that_is_only_warned_of_is_not_cleared(tmp_path: Path) -> None:
    titles = [{}, {"title_id": "warned", "producer": "另一家影视公司"}]
    catalog = write_catalog(tmp_path / "catalog", titles=titles, labels=[{}, {"title_id": "warned"}])
    wanted = runs.Audit(str(catalog), tmp_path / "out", DAY, POLICY, reports=False, memory="1GB", state=True)
    runs.audit(wanted, progress=lambda _: None)
    state = open_state(tmp_path / "out")
    decider = Decider(state, RULES, POLICY, DAY, judged_by=judged_by(POLICY))
    assert ("allow", "allow") == (decider.decide("t1").decision, decider.decide("warned").decision)
    assert ["permit-producer-mismatch"] == [finding.rule.id for finding in decider.decide("warned").findings]
    assert (True, None) == (state.cleared("t1") is not None, state.cleared("warned"))


def test_every_verdict_is_the_one_that_judging_gives(out: Path) -> None:
    state = open_state(out)
    spared = Decider(state, RULES, POLICY, AS_OF, judged_by=judged_by(POLICY))
    judged = Decider(state, RULES, POLICY, AS_OF)
    title_ids = [*pq.read_table(out / "verdicts.parquet")["title_id"].to_pylist(), "never seen", "\ud800", ""]
    assert [judged.decide(title_id) for title_id in title_ids] == [spared.decide(title_id) for title_id in title_ids]


@pytest.fixture(scope="module")
def cleared_wrongly(tmp_path_factory: pytest.TempPathFactory) -> State:
    """A state that calls a title cleared which is to be blocked: it tells whether the title was judged."""
    folder = tmp_path_factory.mktemp("wrongly")
    catalog = write_catalog(folder / "catalog", titles=[BLOCKED])
    for name in ("work", "state"):
        (folder / name).mkdir()
    with session(folder / "work", memory="1GB", threads=2) as con:
        check(con, open_catalog(str(catalog)), needed=dict.fromkeys(RELATIONS, ()), staging=folder / "work")
        con.execute(
            "CREATE TEMP TABLE verdicts AS SELECT title_id, 'allow' AS decision, 'on_air' AS stage, 3 AS tier,"
            " 'nrta-2026-01' AS regime, NULL::VARCHAR AS permit FROM titles"
        )
        con.execute("CREATE TEMP TABLE findings (title_id VARCHAR)")
        build_state(con, folder / "state", as_of=AS_OF, today=AS_OF, run_id="run", judged_by=judged_by(POLICY))
    return State(folder / "state")


OTHER_POLICY = POLICY.model_copy(update={"revision": "another"})


@pytest.mark.parametrize(
    ("day", "mark", "decision"),
    [
        pytest.param(AS_OF, judged_by(POLICY), "allow", id="the same law, the same day"),
        pytest.param(AS_OF, None, "block", id="nobody says by what law"),
        pytest.param(AS_OF, judged_by(OTHER_POLICY), "block", id="another policy"),
        pytest.param(AS_OF + timedelta(days=1), judged_by(POLICY), "block", id="another day"),
    ],
)
def test_a_title_is_judged_unless_law_and_day_are_the_same(
    cleared_wrongly: State, day: date, mark: str | None, decision: str
) -> None:
    decider = Decider(cleared_wrongly, RULES, POLICY, day, judged_by=mark)
    assert decision == decider.decide("foreign").decision


def test_another_program_has_another_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    before = judged_by(POLICY)
    monkeypatch.setattr("compliance.engines.program.program_mark", lambda: "another")
    assert before != judged_by(POLICY)


def test_a_state_of_a_catalog_that_was_not_judged_clears_nothing(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    for name in ("work", "state"):
        (tmp_path / name).mkdir()
    with session(tmp_path / "work", memory="1GB", threads=2) as con:
        check(con, open_catalog(str(catalog)), needed=dict.fromkeys(RELATIONS, ()), staging=tmp_path / "work")
        build_state(con, tmp_path / "state", as_of=AS_OF, today=AS_OF, run_id="run")
    state = State(tmp_path / "state")
    assert (None, None) == (state.judged_by, state.cleared("t1"))
