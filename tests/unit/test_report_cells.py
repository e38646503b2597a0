"""Cells that DuckDB makes: whatever a catalog holds comes out of the workbook as it went in, and runs nowhere."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from compliance.reports import book
from compliance.reports.book import Column, opened_book, starts_formula
from compliance.reports.cells import evidence, in_lines, worded
from compliance.reports.texts import clean

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
AWKWARD = (
    "=1+1",
    "\t=cmd",
    "\u3000=1",
    "_x0041_",
    "a\nb",
    " 空 ",
    "<b>&",
    "\ufffe",
    "\x85",
    "长" * 40_000,
    "🎬" * 20_000,
)


def written(path: Path, rows: list[Any], type_: str = "VARCHAR") -> str:
    """One column of these values as the workbook's only list; the XML of its sheet."""
    with duckdb.connect() as con, opened_book(path, "zh") as made:
        con.execute(f"CREATE TABLE given (place INTEGER, value {type_})")
        con.executemany("INSERT INTO given VALUES (?, ?)", list(enumerate(rows)))
        made.listed("表", [Column("值", 20)], con, "SELECT value FROM given ORDER BY place", len(rows))
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(AWKWARD)), min_size=1))
@example(list(AWKWARD))
def test_any_text_comes_back_as_it_went_in_and_is_no_formula(texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        root = ElementTree.fromstring(written(Path(folder, "a.xlsx"), texts))
        sheet = CalamineWorkbook.from_path(Path(folder, "a.xlsx")).get_sheet_by_index(0).to_python()
    assert root.findall(".//m:f", SPACE) == []
    cells = root.findall(".//m:c", SPACE)[1:]
    assert len(cells) == len(texts)
    shown = {place: row[0] for place, row in enumerate(sheet[1:])}
    for place, (text, cell) in enumerate(zip(texts, cells, strict=True)):
        fit = clean(text, 32_767)
        if len(fit.encode("utf-16-le")) > 2 * 32_767:
            fit = fit[: 32_767 // 2]
        # XML has one line end; Excel's own escape for others is not used.
        assert shown.get(place, "") == fit.replace("\r", "")
        assert ("s" in cell.attrib) == starts_formula(fit)


def test_days_instants_and_numbers_are_real(tmp_path: Path) -> None:
    values = {
        "DATE": [date(2026, 9, 1), None, date(1990, 1, 1)],
        "TIMESTAMP": [datetime(2026, 9, 1, 18, 30), datetime(2026, 11, 20)],  # noqa: DTZ001 - wall time
        "BIGINT": [0, 7, 3_000_000],
    }
    for type_, given_ in values.items():
        written(tmp_path / f"{type_}.xlsx", given_, type_)
        rows = CalamineWorkbook.from_path(tmp_path / f"{type_}.xlsx").get_sheet_by_index(0).to_python()
        found = [row[0] if row[0] != "" else None for row in rows[1:]]
        if type_ == "TIMESTAMP":
            found[1] = datetime.combine(found[1], datetime.min.time()) if type(found[1]) is date else found[1]
        assert found == given_


def test_rows_are_numbered_anew_in_each_sheet(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(book, "SHEET_ROWS", 3)
    written(tmp_path / "a.xlsx", [str(number) for number in range(7)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheets = [archive.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
    assert [re.findall(r'<row r="(\d+)"', sheet) for sheet in sheets] == [
        ["1", "2", "3", "4"],
        ["1", "2", "3", "4"],
        ["1", "2"],
    ]
    assert [re.findall(r"<t>(\d)</t>", sheet) for sheet in sheets] == [["0", "1", "2"], ["3", "4", "5"], ["6"]]


def test_evidence_is_told_in_words() -> None:
    seen = json.dumps({"permit": None, "tier": 3, "promoted": False, "name": "甲'\"乙", "subjects": ["政治"]})
    told = {
        names: duckdb.execute(f"SELECT {evidence('e', dict(names))} FROM (SELECT ? AS e)", [seen]).fetchall()[0][0]
        for names in ((), (("tier", "类别"),))
    }
    assert told[()] == 'permit: —; tier: 3; promoted: false; name: 甲\'"乙; subjects: ["政治"]'
    assert "类别: 3" in told[("tier", "类别"),]


def test_known_words_are_said_and_others_stay() -> None:
    said, lines = worded("w", {"block": "拦截"}), in_lines("[w, w]", {"block": "'"})
    query = f"SELECT {said}, {lines} FROM (SELECT unnest(?) AS w)"
    assert duckdb.execute(query, [["block", "x"]]).fetchall() == [("拦截", "'\n'"), ("x", "x\nx")]
