"""Dossiers of legacy titles: which of the nine items are there (35号三.2), and the sheet that is ready to be sent."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.register.desk import Desk, at_desk
from compliance.register.sheets import write_sheets

ITEMS: Mapping[str, str] = {
    "title_name": "节目名称",
    "episode_duration_s": "单集时长",
    "episode_count": "集数",
    "producer": "制作机构",
    "creators": "主创人员",
    "synopsis": "500字以上内容概要",
    "review_opinion": "内容审核意见",
    "cost_breakdown": "成本配置比例情况",
    "platform_commitment": "平台承诺书",
}
"""The nine items by column of the relation `dossiers`."""

SYNOPSIS_CHARACTERS = "dossier_synopsis_characters"
"""The setting of how long a synopsis must be."""

_WORD = re.compile(r"[0-9A-Za-z\u00c0-\u024f]+(?:['’.,-][0-9A-Za-z\u00c0-\u024f]+)*")


@dataclass(frozen=True, slots=True)
class Dossier:
    """A legacy title without a number, and what its dossier lacks."""

    title_id: str
    name: str
    missing: tuple[str, ...]
    """Of ITEMS, in their order; empty: ready to be sent."""
    synopsis_characters: int
    values: Mapping[str, Any]


def people_count(text: str | None) -> int:
    """Characters as people (and word processors) count them.

    Each Han character and each punctuation mark is one, and so is a word of letters or a whole number; white space,
    control and zero-width characters and combining marks are none.
    """
    whole = _WORD.sub("字", unicodedata.normalize("NFKC", text or ""))
    return sum(unicodedata.category(character)[0] not in "ZCM" for character in whole)


def dossiers(desk: Desk) -> list[Dossier]:
    """The dossiers that are due: legacy micro-dramas, not offline, without a number."""
    columns = ", ".join(f"d.{item}" for item in ITEMS)
    bound = int(desk.policy.number(SYNOPSIS_CHARACTERS))
    with at_desk(desk) as con:
        rows = con.execute(
            f"SELECT f.title_id, f.name, {columns} FROM facts AS f"
            " LEFT JOIN (SELECT DISTINCT ON (title_id) * FROM dossiers ORDER BY ALL) AS d USING (title_id)"
            " WHERE f.kind = 'micro_drama' AND f.legacy AND f.permit_blank ORDER BY f.title_id"
        ).fetchall()
    return [_dossier(title_id, name, dict(zip(ITEMS, values, strict=True)), bound) for title_id, name, *values in rows]


def _dossier(title_id: str, name: str, values: Mapping[str, Any], bound: int) -> Dossier:
    counted = people_count(values["synopsis"])
    missing = [item for item in ITEMS if not _is_given(values[item])]
    if counted < bound and "synopsis" not in missing:
        missing.append("synopsis")
    return Dossier(title_id, name, tuple(item for item in ITEMS if item in missing), counted, values)


def _is_given(value: object) -> bool:
    """An amount of 0 and a text of nothing but white space or punctuation are no answer."""
    if isinstance(value, str):
        return any(character.isalnum() for character in value)
    return bool(value)


def missing_counts(found: list[Dossier]) -> dict[str, int]:
    """For each of the nine items how many dossiers lack it."""
    counts = Counter(item for dossier in found for item in dossier.missing)
    return {item: counts[item] for item in ITEMS}


def write_dossiers(found: list[Dossier], out: Path) -> Path:
    """A workbook: the complete dossiers ready to be sent, the others with what they lack, and the counts by item."""
    ready = [list(dossier.values.values()) for dossier in found if not dossier.missing]
    lacking = [
        [
            dossier.title_id,
            dossier.name,
            "、".join(ITEMS[item] for item in dossier.missing),
            dossier.synopsis_characters,
        ]
        for dossier in found
        if dossier.missing
    ]
    counts = [[ITEMS[item], count] for item, count in missing_counts(found).items()]
    return write_sheets(
        out,
        [
            ("待报送", list(ITEMS.values()), ready),
            ("缺项", ["title_id", "节目名称", "缺项", "概要字数"], lacking),
            ("按缺项", ["项目", "缺少的剧目数"], counts),
        ],
    )
