"""What labels and episodes show of one title (contract, section 5)."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import pytest

from tests.catalogs import NUMBER, Row
from tests.titles import (
    OTHERS_NUMBER,
    facts,
    title,
)

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
