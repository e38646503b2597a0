"""Times and days of extracts: of other zones, and of workbooks that count days from 1904."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from compliance.register.errors import ExtractError
from tests.register.extracts import (
    HEADER,
    fill_sheet,
    held,
    landed,
    row,
    sqlite,
    take,
    write_csv,
)

TIMED = (*HEADER, "更新时间")
ZONED = {
    "2026-05-25T23:00:00Z": (26, 7),
    "2026-05-25 23:00:00.000 UTC": (26, 7),
    "2026/5/25 23:00 GMT": (26, 7),
    "2026-05-25 23:00:00-05:00": (26, 12),
    "2026年5月25日 23:00:00 -0500": (26, 12),
    "2026-05-25T10:00:00+08:00": (25, 10),
    "2026-05-25 10:00 +08": (25, 10),
    "2026-05-25 10:00:00 GMT+8": (25, 10),
    "2026-05-25 09:00:00+14": (25, 3),
    "2026-05-25 10:00:00 Asia/Shanghai": (25, 10),
    "2026-05-25T10:00:00.5": (25, 10),
}


@pytest.mark.parametrize(("written", "read"), ZONED.items(), ids=ZONED)
def test_times_of_other_zones_are_wall_time_in_shanghai(written: str, read: tuple[int, int], tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    take(store, write_csv(tmp_path / "a.csv", [TIMED, [*row(1, day=written), written]]), accepted=("stale",))
    ((issued_on, updated_at),) = held(store, tmp_path, "issued_on", "updated_at")
    assert issued_on == date(2026, 5, read[0])
    assert (updated_at.day, updated_at.hour) == read


@pytest.mark.parametrize(
    "written",
    [
        "10:00:00 CST",
        "10:00:00 XYZ",
        "10:00:00 Asia/Nowhere",
        "10:00:00+99:00",
        "10:00:00 PM",
        "10:00:00 BC",
        "10:00＋05:00",
    ],
)
def test_a_time_of_a_zone_that_is_not_known_is_rejected(written: str, tmp_path: Path) -> None:
    lines = [
        TIMED,
        [*row(1), "2026-11-22"],
        [*row(2), f"2026-05-25 {written}"],
        [*row(3, day=f"2026-05-25 {written}"), ""],
    ]
    done = take(sqlite(tmp_path), write_csv(tmp_path / "a.csv", lines))
    assert landed(done) == {"imported": 1, "rejected": 2}
    assert done.rejected_file is not None
    told = done.rejected_file.read_text(encoding="utf-8-sig")
    assert "更新时间无法识别" in told
    assert "备案日期无法识别" in told


def test_days_from_1904_are_read_whether_they_are_shown_as_days_or_as_numbers(tmp_path: Path) -> None:
    days = [date(2026, 5, 25), 44705, 44705.5, "44705", 20260525, "2026-05-25"]
    rows = [row(serial, day=day) for serial, day in enumerate(days, start=1)]
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as book:
        fill_sheet(book, book.add_worksheet(), [HEADER, *rows])
    store = sqlite(tmp_path)
    take(store, path)
    assert held(store, tmp_path, "issued_on") == [(date(2026, 5, 25),)] * len(days)


def test_an_old_workbook_with_days_from_1904_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    sheet = book.add_sheet("数据")
    for line, cells in enumerate((HEADER, row(1, day=44705))):
        for column, cell in enumerate(cells):
            sheet.write(line, column, cell)
    book.save(str(tmp_path / "a.xls"))
    with pytest.raises(ExtractError, match="counts days from 1904"):
        take(sqlite(tmp_path), tmp_path / "a.xls")
