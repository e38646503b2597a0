"""Texts that frames do not agree on leave the store without a number in them, however their digits are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.labels.exporting import unsettled
from compliance.permits.parsing import Permit, find

DIGITS = "0123456789０１２３４５６７８９OＯ٣三"
PARTS = (
    "（番茄）网微剧备字（2026）第",
    "(番茄)網微劇備字[２０２６]",
    "沪网微剧备字（2026）第",
    "号",
    "V",
    "ｖ",
    " ",
    "\u200b",
    "片名",
)
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(DIGITS, max_size=16), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("（番茄）网微剧备字（2026）第847205号", "（番茄）网微剧备字（2026）第？？？？？？号"),
        ("（番茄）网微剧备字（２０２６）第８４７２０５号", "（番茄）网微剧备字（２０２６）第？？？？？？号"),
        ("（番茄）网微剧备字（2026）第84720O号", "（番茄）网微剧备字（2026）第？？？？？？号"),
        ("第2集 （番茄）网微剧备字（2026）第 1 2 号 12", "第2集 （番茄）网微剧备字（2026）第 ？？？ 号 12"),
        ("V11004342001101，沪网微剧备字（2026）第7号", "V？？？？？？？？？？？？？？，沪网微剧备字（2026）第？号"),
        ("片名 2026", "片名 2026"),
    ],
)
def test_the_serial_is_hidden_and_nothing_else(text: str, hidden: str) -> None:
    assert unsettled(text) == hidden


@given(TEXTS)
def test_no_number_is_left_in_any_text(text: str) -> None:
    told = unsettled(text)

    assert not isinstance(find(told), Permit)
    assert len(told) == len(text)
    assert isinstance(find(text), Permit) == (told != text)
