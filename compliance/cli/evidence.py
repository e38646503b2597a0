"""Where label evidence is, for the commands that write or show it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.cli.language import Message
from compliance.errors import ConfigurationError

if TYPE_CHECKING:
    from compliance.cli.config import Config
    from compliance.labels.pending import Locate
    from compliance.labels.store import Evidence
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


def _beside(config: Config) -> Path:
    return config.path.parent if config.path is not None else Path()
