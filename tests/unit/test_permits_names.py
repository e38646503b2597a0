"""Name equality (contract, section 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.permits import EDGE_MARKS, name_key, names_equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("霸道总裁", "霸道總裁"),
        ("霸道总裁", "霸 道\u3000总裁\n"),
        ("霸道总裁", "\ufeff霸道\u200b总裁"),
        ("霸道总裁", "《霸道总裁》"),
        ("霸道总裁", "霸道总裁！！"),
        ("霸道总裁", "！ 《霸道总裁》 。"),
        ("Love 2", "ＬＯＶＥ２"),
        ("Straße", "STRASSE"),
        ("反复", "反覆"),
        ("計畫", "计划"),
        ("第①季", "第1季"),
        ("ﬁn", "FIN"),
        ("", "……"),
    ],
)
def test_equal_names(one, other):
    assert name_key(one) == name_key(other)
    assert names_equal(one, other)
    assert names_equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("霸道总裁", "霸道总裁第1季"),
        ("霸道总裁", "霸道，总裁"),
        ("霸道总裁1", "霸道总裁一"),
        ("总裁~", "总裁"),  # a tilde is a symbol, not punctuation
        ("总裁🍅", "总裁"),
    ],
)
def test_different_names(one, other):
    assert not names_equal(one, other)


def test_punctuation_inside_a_name_stays():
    assert name_key("「天·地」") == "天·地"


def test_a_name_with_half_a_surrogate_pair_has_a_key():
    assert name_key("霸\ud83d道！") == "霸\ud83d道"


@given(st.text(st.one_of(st.sampled_from(EDGE_MARKS + "!. 　\u0338\u3099霸道總か"), st.characters()), max_size=12))
def test_to_drop_marks_from_the_edges_never_changes_the_key(name):
    assert name_key(name.strip(EDGE_MARKS)) == name_key(name)
