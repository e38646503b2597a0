"""A night's changes to a catalog on disk: a small share of its titles and of its register becomes another."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

TITLES, REGISTER = 0.005, 0.001
"""Shares that change in a night."""

_DAY_AFTER = "TIMESTAMP '2026-11-20 21:00:00'"

# What becomes of a changed title, by turns: half of the changes mean nothing to any rule, as most edits do.
_TITLES = """
SELECT * EXCLUDE (turn, place, other_number) REPLACE (
    CASE turn % 16 WHEN 1 THEN NULL WHEN 3 THEN other_number ELSE permit_number END AS permit_number,
    CASE turn % 16 WHEN 5 THEN name || '续' ELSE name END AS name,
    CASE turn % 16 WHEN 7 THEN 'offline' ELSE status END AS status,
    CASE turn % 16 WHEN 9 THEN 5000000 ELSE investment_yuan END AS investment_yuan,
    CASE turn % 16 WHEN 11 THEN 'individual' ELSE uploader END AS uploader,
    CASE turn % 16 WHEN 13 THEN NULL ELSE reviewed_at END AS reviewed_at,
    CASE WHEN turn IS NULL THEN updated_at ELSE {at} END AS updated_at
)
FROM (
    SELECT *, row_number() OVER () AS place, lag(permit_number, 1000) OVER () AS other_number,
        CASE WHEN hash(title_id) % 1000000 < {share} * 1000000 THEN hash(title_id) // 1000003 END AS turn
    FROM read_parquet('{source}')
)
ORDER BY place"""

_REGISTER = """
SELECT * EXCLUDE (turn, place) REPLACE (
    CASE turn % 4 WHEN 0 THEN 'revoked' WHEN 1 THEN 'active' ELSE status END AS status,
    CASE turn % 4 WHEN 2 THEN title_name || '（更名）' ELSE title_name END AS title_name,
    CASE WHEN turn IS NULL THEN updated_at ELSE {at} END AS updated_at
)
FROM (
    SELECT *, row_number() OVER () AS place,
        CASE WHEN hash(permit_number) % 1000000 < {share} * 1000000 THEN hash(permit_number) // 1000003 END AS turn
    FROM read_parquet('{source}')
)
ORDER BY place"""


def settle(catalog: Path, before: Path) -> None:
    """Write the catalog of the first night: no platform's licence runs out between it and the next."""
    before.mkdir(parents=True)
    for path in catalog.iterdir():
        if path.name != "platforms.parquet":
            (before / path.name).hardlink_to(path)
    longer = (
        f"SELECT * REPLACE (greatest(valid_until, DATE '2027-12-31') AS valid_until) FROM '{catalog}/platforms.parquet'"
    )
    duckdb.execute(f"COPY ({longer}) TO '{before}/platforms.parquet' (FORMAT parquet)")


def change(before: Path, after: Path) -> None:
    """Write the catalog of the next night into an empty folder. What has not changed is the same file."""
    after.mkdir(parents=True)
    for path in before.iterdir():
        if path.name not in ("titles.parquet", "register.parquet"):
            (after / path.name).hardlink_to(path)
    with duckdb.connect() as con:
        for name, select, share in (("titles", _TITLES, TITLES), ("register", _REGISTER, REGISTER)):
            changed = select.format(share=share, source=before / f"{name}.parquet", at=_DAY_AFTER)
            con.execute(f"COPY ({changed}) TO '{after}/{name}.parquet' (FORMAT parquet)")


def removed(folder: Path) -> Path:
    """The folder's path, with nothing there."""
    shutil.rmtree(folder, ignore_errors=True)
    return folder
