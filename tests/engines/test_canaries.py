"""Whatever the day, the policy and the catalog: sound rules leave the canaries alive, a broken one never passes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from compliance.engines import audit
from compliance.engines.audit import AuditRequest, run_audit
from compliance.errors import CatalogError, RunInvalidError
from compliance.policy import Policy, load_policy
from compliance.policy.settings import RuleSettings, StageActions
from compliance.rules.facts import FACTS
from compliance.rules.grammar import Vocabulary
from compliance.rules.language import parse_condition
from compliance.rules.loading import load_rules
from compliance.rules.model import Rule
from compliance.verdicts.canaries import RESERVED
from tests.catalogs import write_catalog, write_relation

# ruff: noqa: DTZ001 - instants are wall time in Asia/Shanghai

RULES = load_rules()
SHIPPED = load_policy()
TODAY = date(2026, 11, 23)
NEVER = parse_condition("FALSE", Vocabulary(FACTS, {}))
OUTPUTS = ("verdicts", "findings", "block_list", "blocked_placements", "quarantine")

Rows = Mapping[str, list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def rules_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "load_rules", lambda: RULES)


def judged(folder: Path, *, policy: Policy = SHIPPED, as_of: date = TODAY, catalog: Path | None = None) -> Rows:
    """The outputs of an audit."""
    run = folder / "run"
    run.mkdir()
    run_audit(
        AuditRequest(
            catalog=str(catalog or write_catalog(folder / "catalog")),
            folder=run,
            as_of=as_of,
            policy=policy,
            run_id="run",
            started_at=datetime(2026, 11, 23, 3),
            threads=1,
        ),
        progress=lambda _: None,
    )
    return {name: pq.read_table(run / f"{name}.parquet").to_pylist() for name in OUTPUTS}


def problems_with(rules: Sequence[Rule], folder: Path, monkeypatch: pytest.MonkeyPatch, **how: Any) -> str:
    """What an audit by these rules says of the canaries."""
    monkeypatch.setattr(audit, "load_rules", lambda: tuple(rules))
    with pytest.raises(RunInvalidError) as told:
        judged(folder, **how)
    return "\n".join(told.value.problems)


@pytest.mark.parametrize("turn", range(2))
def test_rules_that_never_fail_are_found_out(turn: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {rule.id for rule in RULES[turn::2]}
    rules = [replace(rule, fails=NEVER) if rule.id in broken else rule for rule in RULES]
    problems = problems_with(rules, tmp_path, monkeypatch)
    assert {rule for rule in broken if f"\n{RESERVED}{rule}: " not in f"\n{problems}"} == set()


def test_rules_that_are_never_unknown_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [replace(rule, unknown_when=None) for rule in RULES]
    problems = problems_with(rules, tmp_path, monkeypatch, as_of=date(2027, 11, 23))
    unsure = {rule.id for rule in RULES if rule.unknown_when is not None}
    assert {rule for rule in unsure if f"{rule} unknown hold" not in problems} == set()


def test_a_rule_that_always_fails_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    always = parse_condition("TRUE", Vocabulary(FACTS, {}))
    rules = [replace(rule, fails=always) if rule.id == "tier-unknown" else rule for rule in RULES]
    problems = problems_with(rules, tmp_path, monkeypatch)
    assert f"{RESERVED}pass-platform-filing: must be allow" in problems


def test_a_rule_with_another_action_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [replace(rule, action="warn") if rule.id == "permit-inactive" else rule for rule in RULES]
    assert problems_with(rules, tmp_path, monkeypatch).startswith(f"{RESERVED}permit-inactive: must be block")


DAYS = [
    date(2021, 12, 31), date(2024, 6, 30), date(2026, 1, 1), date(2026, 8, 31), date(2100, 12, 31),
]  # fmt: skip
"""Other days are those of POLICIES."""


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_on_each_day_round_a_change_of_law_the_canaries_are_right(day: date, tmp_path: Path) -> None:
    assert titles_of(judged(tmp_path, as_of=day)) == {"t1"}


def titles_of(outputs: Rows) -> set[str]:
    return {row["title_id"] for row in outputs["verdicts"]}


@pytest.mark.parametrize("fresh", [(), ("key",), ("ordinary", "other"), ("key", "other")], ids=str)
def test_stale_and_absent_extracts_are_expected(fresh: tuple[str, ...], tmp_path: Path) -> None:
    ages = {system: datetime(2026, 11, 20) for system in fresh} | ({} if fresh else {"key": datetime(2026, 1, 1)})
    register = [
        {"permit_number": f"（京）网微剧备字（2026）第{n}号", "system": system, "updated_at": at}
        for n, (system, at) in enumerate(ages.items(), start=1)
    ]
    catalog = write_catalog(tmp_path / "catalog", register=register)
    (verdict,) = judged(tmp_path, catalog=catalog)["verdicts"]
    assert verdict["decision"] == ("block" if "other" in fresh else "hold")


def with_settings(**values: Any) -> Policy:
    settings = {name: SHIPPED.settings[name].model_copy(update={"value": value}) for name, value in values.items()}
    return SHIPPED.model_copy(update={"settings": {**SHIPPED.settings, **settings}})


def with_actions(action: str) -> Policy:
    actions = {rule.id: StageActions(prepublish=action, on_air="hold") for rule in RULES}
    return SHIPPED.model_copy(update={"actions": actions})


def with_other_amounts() -> Policy:
    """Amounts, bounds and triggers turned round."""
    regimes = tuple(
        regime.model_copy(
            update={
                "promotion": not regime.promotion,
                "special_subjects": not regime.special_subjects,
                "voluntary_tiers": (1, 2),
                "episode_bound_s": 1,
                "episode_count_bound": 1,
                "periods": tuple(
                    period.model_copy(update={"tier_1_from_yuan": 2, "tier_2_from_yuan": None})
                    for period in regime.periods
                ),
            }
        )
        for regime in SHIPPED.regimes
    )
    return SHIPPED.model_copy(update={"regimes": regimes, "placeholders": (), "special_subjects": ("种田",)})


POLICIES = {
    "no grandfathering, duties later": (
        date(2026, 9, 1),
        with_settings(grandfathering=False, label_title_from=date(2027, 3, 1), ai_notice_from=date(2027, 3, 1)),
    ),
    "no legacy": (date(2022, 1, 1), with_settings(legacy_before=date.min, legacy_deadline=date.max)),
    "all legacy": (TODAY, with_settings(legacy_before=date(2028, 1, 1), legacy_deadline=date(2028, 6, 30))),
    "other numbers": (
        date(2026, 6, 30),
        with_settings(
            register_fresh_days=0, microdrama_first_year=2026, unmarked_longest_s=1, label_confidence_floor=1.0
        ),
    ),
    "all block": (date(2024, 5, 31), with_actions("block")),
    "all warn": (date(2025, 12, 31), with_actions("warn")),
    "other amounts": (TODAY, with_other_amounts()),
    "half off": (TODAY, SHIPPED.model_copy(update={"rules": RuleSettings(off={r.id: "trial" for r in RULES[::2]})})),
    "half on": (TODAY, SHIPPED.model_copy(update={"rules": RuleSettings(off={r.id: "trial" for r in RULES[1::2]})})),
}


@pytest.mark.parametrize(("day", "policy"), POLICIES.values(), ids=POLICIES)
def test_under_other_policies_the_canaries_are_right(day: date, policy: Policy, tmp_path: Path) -> None:
    assert titles_of(judged(tmp_path, policy=policy, as_of=day)) == {"t1"}


@pytest.mark.parametrize("relation", ["titles", "labels", "placements", "platforms"])
def test_a_catalog_with_reserved_ids_is_refused(relation: str, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    key = "platform" if relation == "platforms" else "title_id"
    own = {"platform": "fanqie"} if relation == "platforms" else {"title_id": "t1"}
    write_relation(catalog, relation, [own, {key: f"{RESERVED}x"}])
    with pytest.raises(CatalogError) as told:
        judged(tmp_path, catalog=catalog)
    assert told.value.problems == (f"{relation}.{key}: 1 rows begin with ~canary/",)


def test_a_quarantined_title_with_a_reserved_id_is_refused(tmp_path: Path) -> None:
    titles = [{"title_id": "t1"}, {"title_id": f"{RESERVED}permit-missing", "investment_yuan": -1}]
    with pytest.raises(CatalogError, match="begin with ~canary/"):
        judged(tmp_path, catalog=write_catalog(tmp_path / "catalog", titles=titles))


def test_a_broken_rule_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    arguments = ["audit", "--catalog", str(catalog), "--out", str(tmp_path / "out"), "--as-of", "2026-11-23"]
    assert main([*arguments, "--no-reports"]) == 0
    before = (tmp_path / "out" / "summary.json").read_text()
    write_relation(catalog, "titles", [{"title_id": "t1", "permit_number": "无"}])
    broken = tuple(replace(rule, fails=NEVER) if rule.id == "permit-malformed" else rule for rule in RULES)
    monkeypatch.setattr(audit, "load_rules", lambda: broken)
    assert main([*arguments, "--no-reports"]) == 3
    assert (tmp_path / "out" / "summary.json").read_text() == before
    assert pq.read_table(tmp_path / "out" / "verdicts.parquet")["decision"].to_pylist() == ["allow"]


def test_nothing_of_the_canaries_is_left_in_outputs_counts_and_state(tmp_path: Path) -> None:
    """Nor in what is found of a title that bears a canary's number of an earlier run."""
    number = "（金丝雀own12345678）网微剧备字（2026）第10000号"
    catalog = write_catalog(
        tmp_path / "catalog", titles=[{"title_id": "t1"}, {"title_id": "t2", "permit_number": number}]
    )
    out = tmp_path / "out"
    assert main(["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", "2026-11-23", "--no-reports"]) == 1
    found = pq.read_table(out / "findings.parquet").to_pylist()
    assert sorted((row["title_id"], row["rule"], row["outcome"]) for row in found) == [
        ("t2", "issuer-unknown", "fail"),
        ("t2", "label-missing", "fail"),
        ("t2", "permit-below-tier", "unknown"),
        ("t2", "permit-unregistered", "unknown"),
    ]
    summary = json.loads((out / "summary.json").read_text())
    assert {name: count for name, count in summary["counts"].items() if count} == {
        "titles": 2, "judged": 2, "allow": 1, "block": 1,
    }  # fmt: skip
    assert {rule: counts["fail"] for rule, counts in summary["rules"].items() if counts["fail"]} == {
        "issuer-unknown": 1, "label-missing": 1,
    }  # fmt: skip
    assert sum(summary["regimes"].values()) == 2
    assert summary["inputs"]["titles"] == 2
    assert [path for path in out.rglob("*") if path.is_file() and RESERVED.encode() in path.read_bytes()] == []
