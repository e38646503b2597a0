"""Importing an extract of a million rows into the register, beside pandas only reading the file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import xlsxwriter

from tests.bench.catalogs import HOME, short
from tests.bench.correctness import WrongFindings
from tests.bench.measuring import Work, in_turn, measure
from tests.bench.table import Row, timed

BAR = 2.0
LARGE_BYTES, LARGE_BAR_GB = 2 << 30, 4.0
EXCEL_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows."""
_PEER = Path(__file__).parent / "peers" / "pandas_extract.py"
_GATE = "import sys; from compliance.cli.main import run; run()"
_HEADER = ("节目名称", "登记备案号", "制作机构", "备案机构", "播出平台", "备案日期", "状态")
_ROWS = """
SELECT '归来之后第' || i || '季' AS title,
    CASE WHEN i % 20 = 0 THEN '(' || issuer || ')网微剧备字[' || year || ']第' || lpad(i::VARCHAR, 7, '0') || '号'
        ELSE '（' || issuer || '）网微剧备字（' || year || '）第' || i || '号' END AS number,
    '某某' || i % 5000 || '影视有限公司' AS producer, issuer, issuer AS platform,
    (DATE '2026-01-01' + (i % 320)::INTEGER)::VARCHAR AS day, '有效' AS status
FROM (SELECT i, ['番茄', '七猫', '抖音', '快手', '河马'][1 + i % 5] AS issuer, 2024 + i % 3 AS year
    FROM range(1, {rows} + 1) AS numbers (i))
"""
# Nineteen of twenty numbers are written in the official way.


def registering(rows: int, rounds: int, *, large: bool) -> Iterator[Row]:
    """A row for CSV and one for Excel; `large`: also the peak memory of a CSV of 2 GB."""
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as place:
        folder = Path(place)
        files = (
            ("CSV", _csv(folder, rows), rows),
            ("Excel", _xlsx(folder, min(rows, EXCEL_ROWS)), min(rows, EXCEL_ROWS)),
        )
        for kind, file, count in files:
            yield _measured(kind, file, count, folder, rounds if kind == "CSV" else 1)
        if large:
            yield _large(folder)


def _measured(kind: str, file: Path, rows: int, folder: Path, rounds: int) -> Row:
    database = folder / "register.sqlite"
    ours = _import(file, database)
    peer = [sys.executable, str(_PEER), str(file)]
    _prove(ours, peer, rows, database)
    pairs = in_turn(
        Work(f"gate imports {kind}", ours, prepare=lambda: _remove(database)),
        Work(f"pandas reads {kind}", peer),
        rounds,
    )
    return timed(f"register import of {short(rows)} rows, {kind}, beside pandas only reading it", pairs, BAR)


def _import(file: Path, database: Path) -> list[str]:
    said = ["register", "import", str(file), "--system", "other", "--json", "--database", f"sqlite:///{database}"]
    return [sys.executable, "-c", _GATE, *said]


def _prove(ours: list[str], peer: list[str], rows: int, database: Path) -> None:
    """Every row is imported, and once more every row is unchanged; the peer reads as many."""
    _remove(database)
    for landed in ("imported", "unchanged"):
        ended = subprocess.run(ours, check=False, capture_output=True, text=True)
        told = json.loads(ended.stdout) if ended.returncode == 0 else {}
        if told.get(landed) != rows:
            raise WrongFindings(f"{rows} rows should be {landed}: {told}\n{ended.stderr[-1000:]}")
    read = subprocess.run(peer, check=False, capture_output=True, text=True)
    if read.stdout.split() != [str(rows)]:
        raise WrongFindings(f"pandas read {read.stdout} rows, not {rows}\n{read.stderr[-1000:]}")
    _remove(database)


def _remove(database: Path) -> None:
    database.unlink(missing_ok=True)


def _csv(folder: Path, rows: int) -> Path:
    path = folder / "extract.csv"
    names = ", ".join(f'{name} AS "{header}"' for name, header in zip(_columns(), _HEADER, strict=True))
    duckdb.execute(f"COPY (SELECT {names} FROM ({_ROWS.format(rows=rows)})) TO '{path}' (HEADER, DELIMITER ',')")
    return path


def _columns() -> tuple[str, ...]:
    return ("title", "number", "producer", "issuer", "platform", "day", "status")


def _xlsx(folder: Path, rows: int) -> Path:
    path = folder / "extract.xlsx"
    found = duckdb.execute(f"SELECT {', '.join(_columns())} FROM ({_ROWS.format(rows=rows)})")
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, _HEADER)
        line = 1
        while batch := found.fetchmany(50_000):
            for row in batch:
                for column, cell in enumerate(row):
                    sheet.write_string(line, column, cell)
                line += 1
    return path


def _large(folder: Path) -> Row:
    """A CSV of 2 GB, most of it a column that the register does not want."""
    path = folder / "large.csv"
    rows = LARGE_BYTES // 2300
    names = ", ".join(f'{name} AS "{header}"' for name, header in zip(_columns(), _HEADER, strict=True))
    duckdb.execute(
        f"COPY (SELECT {names}, repeat('归来之后', 180) AS 简介 FROM ({_ROWS.format(rows=rows)})) TO '{path}' (HEADER)"
    )
    gigabytes = path.stat().st_size / 2**30
    cost = measure(Work("gate imports 2 GB", _import(path, folder / "large.sqlite")))
    path.unlink()
    return Row(
        f"peak memory of importing {gigabytes:.1f} GB of CSV",
        f"{cost.peak / 2**30:.2f} GB",
        figure=cost.peak / 2**30,
        bar=LARGE_BAR_GB,
        unit="GB",
    )
