"""Files that are refused as a whole: nothing of them is imported, and people are told why."""

# ruff: noqa: E501 - one case a line
from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from compliance import language
from compliance.register.errors import ExtractError
from tests.register.extracts import HEADER, csv_text, fill_sheet, held, number, row, sqlite, take, write_csv, write_xlsx
from tests.register.files import GOOD, SEEN, SHOWN, old_workbook, raw, workbook
from tests.register.test_awkward_files import ODD_ROWS, WHOLE


def bomb(path: Path) -> Path:
    return zipped(path, {"xl/worksheets/sheet1.xml": b"0" * 50_000_000})


def zipped(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def with_part(path: Path, name: str) -> Path:
    write_xlsx(path, GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    return path


def far_cell(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    fill_sheet(book, sheet, GOOD)
    sheet.write(1_048_575, 16_383, "x")


def lying(path: Path) -> Path:
    """A workbook whose list of contents says that a part is smaller than it is."""
    write_xlsx(path, [HEADER, *map(row, range(2000))])
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = path.read_bytes()
    assert size.to_bytes(4, "little") in content
    return raw(path, content.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))


def half(path: Path) -> Path:
    content = path.read_bytes()
    return raw(path, content[: len(content) // 2])


def sparse(path: Path, size: int) -> Path:
    raw(path, csv_text(GOOD))
    with path.open("r+b") as file:
        file.truncate(size)
    return path


def remarked(*lines: str) -> str:
    """A row whose remarks, a column not in use, hold all of these lines."""
    return ",".join((*HEADER, "备注")) + "\r\n" + f"剧1,{number(1)},,,有效," + '"' + "\r\n".join(lines) + '"\r\n'


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (lambda f: raw(f / "a.csv", b""), "empty"),
    "not there": (lambda f: f / "none.csv", "cannot be read"),
    "a picture": (lambda f: raw(f / "a.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0"), "neither a workbook nor text"),
    "a web page named xls": (lambda f: raw(f / "a.xls", b"<html><table><tr><td>1</td></tr></table></html>"), "a web page"),
    "no header": (lambda f: write_csv(f / "a.csv", GOOD[1:]), "no header"),
    "text named xlsx": (lambda f: raw(f / "a.xlsx", "这是文本\r\n"), "text, no workbook, and without a header"),
    "header in line 21": (lambda f: write_csv(f / "a.csv", [*[["说明"]] * 20, *GOOD]), "no header"),
    "two columns of numbers": (lambda f: write_csv(f / "a.csv", [(*HEADER, "许可证号"), [*row(1), ""]]), r"a\.csv:1: 2 columns say permit_number"),
    "two columns of numbers in a workbook": (lambda f: write_xlsx(f / "a.xlsx", [(*HEADER, "许可证号"), [*row(1), ""]]), r"a\.xlsx\[数据\]:1: 2 columns say permit_number"),
    "no good row": (lambda f: write_csv(f / "a.csv", [HEADER, row(1, number="")]), "no row can be imported"),
    "only a header": (lambda f: write_csv(f / "a.csv", [HEADER]), "no row can be imported"),
    "cut inside a row": (lambda f: raw(f / "a.csv", csv_text(GOOD).rstrip()[:-20]), "ends inside a row"),
    "cut inside a character": (lambda f: raw(f / "a.csv", csv_text(GOOD).encode("gb18030")[:-3]), "not valid"),
    "a quotation mark left open": (lambda f: raw(f / "a.csv", csv_text(GOOD[:2]) + '"剧2,\r\n' + csv_text(map(row, range(3, 50)))), "left open"),
    "a quotation mark that swallows rows": (
        lambda f: raw(f / "a.csv", csv_text(GOOD[:2]) + '"剧2,\r\n' + csv_text(map(row, range(3, 50))) + f'",{number(2)},,,有效\r\n'),
        "left open",
    ),
    "a quotation mark that swallows rows in a column not in use": (
        lambda f: raw(f / "a.csv", remarked("好看", *(f"剧{n},{number(n)},,,撤销,还行" for n in (2, 3)))), r"a\.csv:2: a cell holds what looks like other rows",
    ),
    "the same beside a row too short": (
        lambda f: raw(f / "a.csv", "\r\n".join([remarked("好看", f"剧2,{number(2)},,,撤销,还行"), f"剧3,{number(3)}", ""])), r"a\.csv:2: a cell holds",
    ),
    "a quotation mark that swallows rows whose numbers are not understood": (
        lambda f: raw(f / "a.csv", remarked("好看", "剧2,第二号,,,撤销,还行")), r"a\.csv:2: a cell holds",
    ),
    "a quotation mark that swallows rows of another width": (
        lambda f: raw(f / "a.csv", remarked("好看", f"{number(2)} 撤销")), r"a\.csv:2: a cell holds",
    ),
    "bytes that are no text": (lambda f: raw(f / "a.csv", csv_text([HEADER, *map(row, range(1, 40_000))]).encode() + b"\xff\xff,\r\n"), "not valid text"),
    "a line that does not end": (lambda f: raw(f / "a.csv", (csv_text(GOOD) + "剧" * 1_000_001).encode("gb18030")), r"a\.csv:4: a line of more than"),
    "a workbook cut in half": (lambda f: half(write_xlsx(f / "a.xlsx", GOOD)), "damaged or cut off"),
    "an old workbook cut in half": (lambda f: half(old_workbook(f / "a.xls", GOOD)), "damaged or cut off"),
    "a workbook with macros": (lambda f: with_part(f / "a.xlsm", "xl/vbaProject.bin"), "macros"),
    "a workbook with links to others": (lambda f: with_part(f / "a.xlsx", "xl/externalLinks/externalLink1.xml"), "links to other files"),
    "an old workbook with macros": (
        lambda f: raw(f / "a.xls", old_workbook(f / "b.xls", GOOD).read_bytes() + "_VBA_PROJECT".encode("utf-16-le")), "macros",
    ),
    "a zip bomb": (lambda f: bomb(f / "a.xlsx"), "would unpack"),
    "a workbook that lies about its size": (lambda f: lying(f / "a.xlsx"), "damaged or cut off"),
    "a cell in the far corner": (lambda f: workbook(f / "a.xlsx", far_cell), "spans"),
    "text beyond the bound": (lambda f: sparse(f / "a.csv", 9 << 30), "more than"),
    "2 GB of zeros after some rows": (lambda f: sparse(f / "a.csv", 2 << 30), "neither a workbook nor text"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_refused_files_change_nothing(make: Callable[[Path], Path], says: str, tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    take(store, write_csv(tmp_path / "before.csv", GOOD[:2]))

    with pytest.raises(ExtractError, match=says):
        take(store, make(tmp_path), accepted=("shrunken",))
    assert held(store, tmp_path, *SHOWN) == SEEN[:1]


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_people_are_told_in_chinese_why_a_file_is_refused(
    make: Callable[[Path], Path], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "_chosen", "zh")
    with pytest.raises(ExtractError) as refused:
        take(sqlite(tmp_path), make(tmp_path))
    for line in str(refused.value).splitlines():
        assert re.search("[一-鿿]", line), line
    assert says not in str(refused.value)


def test_the_corpus_is_large_enough() -> None:
    assert len(WHOLE) + len(ODD_ROWS) + len(REFUSED) >= 40
