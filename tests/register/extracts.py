"""Extracts for tests: rows written as people and filing systems write them, and an import that is short to call."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from compliance.policy import Policy, load_policy
from compliance.register.exporting import COLUMNS, export_register
from compliance.register.headers import chosen_columns
from compliance.register.importing import Extract, Imported, import_extract
from compliance.register.store import Store

NOW = datetime(2026, 11, 23, 9, 30)  # noqa: DTZ001 - wall time in Asia/Shanghai
POLICY = load_policy()
HEADER = ("节目名称", "备案号", "制作机构", "备案日期", "状态")

Line = Sequence[Any]


def number(serial: int, issuer: str = "番茄") -> str:
    """A platform's filing number."""
    return f"（{issuer}）网微剧备字（2026）第{serial}号"


def row(serial: int, **other: Any) -> list[Any]:
    """One good row under HEADER."""
    values = {
        "title": f"剧{serial}", "number": number(serial), "producer": "某某影视", "day": "2026-05-25", "status": "有效",
        **other,
    }  # fmt: skip
    return list(values.values())


def csv_text(lines: Sequence[Line], *, delimiter: str = ",", newline: str = "\r\n") -> str:
    """The lines as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(lines)
    return text.getvalue()


def write_csv(path: Path, lines: Sequence[Line], *, encoding: str = "utf-8", **layout: str) -> Path:
    """The lines as a CSV file."""
    path.write_bytes(csv_text(lines, **layout).encode(encoding))
    return path


def extract(folder: Path, *rows: Line, name: str = "a.csv") -> Path:
    """A CSV file of these rows under HEADER."""
    return write_csv(folder / name, [HEADER, *rows])


def write_xlsx(path: Path, lines: Sequence[Line], *, sheet: str = "数据") -> Path:
    """The lines as a workbook of one sheet; days as Excel's days, numbers as numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        fill_sheet(book, book.add_worksheet(sheet), lines)
    return path


def fill_sheet(book: xlsxwriter.Workbook, sheet: Any, lines: Sequence[Line]) -> None:
    """Write the lines into a sheet."""
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if isinstance(cell, date | datetime):
                sheet.write_datetime(line, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif cell is not None:
                sheet.write(line, column, cell)


def sqlite(folder: Path) -> Store:
    """A register in a new SQLite file."""
    return Store(f"sqlite:///{folder / 'register.sqlite'}")


def take(
    store: Store,
    *files: Path,
    system: str | None = "other",
    now: datetime = NOW,
    policy: Policy = POLICY,
    **said: Any,
) -> Imported:
    """Import files; `columns` as options FIELD=HEADER."""
    said["columns"] = chosen_columns(said.get("columns", ()))
    said["accepted"] = frozenset(said.get("accepted", ()))
    return import_extract(store, Extract(files, system=system, **said), policy=policy, now=now)


def landed(imported: Imported) -> dict[str, int]:
    """The counts that are not 0."""
    counts = imported.as_json()
    names = ("imported", "updated", "unchanged", "ended", "rejected", "repeated", "kept")
    return {name: counts[name] for name in names if counts[name]}


def held(store: Store, folder: Path, *columns: str) -> list[tuple[Any, ...]]:
    """The register as an audit would see it, in order of the numbers."""
    path = folder / "held.parquet"
    export_register(store, path)
    listed = ", ".join(columns or COLUMNS)
    return duckdb.execute(f"SELECT {listed} FROM '{path}' ORDER BY ALL").fetchall()
