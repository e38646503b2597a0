"""The number expected against a recogniser's probabilities, on probabilities written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.labels.alphabet import Alphabet
from compliance.labels.scoring import Fit, Posteriors, fit
from compliance.permits.parsing import Permit, parse

ALPHABET = Alphabet(["", *"0123456789（）()〔〕网微剧备审字号第番茄快手香刷各沪浙V：备案 OB大天", " "])
NUMBER = "（番茄）网微剧备字（2026）第847205号"


def permit(text: str) -> Permit:
    found = parse(text)
    assert isinstance(found, Permit)
    return found


def shown(
    text: str, *, steps: int = 2, sure: float = 0.98, also: dict[int, tuple[str, float]] | None = None
) -> Posteriors:
    """What a recogniser says of a clear text: some steps a character, a blank between; `also`: a rival at a place."""
    rows = []
    for place, one in enumerate(text):
        row = np.full(len(ALPHABET.characters), (1 - sure) / len(ALPHABET.characters), np.float32)
        row[ALPHABET.characters.index(one)] = sure
        if also and place in also:
            rival, share = also[place]
            row[ALPHABET.characters.index(one)] -= share
            row[ALPHABET.characters.index(rival)] += share
        blank = np.full(len(ALPHABET.characters), 0.001, np.float32)
        blank[0] = 0.96
        rows += [row] * (steps - 1) + [blank]
    return np.array(rows)


def deficit(text: str, expected: str = NUMBER, **more: object) -> Fit:
    return fit([shown(text, **more)], permit(expected), ALPHABET)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        "备案号：" + NUMBER,
        "（番茄)网微剧备字〔2026〕第847205号",
        "（番茄）网微剧备字（2026）第00847205号",
        "（番茄）网微剧备字（2026） 第847205号大天",
        "（香茄）网微刷各字（2O26）第B47205号",
    ],
)
def test_the_number_is_found_however_it_is_written(text: str) -> None:
    assert deficit(text).deficit < 0.5


@pytest.mark.parametrize(
    "text",
    ["（番茄）网微剧备字2026第847205号", "（番茄）网微剧备字（2026）847205号", "（番茄网微剧备字（2026）第847205号"],
)
def test_brackets_that_are_not_seen_cost_little(text: str) -> None:
    assert 0 < deficit(text).deficit <= 2


@pytest.mark.parametrize("words", ["网微天备字", "网天剧备字", "网剧备字", "网微备字"])
def test_one_dense_character_may_be_unclear_or_missing(words: str) -> None:
    assert 0.5 < deficit(f"（番茄）{words}（2026）第847205号").deficit < 2


def test_one_is_not_two_and_not_where_it_tells_the_family() -> None:
    for words in ("网备字", "网天大备字", "天微剧备字", "天剧备字", "网微剧天字", "网微剧备天"):
        assert deficit(f"（番茄）{words}（2026）第847205号").deficit > 2, words
    for shown_, asked in (("网剧审字", "网微剧审字"), ("网微剧审字", "网剧审字"), ("网天剧审字", "网微剧审字")):
        assert deficit(f"（沪）{shown_}（2026）第301号", f"（沪）{asked}（2026）第301号").deficit > 2, shown_


REGULATORS = "（沪）网微剧备字（2026）第301号"


@pytest.mark.parametrize(
    "text",
    [
        "沪网微剧备字〔2026〕第301号",
        "沪网微剧备字〔2026〕0301号",
        "备案号：沪网微剧备字（2026）第301号",
        "备案号 沪网微剧备字（2026）第301号",
        "（沪）网微剧备案字（2026）第301号",
        "沪网微剧备案字（2026）第301号",
    ],
)
def test_other_spellings_are_the_same_number(text: str) -> None:
    assert deficit(text, REGULATORS).deficit < 0.8


@pytest.mark.parametrize(
    "text",
    [
        "大沪网微剧备字（2026）第301号",
        "大 沪网微剧备字（2026）第301号",
        "（大沪）网微剧备字（2026）第301号",
        "浙网微剧备字（2026）第301号",
        "沪网微剧审字（2026）第301号",
        "沪网微剧备大字（2026）第301号",
        "沪网微剧备字（2026）第3011号",
        "沪网微剧备字（2026）第302号",
        "沪网微剧备字（2025）第301号",
    ],
)
def test_another_number_is_far_in_other_spellings(text: str) -> None:
    assert deficit(text, REGULATORS).deficit > 5


def test_a_platform_never_stands_without_brackets() -> None:
    assert deficit("番茄网微剧备字（2026）第847205号").deficit > 5


def test_what_was_hardly_read_may_stand_before_an_issuer_without_brackets() -> None:
    begins = shown(" " + REGULATORS.translate({ord("（"): None, ord("）"): None}))
    faint = begins.copy()
    faint[0, ALPHABET.characters.index("大")] = 0.2

    assert fit([begins], permit(REGULATORS), ALPHABET).deficit < 2
    assert fit([faint], permit(REGULATORS), ALPHABET).deficit > 5


def test_a_serial_without_its_last_character_ends_where_the_picture_is_empty() -> None:
    text = NUMBER.removesuffix("号")
    empty = shown("   ")

    clear = fit([np.concatenate([shown(text), empty])], permit(NUMBER), ALPHABET)
    assert (clear.deficit < 0.5, clear.open_ended) == (True, True)
    assert not deficit(NUMBER).open_ended
    assert deficit(text).deficit > 5
    assert fit([np.concatenate([shown(text + "1"), empty])], permit(NUMBER), ALPHABET).deficit > 5
    empty[1, [0, ALPHABET.characters.index("1")]] = 0.7, 0.3
    assert fit([np.concatenate([shown(text), empty])], permit(NUMBER), ALPHABET).deficit > 5


@pytest.mark.parametrize(
    "text",
    [
        "（番茄）网微剧备字（2026）第847206号",
        "（番茄）网微剧备字（2025）第847205号",
        "（快手）网微剧备字（2026）第847205号",
        "（番茄）网微剧备字（2026）第84720号",
        "（番茄）网微剧备字（2026）第8472055号",
        "（番茄）网微剧备字（2026）第1847205号",
        "（番茄）网微剧审字（2026）第847205号",
        "番茄）网微剧备字（2026）第847205号",
        "（番茄）网微剧备字（2026）8847205号",
        "（番茄）网微剧备字（2026）第8472050",
        "（大番茄）网微剧备字（2026）第847205号",
    ],
)
def test_another_number_is_far(text: str) -> None:
    assert deficit(text).deficit > 5


def test_a_digit_in_doubt_costs_what_the_doubt_is() -> None:
    place = NUMBER.index("5")
    fitted = deficit(NUMBER.replace("5", "6"), also={place: ("5", 0.3)})
    assert fitted.deficit == pytest.approx(np.log(0.68 / 0.3), abs=0.1)


def test_a_v_number_is_not_found_in_a_longer_one() -> None:
    assert deficit("V11004342001101", "V11004342001101").deficit < 0.5
    assert deficit("V110043420011017", "V11004342001101").deficit > 5


def test_two_lines_are_read_one_after_the_other() -> None:
    lines = [shown("（番茄）网微剧备字"), shown("（2026）第847205号")]
    assert fit(lines, permit(NUMBER), ALPHABET).deficit < 0.5
    assert fit(lines[::-1], permit(NUMBER), ALPHABET).deficit > 5


def test_a_column_may_begin_with_the_issuer() -> None:
    column = [shown("番茄网微剧备字2026第847205号")]
    assert fit(column, permit(NUMBER), ALPHABET, column=True).deficit < 0.5
    foreign = [shown("大番茄网微剧备字2026第847205号")]
    assert fit(foreign, permit(NUMBER), ALPHABET, column=True).deficit > 5


def test_a_gap_between_digits_is_uneven() -> None:
    steps = shown("（番茄）网微剧备字（2026）第847205号", steps=4)
    at = 4 * (NUMBER.index("7") + 1)
    blank = steps[3:4]
    gap = np.concatenate([steps[:at], *[blank] * 4, steps[at:]])
    assert fit([steps], permit(NUMBER), ALPHABET).even
    assert not fit([gap], permit(NUMBER), ALPHABET).even


@given(st.integers(0, 9_999_999), st.integers(0, 9_999_999))
def test_numbers_are_told_apart(here: int, there: int) -> None:
    on, asked = (f"（番茄）网微剧备字（2026）第{serial}号" for serial in (here, there))
    assert (deficit(on, asked).deficit < 0.5) == (here == there)
