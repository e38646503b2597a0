"""`gate doctor` says of a catalog what an audit would trip over, and what it would pass by without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compliance.cli.main import main
from tests.catalogs import write_catalog


def told(capsys: pytest.CaptureFixture[str], *options: object, code: int = 0) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main([*map(str, options), "--json", "--lang", "en"]) == code
    lines: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return lines


def test_rows_that_break_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[{}, {"investment_yuan": -1}])
    lines = told(capsys, "doctor", "--catalog", catalog, "--out", tmp_path / "out", code=3)
    assert [line["says"] for line in lines if line["level"] == "fail"] == [
        "titles: 1 of 2 rows break the contract (investment_yuan is below 0)"
    ]
    assert all(line["remedy"] for line in lines if line["level"] != "ok")


def test_rows_whose_title_is_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, gone = {"title_id": "bad"}, {"title_id": "gone"}
    catalog = write_catalog(
        tmp_path / "catalog",
        titles=[{"title_id": "here"}, {**bad, "investment_yuan": -1}],
        labels=[{"title_id": "here"}, bad],
        episodes=[{"title_id": "here"}, {**gone, "episode_no": 1}, {**gone, "episode_no": 2}],
        placements=[{**gone, "placement_id": "p1"}, {"title_id": "here", "placement_id": "p2"}],
    )
    lines = told(capsys, "doctor", "--catalog", catalog, code=3)
    astray = [line for line in lines if "not in titles" in line["says"]]
    assert [(line["level"], line["says"]) for line in astray] == [
        ("warn", "episodes: 2 of 3 rows are of titles that are not in titles, such as gone"),
        ("warn", "placements: 1 of 2 rows are of titles that are not in titles, such as gone"),
    ]
    assert all("title_id" in line["remedy"] for line in astray)


@pytest.mark.parametrize(
    ("media", "tells"),
    [
        ("videos/{title_id}-{episode_no}.mp4", ["ok", "ok"]),
        ("elsewhere/{title_id}.mp4", ["ok", "warn"]),
        ("no-such-table.csv", ["ok", "fail"]),
    ],
)
def test_where_the_videos_are(media: str, tells: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1"}], episodes=[{"title_id": "t1"}])
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "t1-1.mp4").touch()
    (tmp_path / "gate.toml").write_text(f'[labels]\nmedia = "{media}"\n')
    code = 2 if "fail" in tells else 0
    lines = told(capsys, "--config", tmp_path / "gate.toml", "doctor", "--catalog", catalog, code=code)
    said = [line for line in lines if line["about"] == "labels"]
    assert [line["level"] for line in said] == tells
    assert all(line["remedy"] for line in said if line["level"] != "ok")
