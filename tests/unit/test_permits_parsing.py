"""Permit numbers as people write them: what is understood, and why the rest is not (contract, section 4)."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.permits import Permit, Reason, Unreadable, canonical, find, issued_rightly, parse, patterns, rank

LOOK_ALIKES = Path(__file__).parents[1] / "data" / "lookalikes.csv"


def number(text: str | None) -> str:
    parsed = parse(text)
    return parsed.canonical if isinstance(parsed, Permit) else f"unreadable: {parsed.reason}"


def told(text: str) -> tuple[str, ...]:
    parsed = parse(text)
    assert isinstance(parsed, Permit), parsed
    return parsed.deviations


def reason(text: str | None) -> str:
    parsed = parse(text)
    assert isinstance(parsed, Unreadable), parsed
    return parsed.reason


@pytest.mark.parametrize(
    ("text", "family", "issuer", "words", "year", "serial"),
    [
        ("（番茄）网微剧备字（2026）第847205号", "filing", "番茄", "网微剧备字", 2026, "847205"),
        ("（七猫）网微剧备字（2025）第01177号", "filing", "七猫", "网微剧备字", 2025, "1177"),
        ("（七猫）网微剧备字（2026）第02637号", "filing", "七猫", "网微剧备字", 2026, "2637"),
        ("(总局)网剧审字(2022)第001号", "series_licence", "总局", "网剧审字", 2022, "1"),
        ("(抖音)网微剧备字(2024)第1号", "filing", "抖音", "网微剧备字", 2024, "1"),
        ("(沪)网剧审字(2023)第001号", "series_licence", "沪", "网剧审字", 2023, "1"),
        ("沪网微剧备字〔2026〕0123号", "filing", "沪", "网微剧备字", 2026, "123"),
        ("（总局）网微剧审字（2025）第12号", "licence", "总局", "网微剧审字", 2025, "12"),
        ("（粤）网影审字（2023）第7号", "series_licence", "粤", "网影审字", 2023, "7"),
        ("（粤）网动审字（2023）第7号", "series_licence", "粤", "网动审字", 2023, "7"),
        ("V11004342001101", "online_filing", None, None, None, "11004342001101"),
        ("V123456788888888", "online_filing", None, None, None, "123456788888888"),
    ],
)
def test_the_numbers_of_the_regulation_are_understood(text, family, issuer, words, year, serial):
    parsed = parse(text)
    assert isinstance(parsed, Permit)
    assert (parsed.family, parsed.issuer, parsed.words, parsed.year, parsed.serial) == (
        family, issuer, words, year, serial,
    )  # fmt: skip
    assert parsed.canonical == (f"V{serial}" if issuer is None else canonical(issuer, words, year, serial))


OFFICIAL = "（沪）网微剧备字（2026）第123号"


@pytest.mark.parametrize(
    ("text", "deviations"),
    [
        ("（沪）网微剧备字（2026）第123号", ()),
        ("(沪)网微剧备字(2026)第123号", ("brackets",)),
        ("（沪）网微剧备字〔2026〕第123号", ("brackets",)),
        ("【沪】网微剧备字[2026]第123号", ("brackets",)),
        ("［沪］网微剧备字﹝2026﹞第123号", ("brackets",)),
        ("〖沪)网微剧备字(2026】第123号", ("brackets",)),
        ("沪网微剧备字（2026）第123号", ("no_brackets",)),
        ("滬网微剧备字（2026）第123号", ("no_brackets", "traditional")),
        ("（沪） 网微剧备字（2026）\t第123号\n", ("white_space",)),
        ("（沪）网微剧备字（2026）第\u3000123号", ("white_space",)),
        ("（沪）网微剧备字\u200b（2026）第123号", ("zero_width",)),
        ("\ufeff（沪）网微剧备字（20\u200d26）第 123号", ("white_space", "zero_width")),
        ("（沪）网微剧备字（２０２６）第１２３号", ("full_width",)),
        ("（沪）网微剧备字（2026）第OO123号", ("letter_o", "leading_zeros")),
        ("（沪）网微剧备字（2026）第Ｏ123号", ("full_width", "letter_o", "leading_zeros")),
        ("（沪）网微剧备字（2026）第000123号", ("leading_zeros",)),
        ("（沪）网微剧备字（2026）123号", ("no_di",)),
        ("（沪）网微剧备字（2026）第123", ("no_hao",)),
        ("（沪）网微剧备字（2026）123", ("no_di", "no_hao")),
        ("（滬）網微劇備字（2026）第123號", ("traditional",)),
        ("（沪）网微剧备字（2026）第123號", ("traditional",)),
        ("（沪）网微剧备案字（2026）第123号", ("filing_words",)),
        ("（滬）網微劇備案字（2026）第123号", ("traditional", "filing_words")),
        ("备案号（沪）网微剧备字（2026）第123号", ("label_word",)),
        ("備案號：（沪）网微剧备字（2026）第123号", ("label_word", "punctuation")),
        ("許可証號：（沪）网微剧备字（2026）第123号", ("label_word", "punctuation")),
        ("“（沪）网微剧备字（2026）第123号”。", ("punctuation",)),
        ("【备案号】沪网微剧备字（2026）第123号", ("label_word", "punctuation", "no_brackets")),
    ],
)
def test_every_way_of_writing_leads_to_one_number(text, deviations):
    assert number(text) == OFFICIAL
    assert told(text) == deviations


@pytest.mark.parametrize(
    "label",
    [
        "备案号",
        "登记备案号",
        "节目备案号",
        "许可证号",
        "发行许可证号",
        "批准文件编号",
        "节目编号",
        "编号",
        "登記備案號",
        "批準文件編號",
    ],
)
def test_label_words_before_a_number_are_dropped(label):
    assert number(f"{label}：{OFFICIAL}") == number(f" {label} :沪网微剧备字(2026)第123号") == OFFICIAL


@pytest.mark.parametrize(
    ("text", "deviations"),
    [
        ("v11004342001101", ("lower_case_v",)),
        ("ｖ１１００４３４２００１１０１", ("full_width", "lower_case_v")),
        ("备案号：V1100 4342 0011 01", ("label_word", "punctuation", "white_space")),
    ],
)
def test_v_numbers_deviate_too(text, deviations):
    assert number(text) == "V11004342001101"
    assert told(text) == deviations


@pytest.mark.parametrize(
    ("serial", "folded"),
    [
        ("0", "0"),
        ("000", "0"),
        ("O", "0"),
        ("10", "10"),
        ("1O0", "100"),
        ("9" * 5000, "9" * 5000),
        ("0" * 5000 + "7", "7"),
    ],
)
def test_a_serial_is_text_of_any_length(serial, folded):
    assert number(f"（番茄）网微剧备字（2026）第{serial}号") == f"（番茄）网微剧备字（2026）第{folded}号"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "blank"),
        ("", "blank"),
        (" \t\r\n\u3000\u200b\ufeff", "blank"),
        ("网微剧备字", "prefix_only"),
        ("（番茄）网微剧备字", "prefix_only"),
        ("沪网微剧备字", "prefix_only"),
        ("备案号：網微劇備字。", "prefix_only"),
        ("网微剧备案字", "prefix_only"),
        ("影剧备字[2014]第653号", "look_alike"),
        ("影动备字〔2020〕第1号", "look_alike"),
        ("影合立字（2014）第62号", "look_alike"),
        ("（沪）剧审字（2012）第018号", "look_alike"),
        ("新出审字〔2020〕1号", "look_alike"),
        ("粤ICP备12345678号", "look_alike"),
        ("京公网安备11010502030123号", "look_alike"),
        ("广播电视节目制作经营许可证 (粤)字第03212号", "look_alike"),
        ("（粤）字第03212号", "look_alike"),
        ("信息网络传播视听节目许可证：0110544", "look_alike"),
        ("0110544", "look_alike"),
        ("网微剧备字（2026）第1号", "no_issuer"),
        ("（）网微剧备字（2026）第1号", "no_issuer"),
        ("番茄网微剧备字（2026）第1号", "no_issuer"),
        ("浦沪网微剧备字（2026）第1号", "no_issuer"),
        ("内蒙古网微剧备字（2026）第1号", "no_issuer"),
        ("网微剧备字第1号", "no_issuer"),
        ("网剧审字(2022)第001号", "no_issuer"),
        ("（番茄）网微剧备字第1号", "no_year"),
        ("（番茄）网微剧备字2026第1号", "no_year"),
        ("（番茄）网微剧备字（二〇二六）第1号", "no_year"),
        ("（番茄）网微剧备字（2O26）第1号", "no_year"),
        ("（番茄）网微剧备字（26）第1号", "no_year"),
        ("（番茄）网微剧备字（2026年）第1号", "no_year"),
        ("（番茄）网微剧备字（2026）", "no_serial"),
        ("（番茄）网微剧备字（2026）第号", "no_serial"),
        ("（番茄）网微剧备字（2026）第一号", "no_serial"),
        ("（番茄）网微剧备字（2026）第o1号", "no_serial"),
        ("（番茄）网微剧备字（2026）第X号", "no_serial"),
        ("无", "not_a_number"),
        ("-", "not_a_number"),
        ("暂无", "not_a_number"),
        ("N/A", "not_a_number"),
        ("备案号：", "not_a_number"),
        ("12345678901234", "not_a_number"),
        ("V1234567890123", "not_a_number"),
        ("V1234567890123456", "not_a_number"),
        ("V1100434200110O", "not_a_number"),
        ("（番茄）网微剧备案号（2026）第1号", "not_a_number"),
        ("本剧（番茄）网微剧备字（2026）第1号", "not_a_number"),
        ("（番茄）网微剧备字（2026）第1号 共80集", "not_a_number"),
        ("（番茄）网微剧备字（2026）第1-2号", "not_a_number"),
        ("（番茄）网微剧备字（2026）第1号（七猫）网微剧备字（2026）第2号", "not_a_number"),
        ("粤ICP备1号（番茄）网微剧备字（2026）第1号", "not_a_number"),
        ("《番茄》网微剧备字（2026）第1号", "no_issuer"),
        ("（番茄）网微剧备字（2026）第1号\x00", "not_a_number"),
    ],
)
def test_what_is_no_number_says_why(text, why):
    assert reason(text) == why


def test_an_unreadable_number_keeps_the_raw_text():
    assert parse(" 无 ") == Unreadable(Reason.NOT_A_NUMBER, " 无 ")


def test_no_real_look_alike_is_taken_for_a_number():
    with LOOK_ALIKES.open(encoding="utf-8", newline="") as file:
        texts = [row["raw_text"] for row in csv.DictReader(file)]
    assert len(texts) == 29
    assert {text: reason(text) for text in texts} == dict.fromkeys(texts, "look_alike")
    assert [text for text in texts if isinstance(find(text), Permit)] == []


@pytest.mark.parametrize(
    ("issuer", "folded"),
    [
        ("紅果", "红果"),
        ("騰訊視頻", "腾讯视频"),
        ("ＱＱ浏览器", "QQ浏览器"),
        ("番 茄\u200b", "番茄"),
        ("薴", "苎"),
        ("第一网微剧審字", "第一网微剧审字"),
        ("编号", "编号"),
        ("🍅", "🍅"),
    ],
)
def test_an_issuer_in_brackets_may_have_any_name(issuer, folded):
    assert number(f"（{issuer}）网微剧备字（2026）第1号") == f"（{folded}）网微剧备字（2026）第1号"


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("本剧备案号：（番茄）网微剧备字（2026）第847205号 第3集", "（番茄）网微剧备字（2026）第847205号"),
        ("霸道总裁\n(番茄)网微剧备字(2026)第1号\n版权所有", "（番茄）网微剧备字（2026）第1号"),
        ("剧名；沪网微剧备字（2026）第1号", "（沪）网微剧备字（2026）第1号"),
        ("本剧备案号沪网微剧备字（2026）第1号", "（沪）网微剧备字（2026）第1号"),
        ("（番茄）网微剧备字（2026）第1号（七猫）网微剧备字（2026）第2号", "（番茄）网微剧备字（2026）第1号"),
        ("粤ICP备1号 （番茄）网微剧备字（2026）第1号", "（番茄）网微剧备字（2026）第1号"),
        ("网络视听V11004342001101号", "V11004342001101"),
        ("EP12 V11004342001101", "V11004342001101"),
        ("4K\nV11004342001101", "V11004342001101"),
        ("TV11004342001101", "V11004342001101"),
        ("1V11004342001101", "V11004342001101"),
        ("（2026）（番茄）网微剧备字（2026）第1", "（番茄）网微剧备字（2026）第1号"),
    ],
)
def test_the_first_number_inside_a_label_counts(text, inside):
    found = find(text)
    assert isinstance(found, Permit)
    assert found.canonical == inside


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("本剧由番茄网微剧备字（2026）第1号", "no_issuer"),
        ("长沪网微剧备字（2026）第1号", "no_issuer"),
        ("V1100434200110123", "not_a_number"),
        ("霸道总裁", "not_a_number"),
        (None, "blank"),
    ],
)
def test_a_label_without_a_number_says_why(text, why):
    found = find(text)
    assert isinstance(found, Unreadable)
    assert found.reason == why


def test_what_stands_round_a_label_number_is_no_deviation():
    found = find("【剧名】：(沪)网微剧备字（2026）第1号，第２集")
    assert isinstance(found, Permit)
    assert found.deviations == ("brackets",)


@pytest.mark.parametrize(
    ("family", "level", "rightly", "ranked"),
    [
        ("licence", "national", True, 1),
        ("licence", "province", True, 1),
        ("licence", "platform", False, 1),
        ("licence", None, True, 1),
        ("series_licence", "province", True, 1),
        ("series_licence", "platform", False, 1),
        ("filing", "national", True, 2),
        ("filing", "province", True, 2),
        ("filing", "platform", True, 3),
        ("filing", None, True, None),
        ("online_filing", None, True, 1),
    ],
)
def test_the_issuers_level_decides_right_and_rank(family, level, rightly, ranked):
    assert issued_rightly(family, level) is rightly
    assert rank(family, level) == ranked


@pytest.mark.parametrize("words", [words.words for words in patterns.FAMILIES])
@pytest.mark.parametrize("issuer", ["番茄", "京", "总局", "没人知道的", "QQ浏览器", "備案", "编号"])
def test_the_short_way_of_official_numbers_leads_where_the_long_one_does(words: str, issuer: str) -> None:
    """A zero-width character sends the same number the long way; it is told, and nothing else differs."""
    for text in (
        f"（{issuer}）{words}（2026）第12号",
        f"（{issuer}）{words}（2026）第012号",
        f"（{issuer}）{words}（0000）第1号",
    ):
        for read in (parse, find):
            short, long = read(text), read("\u200b" + text)
            assert isinstance(short, Permit)
            assert isinstance(long, Permit)
            deviations = tuple(name for name in long.deviations if name != "zero_width")
            assert replace(long, deviations=deviations) == short
