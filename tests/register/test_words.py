"""The words of statuses and systems: what people write is understood, and what may say the contrary is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.register.vocabulary import status_of, system_of
from tests.register.extracts import extract, landed, row, sqlite, take


@pytest.mark.parametrize(
    "word",
    [
        "有效（已撤销）",
        "备案通过（2026-10-01注销）",
        "正常(停播整改)",
        "有效【注销】",
        "有效？",
        "有效*",
        "有效…",
        "有效/撤销",
    ],
)
def test_what_stands_beside_a_status_is_not_dropped(word: str, tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    done = take(store, extract(tmp_path, row(1), row(2, status=word)))
    assert landed(done) == {"imported": 1, "rejected": 1}
    assert done.rejected_file is not None
    assert "状态无法识别" in done.rejected_file.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("word", ["有效。", " 【有效】", "“有效”", "備案通過", "Ａｃｔｉｖｅ", "有\u200b效；"])
def test_decoration_round_a_status_does_not_count(word: str) -> None:
    assert status_of(word) == "active"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("active", "有效 正常 已备案 备案成功 审批通过 已通过 已登记 已核准 已生效"),
        ("pending", "待审 审核中 审批中 办理中 受理中 待登记 公示中 补正中"),
        ("suspended", "暂停 中止 已中止 停用 已停用 冻结 已冻结 已停播 整改中"),
        ("revoked", "撤销 已撤销备案 吊销 注销 注销备案 作废 废止 已废止 廢止 终止 已终止 無效"),
        ("expired", "失效 到期 过期 期满 届满"),
        (None, "停办 已停办 驳回 未通过 无"),
    ],
)
def test_words_that_people_write_for_a_status(status: str | None, words: str) -> None:
    assert {word: status_of(word) for word in words.split()} == dict.fromkeys(words.split(), status)


@pytest.mark.parametrize(("meaning", "words"), [("ordinary", "普通"), ("other", "其他")])
def test_the_note_belongs_to_the_name_of_a_system(meaning: str, words: str) -> None:
    assert system_of(f"网络视听节目备案系统（{words}）") == system_of(f"网络视听节目备案系统({words})") == meaning
    assert system_of("网络视听节目备案系统") is None
    assert system_of(f"{words}（已撤销）") is None
