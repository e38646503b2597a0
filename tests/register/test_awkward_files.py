"""A corpus of awkward files: what people send, and where its rows must land."""

# ruff: noqa: E501 - one case a line
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.register.extracts import (
    HEADER,
    csv_text,
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
from tests.register.files import GOOD, SEEN, SHOWN, old_workbook, raw, workbook


def merged_title(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, [[], [], *GOOD])
    sheet.merge_range(0, 0, 0, 4, "2026 年其他微短剧备案清单")
    sheet.merge_range(1, 0, 1, 4, "导出日期：2026年11月22日")


def header_of_two_lines(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(
        book, sheet, [["节目名称", "备案信息", None, None, "状态"], [None, "备案号", "制作机构", "备案日期"], *GOOD[1:]]
    )
    sheet.merge_range(0, 1, 0, 3, "备案信息")


def merged_producer(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, [HEADER, row(1), row(2, producer=None)])
    sheet.merge_range(1, 2, 2, 2, "某某影视")


def away_from_the_corner(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, [[], [], *([None, None, *line] for line in GOOD)])


def several_sheets(book: xlsxwriter.Workbook) -> None:
    fill_sheet(book, book.add_worksheet("说明"), [["本表由系统导出"]])
    fill_sheet(book, book.add_worksheet("一"), GOOD[:2])
    fill_sheet(book, book.add_worksheet("二"), [HEADER, row(2)])
    hidden = book.add_worksheet("旧")
    fill_sheet(book, hidden, [HEADER, row(3)])
    hidden.hide()


def merged_status(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, [HEADER, row(1), [*row(2), "已撤销"]])
    sheet.merge_range(0, 4, 0, 5, "状态")


def formulas(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, [HEADER, row(1), row(2, number=None)])
    sheet.write_formula(2, 1, '="（番茄）网微剧备字（2026）第"&"2号"', None, number(2))


def days_as(*days: object) -> tuple[Sequence[Any], ...]:
    return (HEADER, *(row(serial, day=day) for serial, day in enumerate(days, start=1)))


def numbers_last() -> list[list[Any]]:
    return [[*line[2:], line[0], line[1]] for line in GOOD]


WHOLE: dict[str, Callable[[Path], Path]] = {
    "csv utf-8": lambda f: write_csv(f / "a.csv", GOOD),
    "csv utf-8 with bom": lambda f: write_csv(f / "a.csv", GOOD, encoding="utf-8-sig"),
    "csv gb18030": lambda f: write_csv(f / "a.csv", GOOD, encoding="gb18030"),
    "csv gbk": lambda f: write_csv(f / "a.csv", GOOD, encoding="gbk"),
    "tsv utf-16, as Excel's unicode text": lambda f: write_csv(f / "a.txt", GOOD, encoding="utf-16", delimiter="\t"),
    "tsv named xls": lambda f: write_csv(f / "a.xls", GOOD, encoding="gb18030", delimiter="\t"),
    "semicolons": lambda f: write_csv(f / "a.csv", GOOD, delimiter=";"),
    "line ends of Unix": lambda f: write_csv(f / "a.csv", GOOD, newline="\n"),
    "line ends of old Macs": lambda f: write_csv(f / "a.csv", GOOD, newline="\r"),
    "mixed line ends": lambda f: raw(f / "a.csv", csv_text(GOOD[:2]) + csv_text(GOOD[2:], newline="\n")),
    "no line end after a number": lambda f: raw(f / "a.csv", csv_text(numbers_last()).rstrip()),
    "no line end at the end": lambda f: raw(f / "a.csv", csv_text(GOOD).rstrip()),
    "blank lines": lambda f: raw(f / "a.csv", csv_text(GOOD).replace("\r\n", "\r\n\r\n")),
    "lines of separators": lambda f: write_csv(f / "a.csv", [*GOOD[:2], [""] * 5, GOOD[2], [" ", "　", "", "", ""]]),
    "header in line 20": lambda f: write_csv(f / "a.csv", [*[["说明"]] * 19, *GOOD]),
    "line break in a header": lambda f: write_csv(f / "a.csv", [("节目\n名称", *HEADER[1:]), *GOOD[1:]]),
    "line break in a title line": lambda f: write_csv(f / "a.csv", [["备案\n清单"], *GOOD]),
    "lines and commas in a column not in use": lambda f: write_csv(
        f / "a.csv", [(*HEADER, "简介"), *([*line, "一，二\n三, 四\n第2号"] for line in GOOD[1:])]
    ),
    "the same beside a row too short": lambda f: raw(
        f / "a.csv", csv_text([(*HEADER, "简介"), [*row(1), "一，二\n三, 四\n第2号"], row(2)])
    ),
    "rows counted in a column without header": lambda f: write_csv(
        f / "a.csv", [["", *HEADER], *([str(n), *line] for n, line in enumerate(GOOD[1:]))]
    ),
    "xlsx with rows counted in a column without header": lambda f: write_xlsx(
        f / "a.xlsx", [["", *HEADER, ""], *([n, *line, ""] for n, line in enumerate(GOOD[1:]))]
    ),
    "xlsx with a note beyond the table": lambda f: write_xlsx(f / "a.xlsx", [*GOOD, [], [*[None] * 6, "制表人：某某"]]),
    "short rows": lambda f: raw(f / "a.csv", "节目名称,备案号,制作机构,备案日期,状态,别名\r\n" + csv_text(GOOD[1:])),
    "extra separators": lambda f: raw(f / "a.csv", csv_text(GOOD).replace("有效\r\n", "有效,,,\r\n")),
    "notes and stars in headers": lambda f: write_csv(
        f / "a.csv", [("*节目名称", "备案号（必填）", "【制作机构】", "备案日期 (YYYY-MM-DD)", "状态："), *GOOD[1:]]
    ),
    "other words in headers": lambda f: write_csv(
        f / "a.csv", [("剧名", "许可证号", "制作单位", "发证日期", "备案状态"), *GOOD[1:]]
    ),
    "traditional headers": lambda f: write_csv(
        f / "a.csv", [("節目名稱", "備案號", "製作機構", "備案日期", "狀態"), *GOOD[1:]]
    ),
    "columns in another order, others between": lambda f: write_csv(
        f / "a.csv", [["序号", *HEADER[::-1], "备注"], *([i, *line[::-1], "x"] for i, line in enumerate(GOOD[1:]))]
    ),
    "white space and zero-width characters": lambda f: write_csv(
        f / "a.csv", [HEADER, *([f"\u3000{cell}\u200b " for cell in line] for line in GOOD[1:])]
    ),
    "full-width digits in days": lambda f: write_csv(
        f / "a.csv", days_as("２０２６年５月２５日", "２０２６－０５－２５")
    ),
    "days in many ways": lambda f: write_csv(f / "a.csv", days_as("2026/5/25", "2026.05.25")),
    "days as numbers": lambda f: write_csv(f / "a.csv", days_as("20260525", "46167")),
    "days as numbers turned into floats": lambda f: write_csv(f / "a.csv", days_as("46167.0", "2026-05-25 00:00:00")),
    "status words": lambda f: write_csv(f / "a.csv", [HEADER, row(1, status="已备案"), row(2, status="审核通过")]),
    "no column of statuses": lambda f: write_csv(f / "a.csv", [line[:4] for line in GOOD]),
    "xlsx": lambda f: write_xlsx(f / "a.xlsx", GOOD),
    "xlsx named csv": lambda f: write_xlsx(f / "b.xlsx", GOOD).rename(f / "a.csv"),
    "xlsx with Excel's days": lambda f: write_xlsx(f / "a.xlsx", days_as(date(2026, 5, 25), datetime(2026, 5, 25, 8))),  # noqa: DTZ001 - wall time
    "xlsx with serial numbers": lambda f: write_xlsx(f / "a.xlsx", days_as(46167, 46167.5)),
    "xlsx with days as numbers": lambda f: write_xlsx(f / "a.xlsx", days_as(20260525, 20260525.0)),
    "xlsx with merged title cells": lambda f: workbook(f / "a.xlsx", merged_title),
    "xlsx with a header of two lines": lambda f: workbook(f / "a.xlsx", header_of_two_lines),
    "xlsx with a producer merged over rows": lambda f: workbook(f / "a.xlsx", merged_producer),
    "xlsx away from the corner": lambda f: workbook(f / "a.xlsx", away_from_the_corner),
    "xlsx of several sheets, one hidden": lambda f: workbook(f / "a.xlsx", several_sheets),
    "xlsx with formulas": lambda f: workbook(f / "a.xlsx", formulas),
    "xls": lambda f: old_workbook(f / "a.xls", GOOD),
    "xls with Excel's days": lambda f: old_workbook(f / "a.xls", days_as(date(2026, 5, 25), 46167)),
}


@pytest.mark.parametrize("make", WHOLE.values(), ids=WHOLE)
def test_both_rows_are_imported(make: Callable[[Path], Path], tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    imported = take(store, make(tmp_path))

    assert landed(imported) == {"imported": 2}
    assert held(store, tmp_path, *SHOWN) == SEEN


ODD_ROWS: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "no number": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, number="")]), ["number_blank"]),
    "only the words": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, number="网微剧备字")]), ["number_prefix_only"]),
    "a look-alike": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, number="（广）影剧备字（2023）第100号")]), ["number_look_alike"]),
    "no issuer": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, number="网微剧备字（2026）第2号")]), ["number_no_issuer"]),
    "无": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, number="无")]), ["number_not_a_number"]),
    "a number turned into a float": (lambda f: write_xlsx(f / "a.xlsx", [*GOOD[:2], row(2, number=8.47205e5)]), ["number_not_a_number"]),
    "a long number rounded": (lambda f: write_xlsx(f / "a.xlsx", [*GOOD[:2], row(2, number=1.23456789012345e16)]), ["damaged"]),
    "a title turned into a day": (lambda f: write_xlsx(f / "a.xlsx", [*GOOD[:2], row(2, title=date(2026, 5, 20))]), ["damaged"]),
    "no title": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, title=" ")]), ["title_blank"]),
    "no status": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, status="")]), ["status_blank"]),
    "an unknown status": (lambda f: write_csv(f / "a.csv", [*GOOD[:2], row(2, status="挺好")]), ["status_unknown"]),
    "no day": (lambda f: write_csv(f / "a.csv", days_as("2026-05-25", "二〇二六年", "2026-02-30", "5/25/2026")), ["issued_on_wrong"] * 3),
    "a year long ago": (lambda f: write_csv(f / "a.csv", days_as("2026-05-25", "1926-05-25", "2926-05-25")), ["year_out_of_range"] * 2),
    "a row too long": (lambda f: raw(f / "a.csv", csv_text([*GOOD[:2], [*row(2), "x"]])), ["columns"]),
    "content in a column without header": (lambda f: write_csv(f / "a.csv", [(*HEADER, ""), [*row(1), ""], [*row(2), "已撤销"]]), ["columns"]),
    "a note to the right of the table": (lambda f: write_xlsx(f / "a.xlsx", [*GOOD[:2], [*row(2), None, "已撤销"]]), ["columns"]),
    "a status merged over two columns": (lambda f: workbook(f / "a.xlsx", merged_status), ["columns"]),
    "a stray quotation mark": (lambda f: raw(f / "a.csv", csv_text(GOOD[:2]) + f'"剧"2,{number(2)},,,有效\r\n'), ["quotes"]),
    "a number that is cut off": (lambda f: raw(f / "a.csv", csv_text(numbers_last()).rstrip().removesuffix("号")), ["cut"]),
    "a number that is cut off, in a file with short rows": (
        lambda f: raw(f / "a.csv", csv_text([[*line, "x"] for line in numbers_last()[:2]]) + f"某某影视,,有效,剧9\r\n某某影视,2026-05-25,有效,剧2,{number(2)}".removesuffix("号")),
        ["number_blank", "cut"],
    ),
    "another system": (
        lambda f: write_csv(f / "a.csv", [(*HEADER, "备案系统"), [*row(1), "其他"], [*row(2), "重点"], [*row(3), "无"]]),
        ["system_differs", "system_unknown"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "reasons"), ODD_ROWS.values(), ids=ODD_ROWS)
def test_odd_rows_are_rejected_with_their_reason(
    make: Callable[[Path], Path], reasons: list[str], tmp_path: Path
) -> None:
    from compliance.register.vocabulary import reason_text

    store = sqlite(tmp_path)
    imported = take(store, make(tmp_path), rejected=tmp_path / "rejected.csv")

    assert landed(imported) == {"imported": 1, "rejected": len(reasons)}
    assert held(store, tmp_path, *SHOWN) == SEEN[:1]
    told = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert [told.count(reason_text(reason, "zh")) for reason in reasons] == [reasons.count(r) for r in reasons]
