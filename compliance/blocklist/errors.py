"""What can be wrong with the block list in force."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import duckdb

from compliance.errors import GateError
from compliance.files import is_full
from compliance.language import worded


class BlockListError(GateError):
    """The block list cannot be published or read, or is not what was published (exit 3)."""


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Tell in words why nothing can be published; the version in force stays so."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        remedy = (
            worded("腾出空间后运行 gate blocklist publish", "free space and run `gate blocklist publish`")
            if is_full(error)
            else worded(
                "确认当前用户可写此文件夹、没有别的发布者卡住，再运行 gate blocklist publish",
                "see that this user may write to the folder and that no other publisher hangs; then run"
                " `gate blocklist publish`",
            )
        )
        raise BlockListError(
            worded(
                f"{folder}：拦截名单无法发布；仍以生效的版本为准",
                f"{folder}: the block list cannot be published; the version in force stays so",
            ),
            problems=[str(error)],
            remedy=remedy,
        ) from error
