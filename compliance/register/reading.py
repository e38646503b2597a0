"""Take a file for what it is, whatever its name says, and add its rows to what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from compliance.catalog.sources import literal, quoted
from compliance.language import worded
from compliance.register.errors import ExtractError
from compliance.register.found import Found, Source
from compliance.register.headers import refuse_unseen
from compliance.register.vocabulary import FIELDS, NEEDED_FIELDS

_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")
_ZIP_MARK, _OLE_MARK, _PARQUET_MARK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"


def read_files(found: Found, paths: Iterable[Path], chosen: Mapping[str, str], work: Path) -> None:
    """Add the rows of all files of an extract.

    Raises ExtractError as `read_file`, and where only some of the files and sheets tell the statuses of their rows;
    ConfigurationError for a chosen header that stands in none of them.
    """
    for path in paths:
        read_file(found, path, chosen, work)
    refuse_unseen(chosen, found.headers)
    _refuse_some_without_status(found)


def _refuse_some_without_status(found: Found) -> None:
    """Rows without a status count as active only where no file of the extract has one: there it was left out."""
    sources = found.filled()
    without = [source.name for source in sources if "status" not in source.fields]
    if without and len(without) < len(sources):
        raise ExtractError(
            worded(
                "同一份数据中，有的文件或工作表有状态列，有的没有；没有导入任何行",
                "some files or sheets of the extract have a column of statuses and others have none; nothing was"
                " imported",
            ),
            problems=[worded(f"{name}：没有状态列", f"{name}: no column of statuses") for name in without],
            remedy=worded(
                "取得带状态列的数据，或用 --column status=表头 指明该列；确实没有的，加 --partial 单独导入",
                "get them with that column, or name it with --column status=HEADER; import those that really have none"
                " by themselves, with --partial",
            ),
        )


def read_file(found: Found, path: Path, chosen: Mapping[str, str], work: Path) -> None:
    """Add a file's rows; `work` is a folder for copies. Raises ExtractError naming the file and what to do."""
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise ExtractError(
            worded(f"{path}：无法读取：{error.strerror}", f"{path}: cannot be read: {error.strerror}"),
            remedy=worded("指定导出的文件", "name a file of the extract"),
        ) from None
    if not head:
        raise ExtractError(
            worded(f"{path}：空文件", f"{path}: empty"), remedy=worded("重新取得文件", "get the file again")
        )
    if head.startswith((_ZIP_MARK, _OLE_MARK)):
        from compliance.register.workbooks import read_workbook

        read_workbook(found, path, chosen)
    elif head.startswith(_PARQUET_MARK):
        _read_parquet(found, path)
    elif head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise ExtractError(
            worded(f"{path}：是网页，不是工作簿", f"{path}: a web page, not a workbook"),
            remedy=worded("用 Excel 打开后另存为 .xlsx", "open it in Excel and save it as .xlsx"),
        )
    else:
        from compliance.register.delimited import read_text

        read_text(found, path, chosen, work)


def _read_parquet(found: Found, path: Path) -> None:
    """A register that the gate itself exported."""
    try:
        there = {name for (name, *_) in found.con.execute(f"DESCRIBE FROM {_parquet(path)}").fetchall()}
        if missing := set(NEEDED_FIELDS) - there:
            raise ExtractError(
                worded(
                    f"{path}：缺少列 {'、'.join(sorted(missing))}", f"{path}: no column {', '.join(sorted(missing))}"
                ),
                remedy=worded("指定登记库的文件", "name a register's file"),
            )
        first = found.rows()
        columns = ", ".join(f"{quoted(name)}::VARCHAR" if name in there else "NULL" for name in FIELDS)
        found.con.execute(f"INSERT INTO found SELECT {columns}, FALSE FROM {_parquet(path)}")
    except duckdb.Error as error:
        raise ExtractError(
            worded(f"{path}：无法读取：{error}", f"{path}: cannot be read: {error}"),
            remedy=worded("重新导出", "export it again"),
        ) from None
    fields = frozenset(there & set(FIELDS))
    found.sources.append(Source(path.name, first, 1, fields))
    found.fields |= fields


def _parquet(path: Path) -> str:
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    return f"read_parquet({literal(escaped)}, hive_partitioning = false)"
