"""Files that are no plain clips: each comes out with its reason, and the queue goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from compliance.labels.deciding import Outcome, decide
from compliance.labels.episode import Episode, Reading
from compliance.labels.models import Models
from compliance.labels.pool import read_all
from compliance.labels.reading import read_tasks
from compliance.labels.store import Evidence
from compliance.labels.tasks import Task
from compliance.labels.working import read_task
from tests.labels.awkward import FILES, NUMBER
from tests.labels.clips import Clip, Label, write

pytestmark = pytest.mark.cjk_font


def test_every_file_has_its_outcome(tmp_path: Path) -> None:
    for name, (make, _, _) in FILES.items():
        make(tmp_path / name)
    tasks = [Task(tmp_path / name, NUMBER) for name in (*FILES, "not-there.mp4")]

    kept = {}
    totals = read_tasks(
        Evidence(tmp_path / "evidence"),
        tasks,
        workers=2,
        limit_s=120,
        on_kept=lambda one: kept.update({Path(one.file).name: (str(one.outcome), one.reason)}),
        on_way=lambda *_: None,
    )

    wanted = {name: (outcome, reason) for name, (_, outcome, reason) in FILES.items()}
    assert kept == wanted | {"not-there.mp4": ("failed", "no_file")}
    assert totals.total == len(tasks)


def test_a_file_that_changes_while_it_is_read_has_no_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that goes on, or another cut put in its place: nobody can say which of them was seen."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"one cut")
    seen = Reading(decide([], None), (), None, None, False, 1.0, 1)

    def read(_: Episode, path: Path) -> Reading:
        path.write_bytes(b"another cut")
        return seen

    monkeypatch.setattr(Episode, "read", read)
    done = read_task(Models(), Task(clip, NUMBER))
    assert (done.outcome, done.reason, done.size) == (Outcome.FAILED, "file_changed", len(b"one cut"))
    monkeypatch.setattr(Episode, "read", lambda *_: seen)
    assert read_task(Models(), Task(clip, NUMBER)).outcome == Outcome.ABSENT


def test_a_video_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    clip = write(Clip((Label(NUMBER, size=26),), 1.0, width=540, height=960), tmp_path / "clip.mp4")

    (result,) = read_all([Task(clip, NUMBER)], workers=1, limit_s=0.01)

    assert (result[1].outcome, result[1].reason) == (Outcome.FAILED, "took_too_long")


def test_a_decoder_that_brings_its_process_down_costs_one_video(tmp_path: Path) -> None:
    clip = write(Clip((Label(NUMBER, size=26),), 1.0, width=540, height=960), tmp_path / "clip.mp4")
    tasks = [Task(clip, NUMBER, title_id=str(number)) for number in range(6)]

    results = read_all(tasks, workers=1, limit_s=60)
    task, done = next(results)
    assert (task.title_id, done.outcome) == ("0", Outcome.VERIFIED)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
    rest = [(task.title_id, done.outcome, done.reason) for task, done in results]

    assert rest[0] == ("1", Outcome.FAILED, "reader_crashed")
    assert rest[1:] == [(str(number), Outcome.VERIFIED, None) for number in range(2, 6)]


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    clip = write(Clip((Label(NUMBER, size=26),), 1.0, width=540, height=960), tmp_path / "clip.mp4")
    results = read_all([Task(clip, NUMBER)] * 3, workers=2, limit_s=60)
    next(results)
    crew = multiprocessing.active_children()
    results.close()

    time.sleep(0.1)
    assert crew
    assert not any(worker.is_alive() for worker in crew)
