"""A run that is killed goes on where it was: nothing is read twice, nothing is lost."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from compliance.errors import GateError
from compliance.labels.store import Evidence
from tests.labels.resuming import read_and_kill, write_clips

pytestmark = pytest.mark.cjk_font


def test_a_killed_run_is_resumed(tmp_path: Path) -> None:
    expected = write_clips(tmp_path / "clips", 12, distinct=3)

    seen = read_and_kill(
        tmp_path / "clips", expected, tmp_path / "evidence", kills=2, workers=min(2, os.cpu_count() or 1)
    )

    assert seen.readings == Counter({f"{place:04d}.mp4": 1 for place in range(12)})
    assert seen.outcomes == Counter(verified=12)
    assert 0 < seen.before_last < 12
    assert seen.lost_crops == 0


def test_two_runs_into_one_folder_are_refused(tmp_path: Path) -> None:
    with (
        Evidence(tmp_path).writing(),
        pytest.raises(GateError, match="another process is reading"),
        Evidence(tmp_path).writing(),
    ):
        pass
