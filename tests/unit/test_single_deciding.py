"""Single titles decided by a state: whatever was not judged, or not lately, is held."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.catalog.breaches import UNKNOWN_PLATFORM
from compliance.engines.single.building import FORMAT, Asked
from compliance.engines.single.deciding import Decider
from compliance.engines.single.errors import StateError
from compliance.engines.single.state import State, open_state
from compliance.errors import ConfigurationError
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from tests.catalogs import NUMBER, ROW, write_catalog
from tests.states import state_of

AS_OF = date(2026, 11, 23)
RULES, POLICY = load_rules(), load_policy()

DRAFT: dict[str, Any] = {**ROW, "status": "scheduled", "online_at": "2026-11-24T20:00:00+08:00"}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    folder = tmp_path_factory.mktemp("deciding")
    catalog = write_catalog(
        folder / "catalog",
        titles=[
            {"title_id": "t1"},
            {"title_id": "foreign", "permit_number": "（抖音）网微剧备字（2026）第5号"},
            {"title_id": "gone", "status": "offline"},
            {"title_id": "film", "kind": "other"},
            {"title_id": "long drama", "kind": "drama", "longest_episode_s": 2700, "permit_number": None},
            {"title_id": "broken", "investment_yuan": -1, "status": "online"},
            {"title_id": "broken label"},
        ],
        labels=[{}, {"title_id": "broken label", "confidence": 2.0}],
    )
    return state_of(catalog, folder / "state", as_of=AS_OF)


@pytest.fixture(scope="module")
def today(state: State) -> Decider:
    return Decider(state, RULES, POLICY, AS_OF)


def test_a_title_that_nothing_is_wrong_with_is_allowed(today: Decider) -> None:
    verdict = today.decide("t1")
    assert ("allow", "on_air", 3, "nrta-2026-01", NUMBER, None) == (
        verdict.decision,
        verdict.stage,
        verdict.tier,
        verdict.regime,
        verdict.permit,
        verdict.reason,
    )
    assert () == verdict.findings


def test_a_foreign_number_blocks_with_what_the_rule_saw(today: Decider) -> None:
    verdict = today.decide("foreign")
    found = {finding.rule.id: finding for finding in verdict.findings}
    assert "block" == verdict.decision
    assert "fail" == found["other-platform-number"].outcome
    assert "抖音" == found["other-platform-number"].evidence["issuer"]


@pytest.mark.parametrize(
    ("title_id", "reason", "stage"),
    [
        ("never seen", "unknown_title", "prepublish"),
        ("\ud800", "unknown_title", "prepublish"),
        ("gone", "offline", "prepublish"),
        ("film", "other_kind", "on_air"),
        ("broken", "quarantined", "on_air"),
        ("broken label", "quarantined", "on_air"),
    ],
)
def test_what_was_not_judged_is_held(today: Decider, title_id: str, reason: str, stage: str) -> None:
    verdict = today.decide(title_id)
    assert ("hold", reason, stage, ()) == (verdict.decision, verdict.reason, verdict.stage, verdict.findings)


def test_a_drama_shows_neither_tier_nor_regime(today: Decider) -> None:
    verdict = today.decide("long drama")
    assert ("allow", None, None) == (verdict.decision, verdict.tier, verdict.regime)


def test_a_state_too_old_releases_nothing_but_blocks_still(state: State) -> None:
    kept = Decider(state, RULES, POLICY, AS_OF + timedelta(days=1))
    late = Decider(state, RULES, POLICY, AS_OF + timedelta(days=2))
    assert ("allow", None) == (kept.decide("t1").decision, kept.decide("t1").reason)
    assert ("hold", "stale_state") == (late.decide("t1").decision, late.decide("t1").reason)
    assert "block" == late.decide("foreign").decision
    assert "hold" == late.decide_row(DRAFT).decision


def test_a_state_of_a_day_to_come_releases_nothing_but_blocks_still(state: State) -> None:
    early = Decider(state, RULES, POLICY, AS_OF - timedelta(days=1), judged_by=state.judged_by)
    assert ("hold", "stale_state") == (early.decide("t1").decision, early.decide("t1").reason)
    assert "block" == early.decide("foreign").decision
    assert "hold" == early.decide_row(DRAFT).decision


def test_a_title_that_is_not_in_the_catalog_yet(today: Decider) -> None:
    assert ("allow", ()) == (today.decide_row(DRAFT).decision, today.decide_row(DRAFT).findings)


def test_the_row_given_meets_the_register_and_the_names_of_the_state(today: Decider) -> None:
    renamed = today.decide_row({**DRAFT, "name": "改名之后"})
    assert {"permit-title-mismatch", "number-on-several-titles", "label-title-differs"} <= {
        finding.rule.id for finding in renamed.findings
    }


def test_labels_that_do_not_come_along_are_those_of_the_state(today: Decider) -> None:
    without = {name: value for name, value in DRAFT.items() if name != "labels"}
    assert {"label-missing"} == {finding.rule.id for finding in today.decide_row(without).findings}
    assert "allow" == today.decide_row({**without, "title_id": "t1"}).decision
    assert "block" == today.decide_row({**without, "title_id": "t1", "labels": []}).decision


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({**DRAFT, "kind": "film"}, "broken_row"),
        ({**DRAFT, "platform": "nobody"}, "broken_row"),
        ({**DRAFT, "status": "offline"}, "offline"),
        ({**DRAFT, "title_id": "broken"}, "quarantined"),
        (["t1"], "broken_row"),
    ],
)
def test_a_row_that_cannot_be_judged_is_held(today: Decider, values: object, reason: str) -> None:
    verdict = today.decide_row(values)
    assert ("hold", reason) == (verdict.decision, verdict.reason)


def test_a_row_of_an_unknown_platform_is_told_what_the_quarantine_says(today: Decider) -> None:
    assert UNKNOWN_PLATFORM == today.decide_row({**DRAFT, "platform": "nobody"}).detail


@pytest.mark.parametrize(
    ("text", "decision", "reason", "permit", "rules"),
    [
        (NUMBER, "allow", None, NUMBER, set()),
        (" (番茄)網微劇備字[2026]847205 ", "allow", None, NUMBER, set()),
        ("（番茄）网微剧备字（2026）第5号", "block", None, "（番茄）网微剧备字（2026）第5号", {"permit-unregistered"}),
        (
            "（无名）网微剧备字（2027）第0号",
            "block",
            None,
            "（无名）网微剧备字（2027）第0号",
            {"issuer-unknown", "permit-placeholder", "permit-year-implausible", "permit-unregistered"},
        ),
        ("（番茄）网微剧审字（2026）第7号", "block", None, None, {"permit-malformed"}),
        ("网微剧备字", "block", None, None, {"permit-malformed"}),
        (" ", "hold", "no_number", None, set()),
    ],
)
def test_a_bare_number(
    today: Decider, text: str, decision: str, reason: str | None, permit: str | None, rules: set[str]
) -> None:
    verdict = today.decide_number(text)
    assert (None, decision, reason, permit) == (verdict.title_id, verdict.decision, verdict.reason, verdict.permit)
    assert rules == {finding.rule.id for finding in verdict.findings}


def test_an_explanation_has_every_rule_and_the_values_it_asked_for(today: Decider) -> None:
    explained = today.explain("foreign")
    assert [rule.id for rule in RULES] == [rule.id for rule, _ in explained.rulings]
    assert "抖音" == explained.facts["issuer"]
    assert () == today.explain("never seen").rulings


def test_a_state_of_a_few_titles_gives_the_same_verdicts(tmp_path: Path) -> None:
    titles = [{"title_id": f"t{place}", "name": f"剧{place % 3}"} for place in range(20)]
    catalog = write_catalog(tmp_path / "catalog", titles=titles)
    whole = Decider(state_of(catalog, tmp_path / "whole", as_of=AS_OF), RULES, POLICY, AS_OF)
    asked = Asked(title_ids=["t1", "t7", "nobody's"])
    few = Decider(state_of(catalog, tmp_path / "few", as_of=AS_OF, asked=asked), RULES, POLICY, AS_OF)
    for title_id in asked.title_ids:
        assert whole.decide(title_id) == few.decide(title_id)
    assert "number-on-several-titles" in {finding.rule.id for finding in few.decide("t1").findings}


def test_where_there_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="holds no state"):
        open_state(tmp_path)
    with pytest.raises(ConfigurationError, match="is no folder"):
        open_state(tmp_path / "nowhere")


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    state = state_of(write_catalog(tmp_path / "catalog"), tmp_path / "out" / "state", as_of=AS_OF)
    assert 1 == len(open_state(tmp_path / "out").register(NUMBER))
    manifest = state.folder / "manifest.json"
    good = manifest.read_text(encoding="utf-8")
    for bad, told in (
        (good.replace('"titles": 1', '"titles": 2'), "damaged"),
        (good.replace(f'"format": {FORMAT}', '"format": 0'), "format 0"),
        (good[:-20], "damaged"),
    ):
        manifest.write_text(bad, encoding="utf-8")
        with pytest.raises(StateError, match=told):
            State(state.folder)


@pytest.mark.parametrize(
    ("file", "spoil"),
    [
        ("titles.title_id.npy", lambda data: b""),
        ("register.arrow", lambda data: data[:-8]),
        ("platforms.arrow", lambda data: data[:-400] + bytes(200) + data[-200:]),
        ("held.title_id.npy", lambda data: data[::-1]),
    ],
)
def test_a_damaged_file_of_a_state_is_told_when_it_is_opened(
    file: str, spoil: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    state = state_of(write_catalog(tmp_path / "catalog"), tmp_path / "state", as_of=AS_OF)
    path = state.folder / file
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(StateError, match=f"{file} is damaged: it is not what was written"):
        State(state.folder)
