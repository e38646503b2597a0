"""What must be found of the canaries follows from policy and day; whoever adds a rule adds its canary."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.errors import RunInvalidError
from compliance.permits import Permit, parse, shipped_issuers
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.verdicts.canaries import RESERVED, Canaries, breed

RULES = load_rules()
IDS = [rule.id for rule in RULES]
TODAY = date(2026, 11, 23)


def bred(as_of: date = TODAY, stale: tuple[str, ...] = (), rules: list[str] = IDS, run_id: str = "run") -> Canaries:
    return breed(as_of=as_of, policy=load_policy(), rules=rules, stale=stale, run_id=run_id)


def found_by(canaries: Canaries, canary: str) -> list[tuple[str, str, str]]:
    return sorted(canaries.expected[RESERVED + canary].findings)


def test_each_rule_has_a_canary_that_must_fail_with_each_action_it_may_ask_for() -> None:
    runs = [bred(), bred(date(2024, 6, 30))]  # the day up to which legacy-unfiled only warns
    failing = {
        (rule, action)
        for canaries in runs
        for ruled in canaries.expected.values()
        for rule, outcome, action in ruled.findings
        if outcome == "fail"
    }
    assert {(rule.id, action) for rule in RULES for action, _ in rule.choices()} - failing == set()


def test_each_rule_that_can_be_unknown_has_a_canary_that_must_be() -> None:
    canaries = bred(stale=("other",))
    unknown = {
        rule for ruled in canaries.expected.values() for rule, outcome, _ in ruled.findings if outcome == "unknown"
    }
    assert {rule.id for rule in RULES if rule.unknown_when is not None} - unknown == set()


def test_some_canaries_must_pass() -> None:
    passing = {title_id for title_id, ruled in bred().expected.items() if ruled.decision == "allow"}
    assert len({title_id for title_id in passing if title_id.startswith(f"{RESERVED}pass-")}) == 12


def test_a_stale_extract_leaves_open_what_asks_the_register() -> None:
    stale = bred(stale=("other",))
    assert found_by(stale, "permit-unregistered") == [("permit-unregistered", "unknown", "hold")]
    assert found_by(stale, "permit-inactive") == [
        ("permit-after-online", "unknown", "hold"),
        ("permit-inactive", "unknown", "hold"),
        ("permit-producer-mismatch", "unknown", "hold"),
        ("permit-title-mismatch", "unknown", "hold"),
        ("permit-unregistered", "unknown", "hold"),
    ]
    assert found_by(stale, "permit-not-accepted") == [("permit-not-accepted", "fail", "block")]
    assert found_by(stale, "pass-licence") == []


def test_the_legacy_deadline_is_its_last_day() -> None:
    assert found_by(bred(date(2024, 6, 30)), "legacy-unfiled-in-time") == [("legacy-unfiled", "fail", "warn")]
    assert found_by(bred(date(2024, 7, 1)), "legacy-unfiled") == [("legacy-unfiled", "fail", "block")]
    assert RESERVED + "legacy-unfiled-in-time" not in bred(date(2024, 7, 1)).expected


def test_a_rule_that_is_off_finds_nothing() -> None:
    rules = [rule for rule in IDS if rule != "label-missing"]
    assert found_by(bred(rules=rules), "permit-missing") == [("permit-missing", "fail", "block")]


def test_numbers_of_one_run_are_nobody_elses() -> None:
    numbers = {
        run_id: {row["permit_number"] for row in bred(run_id=run_id).rows["register"]} for run_id in ("one", "other")
    }
    assert numbers["one"] & numbers["other"] == set()
    permits = [permit for number in numbers["one"] if isinstance(permit := parse(number), Permit)]
    assert [permit.canonical for permit in permits if permit.issuer in shipped_issuers()] == []
    assert [permit.canonical for permit in permits if permit.issuer is None and not permit.serial.startswith("9")] == []


def test_a_wrong_verdict_is_told_with_both_sides() -> None:
    canaries = bred()
    title_id = f"{RESERVED}permit-inactive"
    found = {**canaries.expected, title_id: canaries.expected[f"{RESERVED}pass-platform-filing"]}
    with pytest.raises(RunInvalidError) as told:
        canaries.prove(found)
    assert told.value.problems == (
        "~canary/permit-inactive: must be block (on_air, nrta-order-16, tier 3, listed as block):"
        " permit-inactive fail block; is allow (on_air, nrta-order-16, tier 3, not listed): nothing found",
    )


def test_a_canary_without_verdict_is_wrong() -> None:
    canaries = bred()
    found = dict(canaries.expected)
    del found[f"{RESERVED}pass-platform-filing"]
    with pytest.raises(RunInvalidError, match=r"1 of \d+ canary titles got a wrong verdict"):
        canaries.prove(found)
