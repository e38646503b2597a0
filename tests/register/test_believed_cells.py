"""Cells that must not be taken for what they do not say: each is read rightly, or its row or file is refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from compliance.errors import ConfigurationError
from compliance.register.archives import look_inside
from compliance.register.errors import ExtractError
from tests.register.extracts import (
    HEADER,
    Line,
    csv_text,
    extract,
    fill_sheet,
    held,
    landed,
    number,
    row,
    sqlite,
    take,
    write_csv,
    write_xlsx,
)
from tests.register.files import raw, workbook

STATUSES = {"有效": "active", "已撤销": "revoked", "暂停": "suspended"}


def with_margins(path: Path, *columns: int) -> Path:
    """A table that begins in column B, and in other columns an empty cell merged over its rows."""

    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        rows = [row(serial, status=status) for serial, status in enumerate(STATUSES, start=1)]
        fill_sheet(book, sheet, [[None, *line] for line in (HEADER, *rows)])
        for column in columns:
            sheet.merge_range(1, column, 3, column, "", book.add_format({"border": 1}))

    return workbook(path, make)


def old_with_margins(path: Path, *columns: int) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    rows = [row(serial, status=status) for serial, status in enumerate(STATUSES, start=1)]
    for line, cells in enumerate((HEADER, *rows)):
        for column, cell in enumerate(cells):
            sheet.write(line, column + 1, cell)
    for column in columns:
        sheet.merge(1, 3, column, column)
    book.save(str(path))
    return path


Make = Callable[..., Path]


@pytest.mark.parametrize("columns", [(0,), (8,), (0, 8)])
@pytest.mark.parametrize(("make", "name"), [(with_margins, "a.xlsx"), (old_with_margins, "a.xls")])
def test_an_empty_merged_margin_gives_no_row_a_value(
    make: Make, name: str, columns: tuple[int, ...], tmp_path: Path
) -> None:
    store = sqlite(tmp_path)
    assert landed(take(store, make(tmp_path / name, *columns))) == {"imported": 3}
    assert held(store, tmp_path, "permit_number", "status") == [
        (number(serial), status) for serial, status in enumerate(STATUSES.values(), start=1)
    ]


SHORT = ("备案号", "节目名称", "状态")
UPPER = (["一、撤销"], SHORT, [number(1), "剧1", "已撤销"], [], ["二、有效"])


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize(
    ("lines", "where"), [((*UPPER, HEADER, row(2)), "2 and 6"), ((HEADER, row(2), *UPPER), "1 and 4")]
)
def test_two_tables_one_below_the_other_are_refused(
    write: Make, lines: Sequence[Line], where: str, tmp_path: Path
) -> None:
    with pytest.raises(ExtractError, match=f"lines {where} are both headers"):
        take(sqlite(tmp_path), write(tmp_path / f"a{'.csv' if write is write_csv else '.xlsx'}", lines))


def test_a_header_said_again_heads_no_other_table(tmp_path: Path) -> None:
    done = take(sqlite(tmp_path), write_csv(tmp_path / "a.csv", [HEADER, row(1), HEADER, row(2)]))
    assert landed(done) == {"imported": 2, "rejected": 1}


def test_headers_without_rows_between_them_are_no_two_tables(tmp_path: Path) -> None:
    done = take(sqlite(tmp_path), write_csv(tmp_path / "a.csv", [SHORT, [], HEADER, row(1)]))
    assert landed(done) == {"imported": 1}


SWALLOWED: dict[str, str] = {
    "in one column": f'剧2,{number(2)},"厂,2026-05-25,已撤销\n剧3,{number(3)},厂",2026-05-25,有效\n',
    "in the first column": f'"剧2,{number(2)},厂,2026-05-25,已撤销\n剧3",{number(3)},厂,2026-05-25,有效\n',
    "several rows": f'剧2,"{number(2)},厂,,已撤销\n剧3,{number(3)},厂,,已撤销\n剧4,{number(4)}",厂,,有效\n',
    "up to a later column": f'"剧2,{number(2)},厂,2026-05-25,已撤销\n剧3,{number(3)}",厂,2026-05-25,有效\n',
}


@pytest.mark.parametrize("odd", ["", "剧9\n"], ids=["as a stream", "row by row"])
@pytest.mark.parametrize(("delimiter", "newline"), [(",", "\n"), ("\t", "\r\n"), (";", "\r")])
@pytest.mark.parametrize("swallowed", SWALLOWED.values(), ids=SWALLOWED)
def test_a_quotation_mark_that_swallows_a_row_and_is_closed_again(
    swallowed: str, delimiter: str, newline: str, odd: str, tmp_path: Path
) -> None:
    text = csv_text([HEADER, row(1)], newline="\n") + swallowed + odd
    text = text.replace(",", delimiter).replace("\n", newline)
    with pytest.raises(ExtractError, match=r"a\.csv:3: .* a quotation mark left open"):
        take(sqlite(tmp_path), raw(tmp_path / "a.csv", text))


@pytest.mark.parametrize("odd", [(), (["剧9"],)], ids=["as a stream", "row by row"])
def test_cells_of_several_lines_are_no_swallowed_rows(odd: Sequence[Line], tmp_path: Path) -> None:
    lines = [(*HEADER, "简介"), [*row(1, producer="A, Ltd.\nB, Ltd."), "一,二,三,四,五,六\n七,八,九,十"], *odd]
    store = sqlite(tmp_path)
    assert landed(take(store, write_csv(tmp_path / "a.csv", lines))).get("imported") == 1
    assert held(store, tmp_path, "producer") == [("A, Ltd.\nB, Ltd.",)]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_chosen_header_that_stands_in_no_file_is_told(write: Make, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{'.csv' if write is write_csv else '.xlsx'}", [HEADER, row(1), row(2, status="已撤销")])
    with pytest.raises(ConfigurationError) as refused:
        take(sqlite(tmp_path), path, columns=["status=状况", "producer=制作机构名"])
    assert "producer=制作机构名; did you mean '制作机构'?" in str(refused.value)
    assert "status=状况" in str(refused.value)
    assert "the headers are: 节目名称, 备案号, 制作机构, 备案日期, 状态" in str(refused.value)


def test_a_header_chosen_for_one_file_leaves_the_known_ones_of_another(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    other = write_csv(tmp_path / "b.csv", [(*HEADER[:4], "现况"), row(2, status="已撤销")])
    done = take(store, extract(tmp_path, row(1, status="暂停")), other, columns=["status=现况"])
    assert landed(done) == {"imported": 2}
    assert held(store, tmp_path, "status") == [("revoked",), ("suspended",)]


def test_a_chosen_header_may_stand_alone_in_the_second_line(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    lines = [("备案号", "节目名称", "备案信息"), ("", "", "现况"), [number(1), "剧1", "已撤销"]]
    take(store, write_csv(tmp_path / "a.csv", lines), columns=["status=现况"])
    assert held(store, tmp_path, "status") == [("revoked",)]


@pytest.mark.parametrize("columns", [(), ("status=状态",)])
def test_of_two_headers_that_are_the_same_one_must_be_renamed(columns: Sequence[str], tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [(*HEADER, "状态："), [*row(1), "已撤销"]])
    with pytest.raises(ExtractError, match=r"2 columns say status(.|\n)*rename one of them"):
        take(sqlite(tmp_path), path, columns=columns)


def test_of_two_headers_of_one_field_one_may_be_chosen(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [(*HEADER, "审核状态"), [*row(1), "已撤销"]])
    with pytest.raises(ExtractError, match="choose one: --column status=状态"):
        take(sqlite(tmp_path), path)
    assert landed(take(sqlite(tmp_path), path, columns=["status=状态"])) == {"imported": 1}


FULL = (*HEADER, "别名", "简介")


def with_formulas(path: Path, cells: dict[tuple[int, int], str], rows: Sequence[Line], *, prefix: str = "") -> Path:
    """A workbook with formulas in some cells (row, column): their results as saved."""

    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        fill_sheet(book, sheet, [FULL, *rows])
        for (line, column), result in cells.items():
            sheet.write_formula(line, column, "=VLOOKUP(A2,X:Y,2,0)", None, result)

    workbook(path, make)
    return rewritten(path, lambda xml: re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}", xml) if prefix else xml)


def rewritten(path: Path, change: Callable[[str], str], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with another content of one part."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("result", ["#N/A", "#REF!", ""], ids=["in error", "of nothing", "without its result"])
@pytest.mark.parametrize("column", range(6))
def test_a_formula_without_a_result_erases_nothing(column: int, result: str, tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    rows = [[*row(serial), f"又名{serial}", ""] for serial in (1, 2, 3)]
    take(store, write_csv(tmp_path / "a.csv", [FULL, *rows]))
    before = held(store, tmp_path)
    done = take(store, with_formulas(tmp_path / "a.xlsx", {(2, column): result}, rows))
    assert landed(done) == {"unchanged": 2, "rejected": 1, **({"kept": 1} if column != 1 else {"ended": 1})}
    assert held(store, tmp_path)[:1] == before[:1]
    assert done.rejected_file is not None
    assert "a.xlsx[Sheet1]:3" in done.rejected_file.read_text(encoding="utf-8-sig")


def test_rows_of_formulas_without_results_are_told_wherever_they_stand(tmp_path: Path) -> None:
    rows = [[*row(serial), "", ""] for serial in (1, 2, 3)]
    lost = {(line, column): "" for line in (2, 4, 5) for column in range(6)}
    done = take(sqlite(tmp_path), with_formulas(tmp_path / "a.xlsx", lost, rows))
    assert landed(done) == {"imported": 2, "rejected": 3}


def test_formulas_that_tell_of_no_row_or_of_no_field_do_no_harm(tmp_path: Path) -> None:
    rows = [[*row(serial), "", ""] for serial in (1, 2)]
    beside, below = {(1, 6): "#N/A", (2, 6): ""}, {(line, 2): "#N/A" for line in (3, 4, 5)}
    done = take(sqlite(tmp_path), with_formulas(tmp_path / "a.xlsx", beside | below, rows))
    assert landed(done) == {"imported": 2}


def test_an_empty_text_as_a_result_is_empty(tmp_path: Path) -> None:
    path = with_formulas(tmp_path / "a.xlsx", {(1, 5): ""}, [[*row(1), "", ""]])
    rewritten(path, lambda xml: xml.replace('<c r="F2">', '<c r="F2" t="str">'))
    assert landed(take(sqlite(tmp_path), path)) == {"imported": 1}


def test_cells_in_error_are_found_across_blocks_and_under_prefixes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compliance.register.archives._BLOCK", 1500)
    rows = [[*row(serial), "", ""] for serial in range(1, 40)]
    lost = {(line, column): result for line in range(3, 38) for column, result in ((2, "#N/A"), (5, ""))}
    for prefix in ("", "x:"):
        path = with_formulas(tmp_path / "a.xlsx", lost, rows, prefix=prefix)
        rewritten(path, lambda xml: xml.replace("xmlns=", "xmlns:x="))
        inside = look_inside(path).lost_in("Sheet1")
        assert inside == {line: {2, 5} for line in range(3, 38)}


def test_a_merged_cell_in_error_is_one_in_every_row(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        fill_sheet(book, sheet, [HEADER, *(row(serial, producer=None) for serial in (1, 2, 3))])
        sheet.merge_range(2, 2, 3, 2, "")
        sheet.write_formula(2, 2, "=NA()", None, "#N/A")

    done = take(sqlite(tmp_path), workbook(tmp_path / "a.xlsx", make))
    assert landed(done) == {"imported": 1, "rejected": 2}


def test_a_cell_in_error_of_unknown_place_refuses_the_file(tmp_path: Path) -> None:
    path = with_formulas(tmp_path / "a.xlsx", {(1, 5): "#N/A"}, [[*row(1), "", ""]])
    rewritten(path, lambda xml: xml.replace('<c r="F2"', "<c"))
    with pytest.raises(ExtractError, match="does not tell where"):
        take(sqlite(tmp_path), path)


@pytest.mark.parametrize("written", ["cell", "formula"])
def test_an_old_workbook_with_cells_in_error_is_refused(written: str, tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for line, cells in enumerate((HEADER, row(1))):
        for column, cell in enumerate(cells):
            sheet.write(line, column, cell)
    if written == "cell":
        sheet.row(1).set_cell_error(5, 0x2A)
    else:
        sheet.write(1, 5, xlwt.Formula("NA()"))
    path = tmp_path / "a.xls"
    book.save(str(path))
    empty_text, not_available = b"\x03\0\0\0\0\0\xff\xff", b"\x02\0\x2a\0\0\0\xff\xff"
    raw(path, path.read_bytes().replace(empty_text, not_available))
    with pytest.raises(ExtractError, match="cells in error"):
        take(sqlite(tmp_path), path)


def test_a_workbook_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    with pytest.raises(ExtractError, match=r"not an \.xlsx workbook"):
        take(sqlite(tmp_path), path)
