"""`gate labels read` on clips that show a number in many ways, and on files that are no clips."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from tests.labels.clips import Clip, Label, write

pytestmark = pytest.mark.cjk_font

NUMBER = "（番茄）网微剧备字（2026）第847205号"
NEAR = "（番茄）网微剧备字（2026）第847206号"
FOREIGN = "（快手）网微剧备字（2026）第847205号"
FOUR_ONES = "（腾讯视频）网微剧备字（2024）第111126号"
"""A recogniser swallows one of them where it has few steps to a digit."""
LICENCE = "（沪）网微剧审字（2025）第301号"
PROVINCE = "（沪）网微剧备字（2026）第123号"
SHORT = 2.6

SHOWN: Mapping[str, tuple[Clip, str | None, str]] = {
    "corner": (Clip((Label(NUMBER, size=18, outline=1),), SHORT), NUMBER, "verified"),
    "half-transparent": (Clip((Label(NUMBER, size=24, opacity=0.5, place="top_right"),), SHORT), NUMBER, "verified"),
    "card": (
        Clip((Label("备案号：" + LICENCE, place="centre", size=30),), SHORT, background="dark"),
        LICENCE,
        "verified",
    ),
    "two-lines": (Clip((Label(NUMBER, size=22, two_lines=True, place="top_left"),), SHORT), NUMBER, "verified"),
    "column": (
        Clip((Label(NUMBER, size=24, vertical=True, outline=1, place="top_left"),), SHORT, background="faces"),
        NUMBER,
        "verified",
    ),
    "ending": (Clip((Label(NUMBER, size=24, begins_s=8.0),), 10.0, background="plain", gop=50), NUMBER, "verified"),
    "zeros": (Clip((Label("(番茄)网微剧备字[2026]第00847205号", size=26),), SHORT), NUMBER, "verified"),
    "bare": (Clip((Label("备案号：沪网微剧备案字〔2026〕0123号", size=24, outline=1),), SHORT), PROVINCE, "verified"),
    "bare-near": (Clip((Label("沪网微剧备字〔2026〕0128号", size=24, outline=1),), SHORT), PROVINCE, "contradicted"),
    "no-end": (Clip((Label(NUMBER.removesuffix("号"), size=24, outline=1),), SHORT), NUMBER, "verified"),
    "near": (Clip((Label(NEAR, size=24, outline=1),), SHORT), NUMBER, "contradicted"),
    "foreign": (Clip((Label(FOREIGN, size=24, outline=1),), SHORT), NUMBER, "contradicted"),
    "swallowed": (
        Clip((Label(FOUR_ONES, opacity=0.6, place="top_right"),), SHORT, background="cuts", seed=43),
        FOUR_ONES.replace("1111", "111"),
        "contradicted",
    ),
    "after-another": (
        Clip((Label(FOREIGN, size=24, outline=1, ends_s=3.0), Label(NUMBER, size=24, outline=1, begins_s=3.0)), 5.0),
        NUMBER,
        "verified",
    ),
    "covered": (Clip((Label(NUMBER[:-4], size=24, outline=1),), SHORT), NUMBER, "unreadable"),
    "beyond-the-edge": (Clip((Label(NUMBER.replace("8", "9"), size=46, outline=1),), SHORT), NUMBER, "unreadable"),
    "absent": (Clip((), SHORT), NUMBER, "absent"),
    "unexpected": (Clip((Label(NUMBER, size=24, outline=1),), SHORT), None, "unreadable"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("clips")
    with (place / "expected.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["file", "permit_number", "title_id", "episode_no"])
        for name, (clip, expected, _) in SHOWN.items():
            write(clip, place / f"{name}.mp4")
            if expected:
                lines.writerow([f"{name}.mp4", expected, name, 1])
    return place


def read(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[dict[str, object]]]:
    """The command's exit code and its JSON lines."""
    capsys.readouterr()
    code = main(["labels", "read", *map(str, arguments), "--json", "--workers", "2"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_way_to_show_a_number_is_read(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = tmp_path / "evidence"
    arguments = (folder, "--expected", folder / "expected.csv", "--evidence", store)
    code, lines = read(capsys, *arguments)

    assert {Path(str(line["file"])).stem: line["outcome"] for line in lines} == {
        name: outcome for name, (_, _, outcome) in SHOWN.items()
    }
    assert code == 1
    by_name = {Path(str(line["file"])).stem: line for line in lines}
    assert by_name["near"]["permit"] == NEAR
    assert by_name["foreign"]["permit"] == FOREIGN
    assert (by_name["unexpected"]["permit"], by_name["unexpected"]["reason"]) == (NUMBER, "nothing_expected")
    assert float(str(by_name["ending"]["at_s"])) >= 8
    for line in lines:
        assert ("evidence" in line) == (line["outcome"] != "absent")
        if "evidence" in line:
            assert Path(str(line["evidence"])).read_bytes().startswith(b"\xff\xd8")

    rows = {row["title_id"]: row for row in pq.read_table(store / "labels").to_pylist()}
    assert set(rows) == {name for name, (_, expected, outcome) in SHOWN.items() if expected and outcome != "absent"}
    assert {row["channel"] for row in rows.values()} == {"burned_in"}
    assert (rows["corner"]["text"], rows["near"]["text"]) == (NUMBER, NEAR)

    again, resumed = read(capsys, *arguments)
    key = lambda line: str(line["file"])  # noqa: E731 - used twice in the next line
    assert (again, sorted(resumed, key=key)) == (code, sorted(lines, key=key))
    with sqlite3.connect(store / "readings.sqlite") as con:
        assert con.execute("SELECT count(*) FROM readings").fetchall() == [(len(SHOWN),)]
