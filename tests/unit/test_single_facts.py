"""The facts of one title, gathered in plain Python: the contract's sections 2, 4 and 5 case by case."""

# ruff: noqa: DTZ001, SIM300 - wall time in Asia/Shanghai, as the contract wants it; what is expected stands first

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest

from compliance.engines.single.evidence import Evidence
from compliance.engines.single.facts import gather
from compliance.engines.single.register import choose
from compliance.permits import resolve_issuers, shipped_issuers
from compliance.policy import Policy, load_policy
from compliance.rules.facts import FACTS, FactType
from tests.catalogs import NUMBER, Row, complete

AS_OF = date(2026, 11, 23)
AT = datetime(2026, 11, 20, 8, 0)
POLICY = load_policy()

OTHERS_NUMBER = "（抖音）网微剧备字（2026）第5号"
REGULATORS_NUMBER = "（沪）网微剧备字（2026）第12号"
LICENCE = "（总局）网微剧审字（2026）第7号"

FANQIE = complete("platforms", [{"platform": "fanqie"}])
ROWS = {FactType.TEXT: str, FactType.INTEGER: int, FactType.FLAG: bool, FactType.DAY: date, FactType.INSTANT: datetime}


def title(**values: Any) -> Row:
    return complete("titles", [values])[0]


def facts(
    row: Row | None = None,
    *,
    platforms: Sequence[Row] = FANQIE,
    issuers: Sequence[Row] = (),
    register: Sequence[Row] = ({},),
    namesakes: Sequence[str] = (),
    extracts: dict[str, datetime] | None = None,
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
        extracts={"key": AT, "ordinary": AT, "other": AT} if extracts is None else extracts,
        labels=complete("labels", labels),
        episodes=complete("episodes", episodes),
        placements=complete("placements", placements),
    )
    return gather(title() if row is None else row, evidence, as_of, policy)


def with_setting(name: str, value: object) -> Policy:
    setting = POLICY.settings[name].model_copy(update={"value": value})
    return POLICY.model_copy(update={"settings": {**POLICY.settings, name: setting}})


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
    "raw", ["(抖音)网微剧备字(2024)第1号", "V123456788888888", "（番茄）网微剧备字（2026）第000号"]
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


# --- the register


def test_the_register_row_and_its_names() -> None:
    gathered = facts(title(name="归来之后！"), register=[{"title_name": "旧名", "alt_name": "归来 之后"}])
    assert (True, "旧名", "归来 之后", True, True) == tuple(
        gathered[k]
        for k in ("registered", "register_title", "register_alt_name", "register_name_equal", "producer_equal")
    )


def test_no_register_row() -> None:
    gathered = facts(register=[])
    assert (False, None, False, False) == tuple(
        gathered[k] for k in ("registered", "register_status", "register_name_equal", "producer_equal")
    )


def test_a_missing_producer_equals_none() -> None:
    assert facts(title(producer=None))["producer_equal"] is False
    assert facts(register=[{"producer": None}])["producer_equal"] is False


def test_of_several_register_rows_the_active_then_the_newest_counts() -> None:
    rows = complete(
        "register",
        [
            {"title_name": "暂停", "status": "suspended", "issued_on": date(2026, 9, 9)},
            {"title_name": "无日期", "issued_on": None, "updated_at": datetime(2026, 11, 22)},
            {"title_name": "旧", "issued_on": date(2026, 1, 1)},
            {"title_name": "新", "issued_on": date(2026, 2, 1), "updated_at": datetime(2026, 11, 1)},
            {"title_name": "新而晚", "issued_on": date(2026, 2, 1), "updated_at": datetime(2026, 11, 2)},
        ],
    )
    order = []
    while rows:
        best = choose(rows)
        assert best is not None
        assert best == choose(rows[::-1])
        order.append(best["title_name"])
        rows.remove(best)  # type: ignore[arg-type]
    assert ["新而晚", "新", "旧", "无日期", "暂停"] == order


def test_rows_equal_in_rank_are_chosen_by_their_text_and_null_comes_last() -> None:
    rows = complete("register", [{"alt_name": None, "producer": "甲"}, {"alt_name": "别名", "producer": "乙"}])
    assert "乙" == choose(rows)["producer"] == choose(rows[::-1])["producer"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("newest", "stale"),
    [
        (datetime(2026, 11, 16, 0, 0), False),
        (datetime(2026, 11, 15, 23, 59), True),
        (datetime(2026, 12, 1), False),
        (None, True),
    ],
)
def test_an_extract_is_fresh_for_seven_days(newest: datetime | None, stale: bool) -> None:
    extracts = {"key": AT, "ordinary": AT} | ({"other": newest} if newest else {})
    assert stale is facts(extracts=extracts)["register_stale"]


@pytest.mark.parametrize(
    ("raw", "fresh", "stale"),
    [
        (LICENCE, ["key"], False),
        (LICENCE, ["ordinary", "other"], True),
        ("V11004342001101", ["key"], False),
        (REGULATORS_NUMBER, ["ordinary"], False),
        (REGULATORS_NUMBER, ["key", "other"], True),
        (NUMBER, ["other"], False),
        (NUMBER, ["key", "ordinary"], True),
        ("（某某台）网微剧备字（2026）第3号", ["ordinary", "other"], False),
        ("（某某台）网微剧备字（2026）第3号", ["other"], True),
        ("（某某台）网微剧备字（2026）第3号", ["ordinary"], True),
        ("乱写", [], False),
        (None, [], False),
    ],
)
def test_each_number_belongs_to_a_filing_system(raw: str | None, fresh: list[str], stale: bool) -> None:
    extracts = dict.fromkeys(fresh, AT)
    assert stale is facts(title(permit_number=raw), extracts=extracts)["register_stale"]


def test_a_number_is_shared_only_between_different_names() -> None:
    assert facts(namesakes=["归来之后！", "归来 之后"])["number_shared"] is False
    assert facts(namesakes=["归来之后", "另一部"])["number_shared"] is True
    assert facts(title(permit_number="乱写"), namesakes=["另一部"])["number_shared"] is False


# --- labels


def test_a_label_that_shows_number_and_name() -> None:
    gathered = facts()
    assert (True, True, True, False, False, None, False, None) == tuple(
        gathered[k]
        for k in (
            "label_present",
            "label_fresh",
            "label_readable",
            "label_differs_shown",
            "label_differs_burned_in",
            "label_number",
            "label_title_differs",
            "label_title",
        )
    )


@pytest.mark.parametrize("text", [None, "", " 　\t"])
def test_blank_text_is_no_label(text: str | None) -> None:
    assert facts(labels=[{"text": text}])["label_present"] is False


def test_the_number_counts_wherever_it_stands_in_the_label() -> None:
    text = f"《归来之后》 备案号：{NUMBER} 某某出品"
    assert (True, False) == tuple(facts(labels=[{"text": text}])[k] for k in ("label_readable", "label_differs_shown"))


def test_text_without_a_number_is_unreadable_and_differs_from_nothing() -> None:
    gathered = facts(labels=[{"text": "归来之后"}])
    assert (True, False, False, None) == tuple(
        gathered[k] for k in ("label_present", "label_readable", "label_differs_shown", "label_number")
    )


@pytest.mark.parametrize(
    ("channel", "shown", "burned_in"),
    [("overlay", True, False), ("detail_page", True, False), ("burned_in", False, True)],
)
def test_another_number_is_told_by_channel(channel: str, shown: bool, burned_in: bool) -> None:
    gathered = facts(labels=[{}, {"channel": channel, "text": OTHERS_NUMBER}])
    assert (shown, burned_in, OTHERS_NUMBER) == tuple(
        gathered[k] for k in ("label_differs_shown", "label_differs_burned_in", "label_number")
    )


@pytest.mark.parametrize("raw", [None, "乱写", "（番茄）网微剧审字（2026）第7号"])
def test_a_title_without_a_number_differs_from_any_that_is_shown(raw: str | None) -> None:
    assert facts(title(permit_number=raw))["label_differs_shown"] is True


def test_the_least_of_several_other_numbers_is_told() -> None:
    low, high = "（抖音）网微剧备字（2026）第5号", "（番茄）网微剧备字（2026）第5号"
    assert low < high
    for rows in ([{"text": low}, {"text": high}], [{"text": high}, {"text": low}]):
        assert low == facts(labels=rows)["label_number"]


@pytest.mark.parametrize(("confidence", "present"), [(0.49, False), (0.5, True), (None, True)])
def test_a_doubtful_reading_of_pixels_is_no_evidence(confidence: float | None, present: bool) -> None:
    row = {"channel": "burned_in", "confidence": confidence, "text": OTHERS_NUMBER, "title_text": "另一部"}
    gathered = facts(labels=[row])
    assert (present, present, present) == tuple(
        gathered[k] for k in ("label_present", "label_differs_burned_in", "label_title_differs")
    )
    assert facts(labels=[row | {"channel": "overlay"}])["label_present"] is True


@pytest.mark.parametrize(
    ("label_hash", "episode_hash", "fresh"),
    [("a", "a", True), ("a", "b", False), (None, "b", True), ("a", None, True)],
)
def test_a_label_of_another_cut_is_stale(label_hash: str | None, episode_hash: str | None, fresh: bool) -> None:
    gathered = facts(
        labels=[{"media_hash": label_hash, "text": OTHERS_NUMBER, "title_text": "另一部"}],
        episodes=[{"media_hash": episode_hash}, {"media_hash": None}],
    )
    assert (True, fresh, fresh, fresh, fresh) == tuple(
        gathered[k]
        for k in ("label_present", "label_fresh", "label_readable", "label_differs_shown", "label_title_differs")
    )


def test_the_label_shows_another_title() -> None:
    rows: list[Row] = [
        {"text": None, "title_text": "乙"},
        {"title_text": "归来之后！"},
        {"title_text": "甲"},
        {"title_text": " "},
    ]
    gathered = facts(labels=rows)
    assert (True, min("乙", "甲")) == (gathered["label_title_differs"], gathered["label_title"])


# --- episodes


def test_notices_are_counted() -> None:
    gathered = facts(episodes=[{"ai_notice": True}, {"ai_notice": False}, {"ai_notice": None}, {"ai_notice": None}])
    assert (4, 1, 2) == tuple(
        gathered[k] for k in ("episodes_seen", "episodes_without_notice", "episodes_notice_unknown")
    )


@pytest.mark.parametrize(
    ("notices", "missing", "unknown"),
    [
        ([True, True], False, False),
        ([True, None], False, True),
        ([True, False, None], True, False),
        ([], False, True),
    ],
)
def test_one_episode_known_to_lack_the_notice_counts_before_unexamined_ones(
    notices: list[bool | None], missing: bool, unknown: bool
) -> None:
    gathered = facts(episodes=[{"ai_notice": notice} for notice in notices])
    assert (missing, unknown) == (gathered["notice_missing"], gathered["notice_unknown"])


@pytest.mark.parametrize(
    ("issued_on", "late"),
    [(None, False), (date(2026, 9, 30), False), (date(2026, 10, 1), False), (date(2026, 10, 2), True)],
)
def test_a_document_is_late_from_the_day_after_the_online_day(issued_on: date | None, late: bool) -> None:
    gathered = facts(title(online_at=datetime(2026, 10, 1, 12)), register=[{"issued_on": issued_on}])
    assert late == gathered["register_issued_late"]
