"""Files and lists of files with names that are hard to bear: each is told, and the queue goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from compliance.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "videos"
    place.mkdir()
    return place


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code, and the reason by file name."""
    capsys.readouterr()
    code = main(["labels", "read", *arguments, "--json", "--workers", "1"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {line["file"].rpartition("/")[2]: line["reason"] for line in lines}


def test_every_name_is_told_and_remembered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (b"\xff\xfe.mp4", "第1集\n完.mp4".encode(), b"=cmd.MP4"):
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_bytes(b"")
    told = dict.fromkeys(["\\xff\\xfe.mp4", "第1集\n完.mp4", "=cmd.MP4"], "empty_file")
    assert read(capsys, str(folder)) == (3, told)
    assert read(capsys, str(folder)) == (3, told)


def test_a_link_that_leads_nowhere_is_not_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    assert read(capsys, str(folder)) == (3, {"nowhere.mp4": "no_file"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"file\na.mp4\n", "缺少列：permit_number"),
        ("file,permit_number\na.mp4,（番茄）网微剧备字（2026）第1号\n".encode("gbk"), "CSV UTF-8"),
        (b"file,permit_number\na.mp4,1\n./a.mp4,2\n", "expected.csv:3：./a.mp4 重复"),
        (b"file,permit_number\n" + b"a" * 300 + b".mp4,1\n", "不在要读的 1 个之中"),
        (
            "\ufefffile,permit_number,episode_no\r\na.mp4,1,first\r\n".encode(),
            "expected.csv:2：episode_no first 不是整数",
        ),
        (
            b"file,permit_number,title_id,episode_no\na.mp4,1,t1,7\nb.mp4,1,t1,8\nc.mp4,1,t1,07\n",
            "expected.csv:4：t1 第 7 集已在第 2 行；两个版本都算的，各写 media_hash",
        ),
        (b"file,permit_number\n,1\n", "expected.csv:2：没有写 file"),
        (b"", "缺少列：file, permit_number"),
    ],
)
def test_what_is_wrong_with_the_numbers_expected_is_said_in_chinese(
    folder: Path, text: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.mp4").write_bytes(b"")
    (folder / "expected.csv").write_bytes(text)
    arguments = ["labels", "read", str(folder), "--expected", str(folder / "expected.csv"), "--lang", "zh"]
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_evidence_that_cannot_be_written_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.mp4").write_bytes(b"")
    place = folder / "a.mp4"
    assert main(["labels", "read", str(folder), "--evidence", str(place), "--lang", "en"]) == 2
    assert f"the folder of evidence {place} cannot be used" in capsys.readouterr().err
