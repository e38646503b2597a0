"""Rejected rows as a sheet: as they were found, with place and reason, to be corrected and imported again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from compliance.catalog.sources import quoted
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.register.errors import RegisterError
from compliance.register.found import Found
from compliance.register.sheets import Cell, write_sheet
from compliance.register.vocabulary import FIELDS, SHEET_WORDS, WRITTEN_HEADERS, reason_text


def rejects_path(files: Sequence[Path], said: Path | None) -> Path:
    """Where the rejected rows of these files go: where a person says, else beside the first of them.

    Raises ConfigurationError where a person says one of the files themselves.
    """
    path = said or files[0].with_name(f"{files[0].stem}.rejected.csv")
    if said and path.exists() and any(file.exists() and path.samefile(file) for file in files):
        raise ConfigurationError(
            worded(
                f"拒收行不能写到 {path}：它是要导入的文件之一；没有导入任何行",
                f"rejected rows cannot go to {path}: it is one of the files to import; nothing was imported",
            ),
            remedy=worded("用 --rejected 文件 指定另一个文件", "name another file with --rejected FILE"),
        )
    return path


def write_rejects(found: Found, path: Path, language: str) -> Path:
    """Write the rejected rows; the last three columns (reason, place, the raw text of a broken row) are no fields.

    Returns where they are: a sheet that is there stays, since somebody may have begun to correct it.
    Raises RegisterError where the file cannot be written, ConfigurationError where it is of another kind.
    """
    fields = [name for name in FIELDS if name in found.fields]
    headers = [
        *(WRITTEN_HEADERS[name] for name in fields),
        SHEET_WORDS["reason"],
        SHEET_WORDS["place"],
        SHEET_WORDS["value"],
    ]
    found.settle()
    try:
        return write_sheet(_free(path), headers, _rows(found, fields, language), title=SHEET_WORDS["reason"])
    except OSError as error:
        raise RegisterError(
            worded(
                f"拒收行无法写到 {path}：{error.strerror}；没有导入任何行",
                f"the rejected rows cannot be written to {path}: {error.strerror}; nothing was imported",
            ),
            remedy=worded("用 --rejected 文件 指定可写的位置", "name a place that can be written with --rejected FILE"),
        ) from error


def _free(path: Path) -> Path:
    """The path, or the first of those numbered after it, where nothing is yet."""
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in itertools.count(2))
    return next(place for place in itertools.chain([path], numbered) if not place.exists())


def _rows(found: Found, fields: list[str], language: str) -> Iterator[list[Cell]]:
    listed = ", ".join(f"unguarded(f.{quoted(name)})" for name in fields)
    rejected = found.con.execute(
        f"SELECT c.row_no, c.reason, {listed} FROM rejected AS c JOIN found AS f ON f.rowid = c.row_no"
        " ORDER BY c.row_no"
    )
    while batch := rejected.fetchmany(10_000):
        for row_no, reason, *cells in batch:
            yield [*cells, reason_text(reason, language), found.place(row_no), ""]
    for place, text, reason in found.con.execute("SELECT place, text, reason FROM broken").fetchall():
        yield [*[""] * len(fields), reason_text(reason, language), place, text]
