"""What a program is handed for output: a pipe whose reader leaves, a full disk, nothing, another encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")


def gate(*arguments: str, **places: Any) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **places.pop("environment", {})}
    return subprocess.run([*GATE, *arguments], env=environment, **places)


def sink() -> int:
    """The end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("arguments", [["policy", "show"], ["policy", "show", "--json"], ["audit", "--help"]])
def test_a_reader_that_has_gone_changes_no_exit_code(arguments: list[str]) -> None:
    writer = sink()
    ran = gate(*arguments, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, b"")


@needs_full
@pytest.mark.parametrize("arguments", [["policy", "show", "--json"], ["--help"]])
def test_a_place_that_is_full_is_told(arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        ran = gate(*arguments, "--lang", "en", stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 3
    assert b"standard output cannot be written to: No space left on device" in ran.stderr
    assert b"please report" not in ran.stderr
    assert b"Traceback" not in ran.stderr


@needs_full
def test_messages_that_nobody_takes_end_no_audit(tmp_path: Path) -> None:
    """A log on a full disk: exit code 1 would say that the catalog was judged."""
    with FULL.open("wb") as full:
        ran = gate("demo", "--out", str(tmp_path / "out"), "--titles", "50", stdout=subprocess.PIPE, stderr=full)
    assert ran.returncode == 0
    assert (tmp_path / "out" / "summary.json").is_file()


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_streams_that_are_closed_are_no_error(tmp_path: Path, closed: str) -> None:
    out = tmp_path / "out"
    command = f'"$0" -c "{GATE[2]}" demo --titles 50 --out "{out}" {closed}'
    ran = subprocess.run(["/bin/sh", "-c", command, sys.executable], capture_output=True)
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr
    assert (out / "summary.json").read_text().startswith("{")


def test_an_encoding_without_chinese_ends_nothing(tmp_path: Path) -> None:
    narrow = {"PYTHONIOENCODING": "latin-1"}
    ran = gate("policy", "list", "--lang", "zh", environment=narrow, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\\u5236\\u5ea6" in ran.stdout


def test_json_is_json_in_any_encoding() -> None:
    ran = gate("policy", "show", "--json", environment={"PYTHONIOENCODING": "gbk"}, capture_output=True)
    wide = gate("policy", "show", "--json", environment={"PYTHONIOENCODING": "utf-8"}, capture_output=True)
    assert json.loads(ran.stdout.decode("utf-8")) == json.loads(wide.stdout)
    assert "题材" in wide.stdout.decode() or "号" in wide.stdout.decode()


def test_help_on_a_narrow_terminal_cuts_no_option() -> None:
    ran = gate("audit", "--help", "--lang", "en", environment={"COLUMNS": "40"}, capture_output=True)
    assert "--incremental" in ran.stdout.decode()
    assert "…" not in ran.stdout.decode()
