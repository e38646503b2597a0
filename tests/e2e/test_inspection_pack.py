"""The inspection pack, checked as an inspector would: with nothing of ours. And the notices to producers."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import python_calamine

from compliance.cli.main import main
from tests.catalogs import write_catalog

TITLES = [
    {"title_id": "t1", "name": "=1+1", "permit_number": None, "producer": "甲/乙 影视: 有限公司"},
    {"title_id": "t2", "name": "归来之后", "permit_number": None, "producer": "甲/乙 影视: 有限公司"},
    {"title_id": "t3", "name": "另一部", "permit_number": None, "producer": "另一家"},
    {"title_id": "t4", "name": "无主", "permit_number": None, "producer": None},
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The out folder after two nights; t3 is cured on the second."""
    home = tmp_path_factory.mktemp("runs")
    nights = [TITLES, [*TITLES[:2], {**TITLES[2], "status": "offline"}, TITLES[3]]]
    for night, titles in enumerate(nights):
        catalog = write_catalog(home / f"catalog{night}", titles=titles)
        arguments = ["audit", "--catalog", str(catalog), "--out", str(home / "out"), "--as-of", f"2026-11-2{night}"]
        assert main([*arguments, "--exit-zero"]) == 0
    return home / "out"


def unpacked(out: Path, home: Path, *scope: str) -> Path:
    archive = home / "pack.zip"
    assert main(["report", str(out), "--to", str(home / "reports"), "--pack", str(archive), *scope]) == 0
    with zipfile.ZipFile(archive) as pack:
        pack.extractall(home / "pack")
    return home / "pack"


def check(pack: Path) -> tuple[int, str]:
    """What the pack's own program says before it tells what the pack is about, run without our packages."""
    ran = subprocess.run([sys.executable, "-I", "-S", str(pack / "check.py")], capture_output=True, text=True)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.partition("about:")[0].strip()


def test_a_pack_holds_by_itself(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path)
    assert check(pack) == (0, "everything holds")
    sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=pack, capture_output=True, text=True)
    assert (sums.returncode, sums.stdout) == (0, "")
    named = {line.split("  ", 1)[1] for line in (pack / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    assert named == {str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert "ledger.key" not in {path.name for path in pack.rglob("*")}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="not run: openssl not installed")
def test_the_head_is_signed(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path)
    subprocess.run([sys.executable, "-I", "-S", "check.py", "--signed"], cwd=pack, check=True)
    command = "openssl pkeyutl -verify -pubin -inkey ledger/ledger.pub -rawin -in head.bin -sigfile head.sig"
    assert subprocess.run(command.split(), cwd=pack).returncode == 0


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("run/findings.parquet", b"permit", b"PERMIT"),
        ("ledger/entries.jsonl", b"2026-11-21", b"2026-11-22"),
        ("tables/findings.csv", b"block", b"allow"),
    ],
)
def test_what_was_changed_is_found(out: Path, tmp_path: Path, file: str, before: bytes, after: bytes) -> None:
    pack = unpacked(out, tmp_path)
    content = (pack / file).read_bytes()
    assert before in content
    (pack / file).write_bytes(content.replace(before, after))
    code, said = check(pack)
    assert code == 1
    assert file in said or "entry" in said


def test_a_policy_that_is_not_the_run_s_is_told(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "gate.toml"
    config.write_text('revision = "next year"\n', encoding="utf-8")
    monkeypatch.setenv("GATE_CONFIG", str(config))
    pack = unpacked(out, tmp_path)
    assert "note: the pack's policy is revision next year" in capsys.readouterr().out
    code, said = check(pack)
    assert (code, said.splitlines()[0][:44]) == (0, "note: policy.json is revision next year, the")


def test_tables_open_in_a_spreadsheet_and_run_nothing(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path)
    with (pack / "tables" / "decisions.csv").open(encoding="utf-8-sig", newline="") as table:
        names = {row["title_id"]: row["name"] for row in csv.DictReader(table)}
    assert names == {"t1": "'=1+1", "t2": "归来之后", "t4": "无主"}


def test_a_pack_of_a_title_tells_its_past(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path, "--title", "t3")
    past = json.loads((pack / "history.json").read_text(encoding="utf-8"))
    assert [(change["as_of"], change["after"] and change["after"]["decision"]) for change in past] == [
        ("2026-11-20", "block"),
        ("2026-11-21", None),
    ]
    assert not (pack / "run").exists()
    assert check(pack) == (0, "everything holds")


def test_a_pack_of_a_month_has_its_runs_and_changes(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path, "--month", "2026-11")
    assert [run["as_of"] for run in json.loads((pack / "runs.json").read_text())] == ["2026-11-20", "2026-11-21"]
    with (pack / "tables" / "changes.csv").open(encoding="utf-8-sig", newline="") as table:
        assert [row["title_id"] for row in csv.DictReader(table)] == ["t3"]


@pytest.mark.parametrize("scope", [["--title", "t1"], ["--pack", "x.zip", "--month", "November"]])
def test_a_scope_that_makes_no_sense_is_refused(out: Path, scope: list[str]) -> None:
    assert main(["report", str(out), *scope]) == 2
    assert not Path("x.zip").exists()


@pytest.mark.parametrize(("scope", "says"), [(["--title", "nosuch"], "nosuch"), (["--month", "2025-11"], "2025-11")])
def test_a_pack_about_nothing_is_refused(
    scope: list[str], says: str, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(out), "--pack", str(tmp_path / "x.zip"), *scope, "--lang", "en"]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "x.zip").exists()


def test_each_producer_gets_a_notice(out: Path, tmp_path: Path) -> None:
    arguments = ["report", str(out), "--to", str(tmp_path), "--notices", str(tmp_path / "notices"), "--lang", "zh"]
    assert main(arguments) == 0
    (mail,) = (tmp_path / "notices").glob("*.txt")
    text = mail.read_text(encoding="utf-8")
    assert text.startswith("主题：微短剧合规整改通知（2 部）")
    assert "没有许可证号或备案号" in text
    assert "=1+1 (t1, fanqie) · 拦截" in text
    workbook = python_calamine.CalamineWorkbook.from_path(mail.with_suffix(".xlsx"))
    header, *rows = workbook.get_sheet_by_name("整改回执").to_python()
    assert [row[0] for row in rows] == ["t1", "t2"]
    assert [head for head in header if "填写" in head] == header[-4:]
    assert [row[-4:] for row in rows] == [["", "", "", ""]] * 2
