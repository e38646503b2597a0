"""The patterns keep to what Python, RE2 and Java read alike, and are built from the data alone."""

from __future__ import annotations

import re

import pytest

from compliance.permits import patterns
from compliance.permits.folding import drop_unseen

EXPRESSIONS = (
    "DROPPED", "WHITE_SPACE", "LABEL_WORD", "FIELD", "ISSUED", "ONLINE", "INSIDE", "PREFIX_ONLY", "LOOK_ALIKE",
    "HAS_WORDS", "HAS_ISSUER", "HAS_YEAR", "HAS_SERIAL",
)  # fmt: skip


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_uses_nothing_that_engines_read_differently(name):
    expression = getattr(patterns, name)
    assert re.findall(r"\\(?![\\\[\]^&-]|x[0-9A-F]{2})", expression) == []  # \s \d \w \p, references, anchors
    assert re.findall(r"\(\?(?!:)", expression) == []  # looking around, names, flags
    assert re.findall(r"[*+?}]\+", expression) == []  # possessive repetition
    assert [character for character in expression if character < " " or character == "'"] == []


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("FIELD", patterns.FIELD_GROUPS),
        ("ISSUED", patterns.ISSUED_GROUPS),
        ("ONLINE", ("letter", "digits")),
        ("INSIDE", patterns.INSIDE_GROUPS),
    ],
)
def test_the_groups_have_the_names_they_are_told_by(name, groups):
    assert re.compile(getattr(patterns, name)).groups == len(groups)


def test_the_parts_of_an_issued_number_lead_those_of_a_number_inside_a_text():
    assert patterns.INSIDE_GROUPS[: len(patterns.ISSUED_GROUPS)] == patterns.ISSUED_GROUPS


def test_all_white_space_that_python_knows_vanishes():
    white = [chr(code) for code in range(0x110000) if chr(code).isspace()]
    assert len(white) == 29
    assert drop_unseen("".join(white)) == ""


def test_line_ends_vanish_so_that_a_dollar_means_the_end_in_java():
    assert drop_unseen("\n\r\x0b\x0c\x85\u2028\u2029") == ""


def test_each_opening_bracket_has_a_closing_one():
    assert len(patterns.OPEN) == len(patterns.CLOSE) == len(set(patterns.OPEN + patterns.CLOSE)) / 2


@pytest.mark.parametrize(
    ("words", "expression"), [("备", "[备備]"), ("V）", f"[VＶ]{patterns._class(patterns.CLOSE)}"), ("微", "微")]
)
def test_words_are_spelt_with_their_variants(words, expression):
    assert patterns.spell(words) == expression
