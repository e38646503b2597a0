"""Permit numbers as people write them: the official spelling and the odd ones that the gate accepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compliance.sample.draw import Ints
from compliance.sample.places import ISSUERS, REGULATORS

LICENCE, FILING, SERIES, V_NUMBER = 0, 1, 2, 5
"""Families as positions in `_WORDS`; SERIES … SERIES + 2 are the three kinds of series licence."""
_WORDS = ("网微剧审字", "网微剧备字", "网剧审字", "网影审字", "网动审字")
_TRADITIONAL = str.maketrans("网剧备审", "網劇備審")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

_OFFICIAL, _FULL, _LETTER = 0, 11, 12
_STYLES = 16
FIRST_YEAR = 2020


@dataclass(frozen=True, slots=True)
class Numbers:
    """One number a title: issuer (position in ISSUERS), family, year, serial (all digits of a V number)."""

    issuer: Ints
    family: Ints
    year: Ints
    serial: Ints


def _opening(style: int, issuer: str, words: str, year: str) -> str:
    """Everything before the serial, in one of the styles."""
    bare = issuer if len(issuer) == 1 or issuer == "总局" else f"〔{issuer}〕"
    filing = words.replace("备字", "备案字")
    return {
        1: f"({issuer}){words}({year})第",
        2: f"（{issuer}）{words}〔{year}〕第",
        3: f"【{issuer}】{words}[{year}]第",
        4: f"（{issuer}）{words.translate(_TRADITIONAL)}（{year}）第",
        5: f" （{issuer}） {words}（{year}）　第 ",
        6: f"（{issuer}）{words}（{year}）第00",
        7: f"（{issuer}）{words}（{year}）",
        9: f"备案号：（{issuer}）{words}（{year}）第",
        10: f"{bare}{words}〔{year}〕第",
        11: f"（{issuer}）{words}（{year.translate(_FULL_WIDTH)}）第",
        13: f"({issuer}){filing}（{year}）第",
        14: f"[{issuer}）{words}〔{year})第",
        15: f"登记备案号: （\u200b{issuer}）{words}（{year}）第",
    }.get(style, f"（{issuer}）{words}（{year}）第")


def _v_opening(style: int) -> str:
    return {4: "v", 5: " V ", 9: "备案号：V", 11: "Ｖ", 15: "节目编号 V"}.get(style, "V")


_CLOSINGS = {4: "號", 5: " 号 ", 8: "", 15: "号。"}
_OPENINGS: dict[int, pa.Array] = {}


def _openings(last_year: int) -> pa.Array:
    """All openings, by issuer, family, year and style."""
    if last_year not in _OPENINGS:
        years = [str(year) for year in range(FIRST_YEAR, last_year + 1)]
        _OPENINGS[last_year] = pa.array(
            _opening(style, issuer, words, year)
            for issuer in ISSUERS
            for words in _WORDS
            for year in years
            for style in range(_STYLES)
        )
    return _OPENINGS[last_year]


def spell(numbers: Numbers, odd: Ints, last_year: int) -> pa.Array:
    """The numbers as text.

    Args:
        numbers: years run from FIRST_YEAR to last_year.
        odd: 0 for the official spelling, 1 … 15 for an odd one.
    """
    style = np.where((odd == 13) & (numbers.family != FILING), 1, odd)
    is_v = numbers.family == V_NUMBER
    years = last_year - FIRST_YEAR + 1
    code = (numbers.issuer * len(_WORDS) + np.where(is_v, 0, numbers.family)) * years + numbers.year - FIRST_YEAR
    opening = _openings(last_year).take(pa.array(code * _STYLES + style))
    serial = pc.cast(pa.array(numbers.serial), pa.string())
    closing = pa.array([_CLOSINGS.get(style, "号") for style in range(_STYLES)]).take(pa.array(style))
    text = pc.binary_join_element_wise(opening, serial, closing, "")
    text = _respell(text, opening, serial, closing, (style == _FULL) & ~is_v, str.maketrans(_FULL_WIDTH))
    text = _respell(text, opening, serial, closing, (style == _LETTER) & ~is_v, str.maketrans("0", "O"))
    return _v_numbers(text, serial, style, is_v)


def _respell(
    text: pa.Array, opening: pa.Array, serial: pa.Array, closing: pa.Array, rows: np.ndarray, table: dict[int, int]
) -> pa.Array:
    """The rows again, with their serials' characters replaced."""
    mask = pa.array(rows)
    changed = pa.array([value.translate(table) for value in serial.filter(mask).to_pylist()], pa.string())
    spelt = pc.binary_join_element_wise(opening.filter(mask), changed, closing.filter(mask), "")
    return pc.replace_with_mask(text, mask, spelt)


def _v_numbers(text: pa.Array, serial: pa.Array, style: Ints, rows: np.ndarray) -> pa.Array:
    mask = pa.array(rows)
    opening = pa.array([_v_opening(style) for style in range(_STYLES)]).take(pa.array(style[rows]))
    return pc.replace_with_mask(text, mask, pc.binary_join_element_wise(opening, serial.filter(mask), ""))


def is_regulator(issuer: Ints) -> np.ndarray:
    """Whether each issuer is a regulator."""
    return issuer < len(REGULATORS)
