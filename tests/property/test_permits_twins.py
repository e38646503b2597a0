"""The parser and its SQL twin agree on whatever is written; and what must hold of every number holds.

An engine's agreement with another engine proves little: both may be wrong in one way. The twins share the patterns and
nothing else, so here each text of a batch goes through both.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.permits import Permit, find, fold_issuer, name_key, parse, shipped_issuers
from compliance.permits.patterns import CLOSE, OPEN, SIMPLIFIED, WORDS_BY_SPELLING
from compliance.permits.sql import (
    PARTS,
    find_sql,
    is_official_sql,
    parse_sql,
    register_functions,
)

LOOK_ALIKES = Path(__file__).parents[1] / "data" / "lookalikes.csv"
UNSEEN = (
    "\t\n\v\f\r\x1c\x1f \x85\xa0\u1680\u2003\u2028\u3000"
    "\xad\u180e\u200b\u200e\u200f\u202e\u2060\u2066\ufe0f\ufeff\U000e0101"
)
REAL = (
    "（番茄）网微剧备字（2026）第847205号",
    "（七猫）网微剧备字（2025）第01177号",
    "(总局)网剧审字(2022)第001号",
    "沪网微剧备字〔2026〕0123号",
    "备案号：（沪）网微剧备案字【2024】第OＯ1号。",
    "（騰訊視頻）網微劇備字（２０２６）第７號",
    "V11004342001101",
    "V123456788888888",
    "影剧备字[2014]第653号",
    "（粤）字第03212号",
)
PIECES = (
    *"（）()［］〔〕【】﹙﹚《》：:，。、-“”/\\^&第號号字网網微剧劇备備案审審沪滬总局番茄VvＶOＯo０１９019年",
    *(
        "网微剧",
        "网微剧备字",
        "网剧审字",
        "備案號",
        "编号",
        "登记备案号",
        "节目编号",
        "影剧备字",
        "剧审字",
        "ICP备",
        "（2026）",
    ),
    *("\x00", "🍅", "\u202e", "𠀀", "々", "薴", "ﷺ", "'", "''", "%", "_", "$", "{2}", "\\x{41}", "e\u0301", "0" * 40),
)

batches = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))

pieces = st.sampled_from(PIECES)
issuers = st.one_of(
    st.sampled_from(
        [
            "番茄",
            "七猫",
            "总局",
            "總局",
            "沪",
            "紅果",
            "騰訊視頻",
            "ＱＱ浏览器",
            "编号",
            "第",
            "网微剧",
            "審",
            "）第",
            "",
            "无此人",
        ]
    ),
    st.lists(pieces, max_size=4).map("".join),
)
variants = {simplified: (simplified, traditional) for traditional, simplified in SIMPLIFIED.items()}


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number as somebody might write it; most of them can be read."""

    def either(*choices: str) -> str:
        return draw(st.sampled_from(choices))

    def in_any_script(text: str) -> str:
        return "".join(either(*variants.get(character, (character,))) for character in text)

    def digits(least: int, most: int) -> str:
        alphabet = either("0123456789", "0123456789０１２", "０１２３４５６７８９", "0OＯ1")
        return draw(st.text(alphabet, min_size=least, max_size=most))

    before = in_any_script(either("", "", "备案号", "备案号：", "登记备案号", "“", "（", "编号（", "剧名", "a"))
    after = either("", "", "。", "）", "\n", "”", " 第2集", "号", "x")
    if draw(st.integers(0, 9)) == 0:
        return before + either("V", "v", "Ｖ", "U") + digits(13, 16) + after
    issuer = draw(issuers)
    open_, close = either(*OPEN), either(*CLOSE)
    named = either(f"{open_}{issuer}{close}", f"{open_}{issuer}{close}", f"（{issuer}）", issuer, "沪", "總局")
    words = in_any_script(either(*WORDS_BY_SPELLING))
    year = either(*OPEN) + digits(4, 4) + either(*CLOSE) if draw(st.integers(0, 9)) else either("", "2026", "（26）")
    serial = either("第", "第", "") + either(digits(1, 8), digits(1, 8), "", "一") + either("号", "號", "")
    return before + named + words + year + serial + after


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A real number or look-alike after a few edits."""
    text = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(st.one_of(st.just(""), pieces, st.sampled_from(UNSEEN)))
            + text[at + draw(st.integers(0, 1)) :]
        )
    return text


free = st.one_of(
    st.lists(pieces, max_size=30).map("".join), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
texts = st.lists(st.one_of(written(), written(), damaged(), free), min_size=40, max_size=120)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    register_functions(connection)
    return connection


def in_sql(con: duckdb.DuckDBPyConnection, twin: object, batch: Sequence[str | None]) -> list[tuple[object, ...]]:
    """Each text's parts, in the order of the batch."""
    con.register("batch", pa.table({"row_no": range(len(batch)), "written": pa.array(batch, pa.string())}))
    return con.execute(
        f"SELECT {', '.join(PARTS)} FROM ({twin('batch', 'written', ['row_no'])}) ORDER BY row_no"
    ).fetchall()


def in_python(read: object, text: str | None) -> tuple[object, ...]:
    parsed = read(text)
    if isinstance(parsed, Permit):
        return (parsed.family, parsed.issuer, parsed.words, parsed.year, parsed.serial, parsed.canonical, None)
    return (None, None, None, None, None, None, str(parsed.reason))


def assert_twins_agree(con: duckdb.DuckDBPyConnection, batch: Sequence[str | None]) -> None:
    for read, twin in ((parse, parse_sql), (find, find_sql)):
        expected = {text: in_python(read, text) for text in batch}
        assert dict(zip(batch, in_sql(con, twin, batch), strict=True)) == expected


@batches
@given(texts)
def test_the_twins_agree(con, batch):
    assert_twins_agree(con, batch)


def test_the_twins_agree_on_extremes(con):
    long = "9" * 10_000
    with LOOK_ALIKES.open(encoding="utf-8", newline="") as file:
        look_alikes = [row["raw_text"] for row in csv.DictReader(file)]
    assert_twins_agree(
        con,
        [
            None,
            "",
            UNSEEN,
            *REAL,
            *look_alikes,
            f"（番茄）网微剧备字（2026）第{long}号",
            f"（番茄）网微剧备字（2026）第{'0' * 10_000}号",
            f"（{'番' * 10_000}）网微剧备字（2026）第1号",
            f"{'（' * 5_000}番茄）网微剧备字（2026）第1号{'）' * 5_000}",
            f"{'备案号' * 3_000}沪网微剧备字（2026）第1号",
            f"{' ' * 10_000}沪网微剧备字（2026）第1号",
            "（审" * 3_000,
            long,
            "🍅" * 10_000,
            "（\x00）网微剧备字（2026）第1号\x00",
            "\x00",
            "（第1号）网微剧备字（2026）第1号",
            "（网微剧备字）网微剧备字（2026）第1号",
            "沪网微剧备字（2026）网微剧备字（2025）第1号",
        ],
    )


@batches
@given(texts)
def test_an_official_text_is_its_own_canonical_form(con, batch):
    official = [text for text in batch if isinstance(parse(text), Permit)]
    batch = [*batch, *(parse(text).canonical for text in official)]
    con.register("batch", pa.table({"written": pa.array(batch, pa.string())}))
    rows = con.execute(f"SELECT written FROM batch WHERE {is_official_sql('written', shipped_issuers())}").fetchall()
    assert {written for (written,) in rows} == {text for text in batch if is_known_micro_drama(text)}


def is_known_micro_drama(text: str) -> bool:
    """What `is_official_sql` promises to recognise."""
    parsed = parse(text)
    return (
        isinstance(parsed, Permit)
        and parsed.canonical == text
        and parsed.words in ("网微剧审字", "网微剧备字")
        and parsed.issuer in shipped_issuers()
        and parsed.serial != "0"
        and len(parsed.serial) <= 10
    )


def test_an_official_form_is_refused_to_names_that_are_not_folded(con):
    names = ["紅果", "Ｑ", "番 茄", "甲）第", "", "+", "甲.", "(.*)"]
    texts = [f"（{name}）网微剧备字（2026）第1号" for name in [*names, "甲乙", "++"]]
    con.register("batch", pa.table({"written": texts}))
    rows = con.execute(f"SELECT written FROM batch WHERE {is_official_sql('written', names)}").fetchall()
    assert [text for (text,) in rows] == ["（+）网微剧备字（2026）第1号", "（甲.）网微剧备字（2026）第1号"]
    assert is_official_sql("written", ["紅果"]) == "FALSE"


def test_null_is_not_official(con):
    relation = "(SELECT NULL::VARCHAR AS written)"
    assert con.execute(f"SELECT {is_official_sql('written', ['甲'])} FROM {relation}").fetchall() == [(False,)]


@settings(max_examples=150, deadline=None)
@given(st.one_of(written(), damaged()))
def test_the_canonical_form_of_a_number_reads_as_that_number(text):
    for parsed in (parse(text), find(text)):
        if isinstance(parsed, Permit):
            again = parse(parsed.canonical)
            assert isinstance(again, Permit)
            assert (again.family, again.issuer, again.words, again.year, again.serial, again.canonical) == (
                parsed.family, parsed.issuer, parsed.words, parsed.year, parsed.serial, parsed.canonical,
            )  # fmt: skip
            assert again.deviations == ()


@settings(max_examples=150, deadline=None)
@given(st.one_of(written(), damaged(), free), st.data())
def test_white_space_and_characters_without_width_change_nothing(text, data):
    spaced = text
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(spaced)))
        spaced = spaced[:at] + data.draw(st.sampled_from(UNSEEN)) + spaced[at:]
    assert in_python(parse, spaced) == in_python(parse, text)
    assert in_python(find, spaced) == in_python(find, text)


@settings(max_examples=150, deadline=None)
@given(st.one_of(written(), damaged()))
def test_what_a_field_says_is_found_in_a_frame(text):
    parsed = parse(text)
    if isinstance(parsed, Permit):
        assert in_python(find, text) == in_python(parse, text)


@batches
@given(texts)
def test_the_functions_of_the_connection_are_the_parsers_own(con, batch):
    con.register("batch", pa.table({"row_no": range(len(batch)), "written": pa.array(batch, pa.string())}))
    rows = con.execute("SELECT written, fold_issuer(written), name_key(written) FROM batch ORDER BY row_no").fetchall()
    assert rows == [(text, fold_issuer(text), name_key(text)) for text in batch]


@settings(max_examples=150, deadline=None)
@given(st.one_of(issuers, free))
def test_a_folded_issuer_stays_as_it_is(text):
    assert fold_issuer(fold_issuer(text)) == fold_issuer(text)
