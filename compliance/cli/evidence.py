"""Where label evidence is, for the commands that write or show it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.cli.config import load_config
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

if TYPE_CHECKING:
    from compliance.cli.config import Config
    from compliance.labels.pending import Locate
    from compliance.labels.store import Evidence, EvidenceError
    from compliance.labels.tasks import Kept

STANDALONE = Path("label-evidence")
"""Where nothing says otherwise: in the working folder."""
NO_MEDIA = Message("没有说明各集的视频在哪里", "nothing says where the episodes' videos are")
MEDIA_REMEDY = Message(
    '在配置的 [labels] 中写 media = "…/{title_id}/{episode_no}.mp4"，或一个含 title_id、episode_no、path 的表',
    'set media in [labels] of gate.toml: "…/{title_id}/{episode_no}.mp4", or a table with the columns title_id,'
    " episode_no, path",
)
OUTCOMES = {
    "verified": Message("一致", "verified"),
    "contradicted": Message("另一编号", "contradicted"),
    "unreadable": Message("无法辨认", "unreadable"),
    "absent": Message("未见标注", "absent"),
    "failed": Message("未能读取", "failed"),
}


UNREAD = Message("注意：没有画面截图。{error}", "note: no frames of videos are shown: {error}")
SHOWN = Message("显示 {permit}", "shows {permit}")
AT = Message("{at:.1f} 秒", "at {at:.1f} s")
REASONS = {
    "nothing_expected": Message("没有应有编号可比", "no number to compare with"),
    "expected_malformed": Message("应有编号不合格式", "the number expected is malformed"),
    "not_settled": Message("各帧读数不一", "the frames do not agree"),
    "not_seen": Message("未见编号", "no number seen"),
    "no_file": Message("文件不存在", "there is no such file"),
    "empty_file": Message("文件为空", "the file is empty"),
    "not_a_video": Message("不是视频文件", "it is no video file"),
    "no_video_stream": Message("没有视频流", "no video in it"),
    "no_frames": Message("没有可解码的画面", "no frame can be decoded"),
    "unknown_codec": Message("没有解码器", "no decoder for it"),
    "corrupt": Message("文件损坏", "it is damaged"),
    "encrypted": Message("文件已加密", "it is encrypted"),
    "other_media": Message("不是片库所记的文件", "not the file that the catalog's hash is of"),
    "file_changed": Message("读取期间文件有变", "it changed while it was read"),
    "took_too_long": Message("超时", "it took too long"),
    "reader_crashed": Message("解码进程崩溃", "its decoder crashed"),
}
"""Reasons, by their codes."""


def store_for(config: Config, said: Path | None = None, out: Path | None = None) -> Evidence:
    """The evidence store: what is said, else what the configuration says, else in the out folder."""
    from compliance.labels.store import Evidence

    return Evidence(said or folder_for(config, out) or STANDALONE)


def folder_for(config: Config, out: Path | None = None) -> Path | None:
    """The folder that the configuration says, else the one in the out folder; None without either."""
    from compliance.outputs import LABELS

    if config.labels.evidence is not None:
        return _beside(config) / config.labels.evidence
    out = out or config.out
    return None if out is None else out / LABELS


def locate_for(config: Config) -> Locate:
    """How the configuration finds an episode's video. Raises ConfigurationError where it says nothing of it."""
    from compliance.labels.pending import locator

    if config.labels.media is None:
        raise ConfigurationError(NO_MEDIA(), remedy=MEDIA_REMEDY())
    return locator(config.labels.media, _beside(config))


def workers_for(config: Config) -> int:
    """How many processes read."""
    return config.labels.workers or os.cpu_count() or 1


def kept_json(kept: Kept, store: Evidence) -> dict[str, object]:
    """One reading as JSON prints it (contract, section 3), without what is empty."""
    values: dict[str, object] = {
        "file": kept.file,
        "outcome": str(kept.outcome),
        "permit": kept.permit,
        "at_s": kept.at_s,
        "confidence": kept.confidence,
        "evidence": str(store.folder / kept.evidence[0]) if kept.evidence else None,
        "reason": kept.reason,
        "detail": kept.detail,
        "text": kept.text if kept.text != kept.permit else None,
        "ai_notice": kept.notice,
        "title_id": kept.title_id,
        "episode_no": kept.episode_no,
    }
    return {name: value for name, value in values.items() if value is not None}


def kept_text(kept: Kept, store: Evidence) -> str:
    """One reading on one line: outcome, video, what it shows when, why, and where the frame is."""
    parts = [OUTCOMES[kept.outcome](), kept.file]
    if kept.permit:
        parts.append(SHOWN(permit=kept.permit))
    elif kept.text:
        parts.append(kept.text)
    if kept.at_s is not None:
        parts.append(AT(at=kept.at_s))
    if kept.reason:
        parts.append(REASONS[kept.reason]() if kept.reason in REASONS else kept.reason)
    parts += [part for part in (kept.detail,) if part]
    parts += [str(store.folder / path) for path in kept.evidence[:1]]
    return "  ".join(parts)


def evidence_of(title_id: str, out: Path | None) -> tuple[Evidence, list[Kept]]:
    """The store beside these outputs, and what it has of a title: nothing where it cannot be read, which is told."""
    from compliance.labels.store import EvidenceError

    store = store_for(load_config(), out=out)
    try:
        return store, store.of_title(title_id)
    except EvidenceError as error:
        say_unread(error)
        return store, []


def say_unread(error: EvidenceError) -> None:
    """That no frames are shown, and why; what is judged does not depend on them."""
    sys.stderr.write(UNREAD(error=error) + "\n")


def _beside(config: Config) -> Path:
    return config.path.parent if config.path is not None else Path()
