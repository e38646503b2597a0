"""The reference of the rules is what the rule files and their cases say."""

import re
from pathlib import Path

import pytest

from compliance.rules.examples import Example, read_examples
from compliance.rules.facts import FACTS
from compliance.rules.loading import load_rules
from compliance.rules.reference import LANGUAGES, WORDS, main, page

DOCS = Path(__file__).parents[2] / "docs" / "rules"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_page_is_the_one_that_is_made(language: str) -> None:
    assert (DOCS / f"{language}.md").read_text(encoding="utf-8") == page(language), "run `make docs`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_a_section_for_every_rule(language: str) -> None:
    assert re.findall(r'<a id="([a-z-]+)"></a>', page(language)) == [rule.id for rule in load_rules()]


def test_both_pages_are_written_into_the_folder(tmp_path: Path) -> None:
    main([str(tmp_path / "rules")])
    assert sorted(path.name for path in (tmp_path / "rules").iterdir()) == ["en.md", "zh.md"]


def test_both_languages_have_the_same_words() -> None:
    assert set(WORDS["zh"]) == set(WORDS["en"])


def test_every_fact_is_explained_in_chinese_or_is_a_column_unchanged() -> None:
    unexplained = [name for name, fact in FACTS.items() if name not in WORDS["facts_zh"] and " " in fact.meaning]
    assert unexplained == []
    assert set(WORDS["facts_zh"]) <= set(FACTS)


def test_an_example_says_only_what_differs(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(
        """[[case]]
name = "样例"
as_of = 2026-09-01
title = { permit_number = "\\u200b", online_at = 2026-08-31T23:59:59, promoted = true }
register = []
placements = {}
labels = [{ text = "甲" }, {}]
outcome = "unknown"
""",
        encoding="utf-8",
    )
    assert read_examples(tmp_path, "sample") == (
        Example(
            name="样例",
            differences=(
                "as_of = 2026-09-01",
                'permit_number = "\\u200b"',
                "online_at = 2026-08-31 23:59:59",
                "promoted = true",
                "register: —",
                "placements: ✓",
                'labels: text = "甲"; ✓',
            ),
            outcome="unknown",
            action="hold",
        ),
    )
