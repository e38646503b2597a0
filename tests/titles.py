"""Facts of one title for tests: a title that nothing is wrong with, and whatever a test puts in its place."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from compliance.catalog.schema import SYSTEMS
from compliance.engines.single.evidence import Evidence
from compliance.engines.single.facts import gather
from compliance.permits import resolve_issuers, shipped_issuers
from compliance.policy import Policy, load_policy
from tests.catalogs import Row, complete

AS_OF = date(2026, 11, 23)
AT = datetime(2026, 11, 20, 8, 0)
POLICY = load_policy()

OTHERS_NUMBER = "（抖音）网微剧备字（2026）第5号"
REGULATORS_NUMBER = "（沪）网微剧备字（2026）第12号"
LICENCE = "（总局）网微剧审字（2026）第7号"

FANQIE = complete("platforms", [{"platform": "fanqie"}])


def title(**values: Any) -> Row:
    return complete("titles", [values])[0]


def facts(
    row: Row | None = None,
    *,
    platforms: Sequence[Row] = FANQIE,
    issuers: Sequence[Row] = (),
    register: Sequence[Row] = ({},),
    namesakes: Sequence[str] = (),
    extracts: dict[str, date] | None = None,
    labels: Sequence[Row] = ({},),
    episodes: Sequence[Row] = ({}, {}),
    placements: Sequence[Row] = (),
    as_of: date = AS_OF,
    policy: Policy = POLICY,
) -> dict[str, object]:
    evidence = Evidence(
        platform=platforms[0],
        issuers=resolve_issuers(
            shipped_issuers(),
            [(row["short_name"], row["level"], row["operator"]) for row in complete("issuers", issuers)],
            [(row["short_names"], row["operator"]) for row in platforms],
        ),
        register=complete("register", register),
        namesakes=namesakes,
        extracts=dict.fromkeys(SYSTEMS, AT.date()) if extracts is None else extracts,
        labels=complete("labels", labels),
        episodes=complete("episodes", episodes),
        placements=complete("placements", placements),
    )
    return gather(title() if row is None else row, evidence, as_of, policy)


def with_setting(name: str, value: object) -> Policy:
    setting = POLICY.settings[name].model_copy(update={"value": value})
    return POLICY.model_copy(update={"settings": {**POLICY.settings, name: setting}})
