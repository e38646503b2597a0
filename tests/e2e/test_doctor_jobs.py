"""`gate doctor` says whether anybody would hear of a run that fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compliance.cli.main import main

OWNER = '[jobs.owners.operations]\nchannels = "env:GATE_TEST_CHANNELS"\n'


def told(folder: Path, jobs: str, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    (folder / "gate.toml").write_text(jobs, encoding="utf-8")
    arguments = ["doctor", "--config", str(folder / "gate.toml"), "--out", str(folder / "out"), "--json"]
    assert main([*arguments, "--lang", "en"]) == 0
    lines = json.loads(capsys.readouterr().out)
    return [(line["level"], line["says"]) for line in lines if line["about"] == "jobs"]


def test_without_jobs_there_is_nothing_to_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tmp_path, "", capsys) == []


def test_an_owner_whose_channels_are_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(tmp_path, OWNER, capsys) == [("warn", "the secret env:GATE_TEST_CHANNELS is not there")]


def test_channels_that_are_there_are_counted_and_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATE_TEST_CHANNELS", "dingtalk://token")
    ping = '[jobs.terms.nightly-audit]\nping = "file:/nowhere/ping"\n'
    assert told(tmp_path, OWNER + ping, capsys) == [
        ("warn", "the secret file:/nowhere/ping cannot be read: FileNotFoundError"),
        ("ok", "1 secret(s) of channels and pings can be read"),
    ]


def test_failures_that_nobody_would_hear_of_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a file").touch()
    levels = told(tmp_path, '[jobs]\nmetrics = "a file"\n', capsys)
    assert [level for level, _ in levels] == ["warn", "warn"]
    assert "there is no owner operations" in levels[0][1]
    assert "the folder of metrics" in levels[1][1]
