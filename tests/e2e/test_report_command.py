"""`gate report`: the reports of a run again, from its files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.cli.main import main
from tests.catalogs import write_catalog

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("typst")

NAMES = {
    "t1": "归来之后",
    "t2": "<script>alert(1)</script>",
    "t3": "=cmd|' /C calc'!A0",
    "t4": '#import "x": y $a^2$ *粗* _斜_ @ref <label>',
    "t5": "长" * 5_000,
    "t6": "短剧🎬\"引号'",
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    titles = [{"title_id": title_id, "name": name, "permit_number": None} for title_id, name in NAMES.items()]
    catalog = write_catalog(tmp_path / "catalog", titles=titles)
    arguments = ["audit", "--catalog", str(catalog), "--out", str(tmp_path / "out"), "--as-of", "2026-11-20"]
    assert main([*arguments, "--exit-zero"]) == 0
    return tmp_path / "out"


def test_the_pdf_shows_chinese_text_and_nasty_names_as_they_are(out: Path) -> None:
    assert main(["report", str(out), "--pdf", "--lang", "zh"]) == 0
    text = "".join(page.extract_text() for page in pypdf.PdfReader(out / "report.pdf").pages)
    seen = "".join(text.split())
    for shown in (
        "微短剧合规审核报告",
        "没有许可证号或备案号",
        "归来之后",
        "<script>alert(1)</script>",
        "=cmd|'/Ccalc'!A0",
    ):
        assert shown in seen
    assert '#import"x":y$a^2$*粗*_斜_@ref<label>' in seen


def test_reports_take_the_place_of_the_ones_before(out: Path) -> None:
    before = (out / "report.html").read_text(encoding="utf-8")
    workbook = (out / "report.xlsx").stat().st_ino
    assert main(["report", str(out), "--lang", "zh"]) == 0
    after = (out / "report.html").read_text(encoding="utf-8")
    assert ('data-language="en"' in before, 'data-language="zh"' in after) == (True, True)
    assert (out / "report.xlsx").stat().st_ino != workbook
    assert not (out / "report.pdf").exists()


def test_a_run_is_named_by_its_id_or_its_folder_and_written_elsewhere(out: Path, tmp_path: Path) -> None:
    run = (out / "current").resolve()
    assert main(["report", run.name, "--out", str(out), "--to", str(tmp_path / "one")]) == 0
    assert main(["report", str(run), "--to", str(tmp_path / "two")]) == 0
    one, two = ((tmp_path / name / "report.html").read_text(encoding="utf-8") for name in ("one", "two"))
    assert one == two


def test_a_run_that_is_not_there_is_told_with_those_that_are(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "yesterday", "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "there is no run yesterday" in said
    assert (out / "current").resolve().name in said


def test_a_run_without_reports_gets_them_and_says_what_is_missing(out: Path) -> None:
    catalog = out.parent / "catalog"
    arguments = ["audit", "--catalog", str(catalog), "--out", str(out), "--as-of", "2026-11-20", "--no-reports"]
    assert main([*arguments, "--exit-zero"]) == 0
    assert not (out / "report.html").exists()
    assert main(["report", str(out)]) == 0
    assert "The run was made with --no-reports" in (out / "report.html").read_text(encoding="utf-8")


def test_without_a_chinese_font_there_is_no_pdf(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("compliance.reports.paper._FONTS", ("No Such Font",))
    assert main(["report", str(out), "--pdf"]) == 2
    assert "fonts-noto-cjk" in capsys.readouterr().err
    assert not (out / "report.pdf").exists()


@pytest.mark.parametrize("file", ["summary.json", "findings.parquet", ".standing.parquet", ".population.json"])
def test_a_damaged_file_of_a_run_is_named_and_the_next_audit_goes_on_without_that_run(
    out: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = (out / "current").resolve()
    (run / file).write_text("{", encoding="utf-8")
    capsys.readouterr()
    assert main(["report", str(out), "--lang", "en"]) == 3
    said = capsys.readouterr().err
    assert f"{run / file}, a file of a run, is missing or damaged" in said
    assert f"move {run} away" in said

    audit = ["audit", "--catalog", str(out.parent / "catalog"), "--out", str(out), "--as-of", "2026-11-21"]
    if file == "summary.json":  # without it nobody can tell whether the run is in the ledger
        (run / file).write_text("[", encoding="utf-8")
        assert main([*audit, "--exit-zero", "--lang", "en"]) == 3
        assert f"{run / file}, a file of a run" in capsys.readouterr().err
    if file in ("findings.parquet", ".standing.parquet"):  # what the next run is compared with
        assert main([*audit, "--exit-zero", "--lang", "en"]) == 3
        assert f"{run / file}, a file of a run" in capsys.readouterr().err
    run.rename(out.parent / "away")
    assert main([*audit, "--exit-zero"]) == 0


@pytest.mark.parametrize("option", ["--to", "--notices"])
def test_a_file_where_a_folder_should_be_is_told(out: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = out.parent / "file"
    file.write_text("no folder", encoding="utf-8")
    assert main(["report", str(out), option, str(file), "--lang", "en"]) == 2
    assert f"{file} cannot be used as a folder" in capsys.readouterr().err
