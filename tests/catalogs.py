"""Small, valid catalogs for tests: rows are dicts, and what a row does not say gets a sensible valid value.

The default catalog has one title that nothing is wrong with, on one platform, with its own filing, label and episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.schema import RELATIONS

Row = Mapping[str, Any]

NUMBER = "（番茄）网微剧备字（2026）第847205号"
ROW: Row = {
    "title_id": "new",
    "platform": "fanqie",
    "name": "归来之后",
    "kind": "micro_drama",
    "form": "live_action",
    "uploader": "institution",
    "investment_yuan": 200_000,
    "promoted": False,
    "episode_count": 2,
    "longest_episode_s": 120,
    "status": "draft",
    "reviewed_at": "2026-11-22T10:00:00+08:00",
    "permit_number": NUMBER,
    "labels": [{"channel": "overlay", "text": NUMBER, "title_text": "归来之后"}],
}
"""A title of which a publishing service asks, with all that is known of it."""

_AT = datetime(2026, 11, 20, 8, 0, 0)  # noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

_DEFAULTS: Mapping[str, Row] = {
    "titles": {
        "platform": "fanqie",
        "name": "归来之后",
        "kind": "micro_drama",
        "form": "live_action",
        "producer": "某某影视有限公司",
        "uploader": "institution",
        "investment_yuan": 200_000,
        "subjects": "都市,家庭",
        "promoted": False,
        "declared_tier": 3,
        "episode_count": 2,
        "longest_episode_s": 120,
        "status": "online",
        "online_at": datetime(2026, 6, 1, 12, 0, 0),  # noqa: DTZ001 - wall time
        "reviewed_at": datetime(2026, 5, 20, 12, 0, 0),  # noqa: DTZ001 - wall time
        "permit_number": NUMBER,
        "updated_at": _AT,
    },
    "register": {
        "permit_number": NUMBER,
        "title_name": "归来之后",
        "producer": "某某影视有限公司",
        "filing_org": "番茄",
        "platform": "fanqie",
        "status": "active",
        "issued_on": datetime(2026, 5, 25).date(),  # noqa: DTZ001 - wall time
        "system": "other",
        "reported_at": _AT,
        "updated_at": _AT,
    },
    "platforms": {
        "name": "番茄短剧",
        "short_names": "番茄",
        "operator": "北京某某科技有限公司",
        "av_licence": "0100001",
    },
    "issuers": {"level": "platform", "operator": "北京某某科技有限公司"},
    "labels": {
        "title_id": "t1",
        "channel": "overlay",
        "text": NUMBER,
        "title_text": "归来之后",
        "confidence": 1.0,
        "read_at": _AT,
    },
    "episodes": {"title_id": "t1", "duration_s": 120, "ai_notice": True},
    "placements": {"title_id": "t1", "slot": "feed", "starts_at": _AT},
    "dossiers": {"title_id": "t1", "title_name": "归来之后"},
}

_NUMBERED: Mapping[str, tuple[str, str]] = {
    "titles": ("title_id", "t{}"),
    "platforms": ("platform", "p{}"),
    "issuers": ("short_name", "发证{}"),
    "placements": ("placement_id", "s{}"),
}
"""Keys that a row without one gets from its place, counted from 1."""


def complete(relation: str, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with a valid value in each column that they do not name (None where the column may be empty)."""
    columns = [column.name for column in RELATIONS[relation].columns]
    filled = []
    for place, row in enumerate(rows, start=1):
        unknown = set(row) - set(columns)
        if unknown:
            raise KeyError(f"{relation} has no column {sorted(unknown)}")
        values: dict[str, Any] = dict.fromkeys(columns)
        values |= _DEFAULTS[relation]
        if relation in _NUMBERED:
            column, pattern = _NUMBERED[relation]
            values[column] = pattern.format(place)
        if relation == "episodes":
            values["episode_no"] = place
        filled.append(values | dict(row))
    return filled


def table(relation: str, rows: Sequence[Row]) -> pa.Table:
    """The completed rows as an Arrow table of the relation's types."""
    return pa.Table.from_pylist(complete(relation, rows), schema=arrow_schema(RELATIONS[relation]))


def write_relation(folder: Path, relation: str, rows: Sequence[Row]) -> Path:
    """Write one relation's file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{relation}.parquet"
    pq.write_table(table(relation, rows), path)
    return path


def write_catalog(
    folder: Path,
    *,
    titles: Sequence[Row] | None = ({"title_id": "t1"},),
    register: Sequence[Row] | None = ({},),
    platforms: Sequence[Row] | None = ({"platform": "fanqie"},),
    issuers: Sequence[Row] | None = None,
    labels: Sequence[Row] | None = ({},),
    episodes: Sequence[Row] | None = ({}, {}),
    placements: Sequence[Row] | None = (),
    dossiers: Sequence[Row] | None = None,
) -> Path:
    """Write a catalog of Parquet files and return its folder. None: the relation is absent."""
    relations = {
        "titles": titles,
        "register": register,
        "platforms": platforms,
        "issuers": issuers,
        "labels": labels,
        "episodes": episodes,
        "placements": placements,
        "dossiers": dossiers,
    }
    for relation, rows in relations.items():
        if rows is not None:
            write_relation(folder, relation, rows)
    return folder
