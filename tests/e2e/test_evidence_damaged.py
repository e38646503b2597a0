"""An evidence store that cannot be read: frames only illustrate, so every command goes on without them and says so."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.cli.main import main
from compliance.labels import store
from compliance.labels.store import FILE, Evidence
from tests.catalogs import write_catalog

DAY = "2026-11-20"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An out folder whose evidence store is no database."""
    labels = tmp_path / "out" / "labels"
    labels.mkdir(parents=True)
    (labels / FILE).write_bytes(b"\x8f\x01\xe3" * 1_300)
    return tmp_path / "out"


@pytest.fixture
def locked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One whose evidence store somebody else has locked for good."""
    monkeypatch.setattr(store, "_BUSY_S", 0)
    folder = tmp_path / "out" / "labels"
    assert list(Evidence(folder).current()) == []
    holder = sqlite3.connect(folder / FILE)
    holder.execute("BEGIN EXCLUSIVE")
    yield tmp_path / "out"
    holder.close()


def audited(out: Path) -> int:
    """The exit code of an audit of a title that shows another number than it should, so that frames are asked for."""
    shown = {"title_id": "t1", "channel": "burned_in", "text": "（番茄）网微剧备字（2026）第847206号"}
    catalog = write_catalog(out.parent / "catalog", titles=[{"title_id": "t1"}], labels=[shown])
    arguments = ["--catalog", str(catalog), "--out", str(out), "--as-of", DAY]
    return main(["audit", *arguments, "--lang", "en"])


def notes_of(out: Path) -> list[str]:
    return list(json.loads((out / "summary.json").read_text(encoding="utf-8"))["notes"])


def test_an_audit_goes_on_without_frames_and_tells_it(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(out) == 1
    (note,) = [note for note in notes_of(out) if "no frames" in note]
    assert f"{out / 'labels' / FILE} cannot be used: file is not a database" in note
    assert note in capsys.readouterr().out
    assert "no frames of videos in the reports" in (out / "report.html").read_text(encoding="utf-8")


def test_a_store_that_is_locked_is_told_as_such(locked_out: Path) -> None:
    assert audited(locked_out) == 1
    assert any("database is locked" in note for note in notes_of(locked_out))


def test_explain_tells_it_and_explains(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    audited(out)
    capsys.readouterr()
    assert main(["explain", "t1", "--state", str(out), "--as-of", DAY, "--json", "--lang", "en"]) == 1
    printed = capsys.readouterr()
    assert "label_evidence" not in json.loads(printed.out)
    assert "no frames of videos are shown" in printed.err
    assert "put it back from a backup" in printed.err


def test_report_tells_it_and_writes_the_reports_and_the_pack(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audited(out)
    pack = tmp_path / "pack.zip"
    assert main(["report", str(out), "--to", str(tmp_path / "again"), "--pack", str(pack), "--lang", "en"]) == 0
    assert "no frames of videos are shown" in capsys.readouterr().err
    assert (tmp_path / "again" / "report.xlsx").is_file()
    with zipfile.ZipFile(pack) as packed:
        assert "cannot be used" in packed.read("frames/UNREAD.txt").decode()


def test_doctor_looks_into_the_store(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--out", str(out), "--json", "--lang", "en"]) == 3
    (line,) = [line for line in json.loads(capsys.readouterr().out) if line["about"] == "labels"]
    assert line["level"] == "fail"
    assert str(out / "labels" / FILE) in line["says"]


def test_doctor_finds_damage_within_a_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "labels"
    assert list(Evidence(folder).current()) == []
    whole = (folder / FILE).read_bytes()
    assert len(whole) > 8192
    (folder / FILE).write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    assert main(["doctor", "--out", str(tmp_path), "--json", "--lang", "en"]) == 3
    (line,) = [line for line in json.loads(capsys.readouterr().out) if line["about"] == "labels"]
    assert (line["level"], line["exit_code"]) == ("fail", 3)
