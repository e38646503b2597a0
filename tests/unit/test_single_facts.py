"""The facts of one title, gathered in plain Python: day, law and number (contract, sections 2 and 4)."""

# ruff: noqa: DTZ001, SIM300 - wall time in Asia/Shanghai, as the contract wants it; what is expected stands first

from __future__ import annotations

from datetime import date, datetime

import pytest

from compliance.rules.facts import FACTS, FactType
from tests.catalogs import NUMBER, complete
from tests.titles import (
    AS_OF,
    LICENCE,
    REGULATORS_NUMBER,
    facts,
    title,
    with_setting,
)

ROWS = {FactType.TEXT: str, FactType.INTEGER: int, FactType.FLAG: bool, FactType.DAY: date, FactType.INSTANT: datetime}


def test_every_fact_is_there_and_of_its_type() -> None:
    gathered = facts()
    assert set(FACTS) == set(gathered)
    for name, fact in FACTS.items():
        value = gathered[name]
        assert fact.nullable if value is None else type(value) is ROWS[fact.type], name
        assert not fact.values or value is None or value in fact.values, name


# --- days and law


def test_the_online_day_is_the_day_of_online_at() -> None:
    assert date(2026, 6, 1) == facts(title(online_at=datetime(2026, 6, 1, 23, 59)))["online_on"]


def test_a_draft_without_a_date_is_judged_as_if_online_on_the_as_of_day() -> None:
    gathered = facts(title(status="draft", online_at=None))
    assert (AS_OF, None, "prepublish") == (gathered["online_on"], gathered["online_at"], gathered["stage"])


@pytest.mark.parametrize(
    ("online_at", "regime", "legacy"),
    [
        (datetime(2021, 1, 1), "nrta-2022-128", True),
        (datetime(2024, 5, 31, 23, 59), "nrta-2022-128", True),
        (datetime(2024, 6, 1), "nrta-2024-35", False),
        (datetime(2025, 12, 31), "nrta-2024-35", False),
        (datetime(2026, 1, 1), "nrta-2026-01", False),
        (datetime(2026, 8, 31), "nrta-2026-01", False),
        (datetime(2026, 9, 1), "nrta-order-16", False),
    ],
)
def test_a_title_falls_under_the_regime_of_its_online_day(online_at: datetime, regime: str, legacy: bool) -> None:
    gathered = facts(title(online_at=online_at))
    assert (regime, legacy) == (gathered["regime"], gathered["legacy"])


def test_without_grandfathering_the_as_of_day_counts_and_never_an_earlier_one() -> None:
    policy = with_setting("grandfathering", False)
    past = facts(title(online_at=datetime(2025, 1, 1)), policy=policy)
    planned = facts(title(status="scheduled", online_at=datetime(2026, 9, 5)), as_of=date(2026, 8, 1), policy=policy)
    assert ("nrta-order-16", "nrta-order-16") == (past["regime"], planned["regime"])
    assert facts(title(online_at=datetime(2024, 5, 31)), policy=policy)["legacy"] is True


@pytest.mark.parametrize(
    ("form", "yuan", "tier"),
    [
        ("live_action", 999_999, 3),
        ("live_action", 1_000_000, 2),
        ("live_action", 2_999_999, 2),
        ("live_action", 3_000_000, 1),
        ("ai", 299_999, 3),
        ("ai", 300_000, 2),
        ("ai", 800_000, 1),
        ("animation", 800_000, 3),
        ("ai", None, None),
    ],
)
def test_the_tier_under_order_16(form: str, yuan: int | None, tier: int | None) -> None:
    assert tier == facts(title(form=form, investment_yuan=yuan, online_at=datetime(2026, 9, 1)))["tier"]


def test_special_subjects_are_told_in_the_lists_order_and_only_whole_words_count() -> None:
    gathered = facts(title(subjects=" 司法 ，都市,军事、军事迷"))
    assert (True, "军事、司法", 1) == (
        gathered["special_subject"],
        gathered["special_subjects"],
        gathered["tier"],
    )
    assert (False, None) == tuple(
        facts(title(subjects="司法局,军事迷"))[k] for k in ("special_subject", "special_subjects")
    )


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "active"),
    [
        (datetime(2026, 11, 23, 23, 59, 59), None, True),
        (datetime(2026, 11, 24), None, False),
        (datetime(2026, 11, 1), datetime(2026, 11, 23), True),
        (datetime(2026, 11, 1), datetime(2026, 11, 22, 23, 59, 59), False),
    ],
)
def test_a_first_screen_placement_counts_while_it_stands_on_the_as_of_day(
    starts_at: datetime, ends_at: datetime | None, active: bool
) -> None:
    placement = {"slot": "first_screen", "starts_at": starts_at, "ends_at": ends_at}
    assert active is facts(placements=[placement])["first_screen"]
    assert facts(placements=[placement | {"slot": "banner"}])["first_screen"] is False


def test_the_first_screen_makes_tier_1_only_where_the_regime_says_so() -> None:
    placement = {"slot": "first_screen"}
    before = facts(title(online_at=datetime(2025, 12, 31)), placements=[placement])
    after = facts(title(online_at=datetime(2026, 1, 1)), placements=[placement])
    assert (True, 1) == (before["first_screen_triggers"], before["tier"])
    assert (False, 3) == (after["first_screen_triggers"], after["tier"])


# --- the number


@pytest.mark.parametrize("raw", [None, "", " 　", "\u200b"])
def test_a_blank_number_is_not_a_misspelt_one(raw: str | None) -> None:
    gathered = facts(title(permit_number=raw))
    assert (True, False, "blank", None) == (
        gathered["permit_blank"],
        gathered["permit_parsed"],
        gathered["permit_reason"],
        gathered["permit"],
    )


@pytest.mark.parametrize(
    ("raw", "family", "rank", "level"),
    [
        (NUMBER, "filing", 3, "platform"),
        (REGULATORS_NUMBER, "filing", 2, "province"),
        (LICENCE, "licence", 1, "national"),
        ("（总局）网剧审字（2022）第3号", "series_licence", 1, "national"),
        ("V11004342001101", "online_filing", 1, None),
        ("（某某台）网微剧备字（2026）第3号", "filing", None, None),
        ("（某某台）网微剧审字（2026）第3号", "licence", 1, None),
    ],
)
def test_the_rank_of_a_number_comes_from_family_and_issuer(
    raw: str, family: str, rank: int | None, level: str | None
) -> None:
    gathered = facts(title(permit_number=raw))
    assert (family, rank, level) == (gathered["permit_family"], gathered["permit_rank"], gathered["issuer_level"])


def test_a_licence_of_a_platform_is_no_number() -> None:
    gathered = facts(title(permit_number="（番茄）网微剧审字（2026）第7号"))
    assert (False, "wrong_issuer", None) == (
        gathered["permit_parsed"],
        gathered["permit_reason"],
        gathered["permit"],
    )


@pytest.mark.parametrize(
    "raw",
    [
        "(抖音)网微剧备字(2024)第1号",
        "V123456788888888",
        "（番茄）网微剧备字（2026）第000号",
        "V" + 14 * "0",
        "V" + 15 * "0",
    ],
)
def test_examples_and_serial_zero_are_placeholders(raw: str) -> None:
    assert facts(title(permit_number=raw))["permit_placeholder"] is True


def test_a_number_of_the_own_platform_is_its_own_whatever_the_operator_says() -> None:
    gathered = facts(platforms=complete("platforms", [{"platform": "fanqie", "operator": None}]))
    assert (True, None, None) == (
        gathered["issuer_is_own"],
        gathered["issuer_operator"],
        gathered["platform_operator"],
    )


def test_an_operator_that_says_unknown_is_nobody() -> None:
    gathered = facts(platforms=complete("platforms", [{"platform": "fanqie", "operator": "未知"}]))
    assert (None, None) == (gathered["issuer_operator"], gathered["platform_operator"])
