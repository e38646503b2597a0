"""Files and lists of files with names that are hard to bear: each is told, and the queue goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from compliance.cli.main import main
from tests.catalogs import write_catalog


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


def test_links_that_lead_in_a_circle_cost_their_video_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.mp4").write_bytes(b"")
    (folder / "loop.mp4").symlink_to("loop.mp4")
    (folder.parent / "expected.csv").write_text("file,permit_number\nloop.mp4,1\na.mp4,2\n")
    told = {"a.mp4": "empty_file", "loop.mp4": "no_file"}
    assert read(capsys, str(folder)) == (3, told)
    assert read(capsys, str(folder), "--expected", "expected.csv") == (3, told)
    assert read(capsys, "videos/loop.mp4") == (3, {"loop.mp4": "no_file"})


@pytest.mark.parametrize("media", ["videos/{title_id}.mp4", "videos/table.csv"])
def test_a_pending_episode_whose_link_leads_in_a_circle_costs_no_other(
    folder: Path, capsys: pytest.CaptureFixture[str], media: str
) -> None:
    (folder / "a.mp4").write_bytes(b"")
    (folder / "loop.mp4").symlink_to("loop.mp4")
    (folder / "table.csv").write_text("title_id,episode_no,path\na,1,a.mp4\nloop,1,loop.mp4\n")
    titles = [{"title_id": title} for title in ("a", "loop")]
    write_catalog(folder.parent / "catalog", titles=titles, episodes=[{**title, "episode_no": 1} for title in titles])
    Path("gate.toml").write_text(f'catalog = "catalog"\n[labels]\nmedia = "{media}"\n')
    assert read(capsys, "--pending") == (3, {"a.mp4": "empty_file", "loop.mp4": "no_file"})


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
            b"file,permit_number,episode_no\na.mp4,1,2147483647\nb.mp4,1,2147483648\n",
            "expected.csv:3：episode_no 2147483648 不是整数，或大于 2147483647",
        ),
        (b"file,permit_number,episode_no\na.mp4,1," + b"9" * 5000 + b"\n", "expected.csv:2：episode_no 999"),
        (b"file,permit_number\na.mp4,1\nb\0.mp4,1\n", "expected.csv:3：file 含 NUL 字符"),
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
