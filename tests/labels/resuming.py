"""A folder of clips is read, killed again and again, and resumed until it is through: what was lost, what done twice?

    python -m tests.labels.resuming --clips 200 --kills 10

`gate labels read` runs as a process of its own and is killed by SIGKILL whenever some more readings are on the disk.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.labels.clips import Clip, Label, write
from tests.labels.sets import number

GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Resumed:
    """What was seen when it was through."""

    kills: int
    readings: Counter[str]
    """By file: how often it was read."""
    outcomes: Counter[str]
    before_last: int
    """Readings on the disk before the run that came through."""
    lost_crops: int
    """Frame crops that a reading names and that are not there."""


def write_clips(folder: Path, count: int, *, distinct: int) -> Path:
    """So many clips, of which `distinct` differ; the CSV of the numbers that they should show."""
    folder.mkdir(parents=True)
    expected = folder / "expected.csv"
    with expected.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["file", "permit_number", "title_id", "episode_no"])
        for place in range(count):
            clip = folder / f"{place:04d}.mp4"
            if place < distinct:
                shown = Label(number(place), size=20, outline=1)
                write(Clip((shown,), 1.2, width=540, height=960, background="plain", seed=place), clip)
            else:
                shutil.copyfile(folder / f"{place % distinct:04d}.mp4", clip)
            lines.writerow([clip.name, number(place % distinct), f"t{place}", 1])
    return expected


def read_and_kill(folder: Path, expected: Path, store: Path, kills: int, workers: int) -> Resumed:
    """Read until it is through, killed so many times on the way."""
    command = [*GATE, "labels", "read", str(folder), "--expected", str(expected), "--evidence", str(store), "--json"]
    command += ["--workers", str(workers)]
    total = sum(1 for _ in folder.glob("*.mp4"))
    for kill in range(kills):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            goal = (kill + 1) * total // (kills + 1)
            deadline = time.monotonic() + _PATIENCE_S
            while readings(store) < goal and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            if process.poll() is not None:
                raise RuntimeError(f"it ended by itself ({process.returncode}) before kill {kill + 1}")
            os.kill(process.pid, signal.SIGKILL)
    before = readings(store)
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):  # 1: a number was not verified, which is not what is asked here
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[-2000:]}")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    with sqlite3.connect(store / "readings.sqlite") as con:
        files = Counter(Path(file).name for (file,) in con.execute("SELECT file FROM readings"))
        crops = [path for (path,) in con.execute("SELECT path FROM evidence")]
    lost = sum(not (store / path).read_bytes().startswith(b"\xff\xd8") for path in crops if (store / path).exists())
    lost += sum(not (store / path).exists() for path in crops)
    return Resumed(kills, files, Counter(line["outcome"] for line in told), before, lost)


def readings(store: Path) -> int:
    """How many are on the disk."""
    if not (store / "readings.sqlite").exists():
        return 0
    with sqlite3.connect(f"file:{store / 'readings.sqlite'}?mode=ro", uri=True) as con:
        try:
            return int(con.execute("SELECT count(*) FROM readings").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # its tables are being made


def main() -> int:
    """Print what was seen; exit 1 where anything was lost or done twice."""
    parser = argparse.ArgumentParser(prog="python -m tests.labels.resuming")
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "clips"
        expected = write_clips(folder, asked.clips, distinct=asked.clips)
        seen = read_and_kill(folder, expected, Path(place) / "evidence", asked.kills, asked.workers)
    twice = sum(times > 1 for times in seen.readings.values())
    print(  # noqa: T201 - this is a program that prints
        f"{asked.clips} clips, {seen.kills} kills: {len(seen.readings)} read, {twice} of them twice, {seen.lost_crops}"
        f" crops lost, {seen.before_last} on the disk before the last run; {dict(seen.outcomes)}"
    )
    whole = len(seen.readings) == sum(seen.outcomes.values()) == asked.clips
    return 0 if whole and not twice and not seen.lost_crops else 1


if __name__ == "__main__":
    sys.exit(main())
