"""Words by which a picture tells that it was made by AI."""

from __future__ import annotations

import pytest

from compliance.labels.notices import fold, notice_in, phrases


@pytest.mark.parametrize(
    "text",
    [
        "AI生成",
        "本片由ＡＩ 生成",
        "内容由 AI 辅助生成，仅供娱乐",
        "Al生成",
        "人工智能生成合成内容",
        "人工智慧".replace("慧", "能") + "製作",
        "AIGC短剧",
    ],
)
def test_a_notice_is_known(text: str) -> None:
    assert notice_in(text) in phrases()


@pytest.mark.parametrize("text", ["", "AI", "人工智能", "爱生成", "总裁的AI秘书", "生成", "A I 来了"])
def test_other_words_are_none(text: str) -> None:
    assert notice_in(text) is None


def test_phrases_stand_folded() -> None:
    assert all(phrase == fold(phrase) for phrase in phrases())
