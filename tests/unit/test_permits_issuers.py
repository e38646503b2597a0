"""Who issues numbers, and which of several sources is believed (contract, section 2)."""

from __future__ import annotations

import pytest

from compliance.permits import Issuer, fold_issuer, resolve_issuers, shipped_issuers, split_short_names, stated
from compliance.permits.folding import to_simplified
from compliance.permits.patterns import SIMPLIFIED


def test_the_shipped_table_holds_regulators_and_platforms():
    shipped = shipped_issuers()
    levels = [issuer.level for issuer in shipped.values()]
    assert (levels.count("national"), levels.count("province")) == (1, 32)
    assert shipped["总局"] == Issuer("总局", "national", None)
    assert shipped["番茄"].operator == shipped["红果"].operator == "字节跳动/抖音集团"


def test_a_shipped_operator_that_says_unknown_is_none():
    assert shipped_issuers()["星芽"] == Issuer("星芽", "platform", None)


@pytest.mark.parametrize(
    "text",
    [None, "", "  ", "unknown", "UNKNOWN ", "未知", "不詳", "ＵＮＫＮＯＷＮ", "N/A", "－", "？", "暫無", "待确认"],
)
def test_an_operator_may_be_unknown(text):
    assert stated(text) is None


def test_a_stated_is_trimmed():
    assert stated(" 快手 ") == "快手"


@pytest.mark.parametrize(
    ("short_names", "names"),
    [
        (None, ()),
        (" , ，、", ()),
        ("番茄, 红果，西瓜、紅果", ("番茄", "红果", "西瓜")),
    ],
)
def test_short_names_are_split_trimmed_and_folded(short_names, names):
    assert split_short_names(short_names) == names


def test_short_names_win_over_issuers_and_issuers_over_the_shipped_table():
    issuers = resolve_issuers(
        shipped_issuers(),
        [("番茄", "province", "甲"), ("紅果", "platform", "乙"), ("新剧", "platform", " unknown ")],
        [("番茄，小新", "丙"), (None, "丁")],
    )
    assert issuers["番茄"] == Issuer("番茄", "platform", "丙")
    assert issuers["小新"] == Issuer("小新", "platform", "丙")
    assert issuers["红果"] == Issuer("红果", "platform", "乙")
    assert issuers["新剧"] == Issuer("新剧", "platform", None)
    assert issuers["七猫"] == shipped_issuers()["七猫"]


def test_a_name_that_two_operators_claim_has_no_stated():
    assert resolve_issuers({}, [], [("甲,乙", "一"), ("乙", "二"), ("甲", "一")]) == {
        "甲": Issuer("甲", "platform", "一"),
        "乙": Issuer("乙", "platform", None),
    }


@pytest.mark.parametrize("turned", [False, True])
def test_rows_that_contradict_each_other_prove_the_least_in_any_order(turned):
    rows = [("甲", "province", None), ("甲", "platform", "一")]
    assert resolve_issuers({}, rows[::-1] if turned else rows, []) == {"甲": Issuer("甲", "platform", None)}


def test_the_traditional_characters_of_the_vocabulary_agree_with_opencc():
    assert {traditional: to_simplified(traditional) for traditional in SIMPLIFIED} == dict(SIMPLIFIED)


def test_folding_an_issuer_twice_changes_nothing():
    every_han = [
        chr(code) for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)) for code in range(start, end)
    ]
    folded = [fold_issuer.__wrapped__(character) for character in every_han]
    assert [fold_issuer.__wrapped__(character) for character in folded] == folded
