"""All-or-nothing publication, under the faults that really happen: kills, Ctrl-C, a full disk, two runs at once."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from compliance.errors import ConfigurationError
from compliance.out_folder import PublicationError, prepare
from compliance.outputs import KEPT_RUNS, InterruptedRunError, current_run, new_run_id, out_of, run_folder

NAMES = ("summary.json", "verdicts.parquet", "findings.parquet")


def publish(out: Path, run_id: str, names: tuple[str, ...] = NAMES) -> None:
    with run_folder(out, run_id) as folder:
        for name in names:
            (folder / name).write_text(run_id)


@pytest.mark.parametrize("inside", [".", "current", "state", "current/state", ".runs/r1", ".runs/r1/state"])
def test_a_folder_belongs_to_its_out_folder(inside: str) -> None:
    assert out_of(Path("/data/out") / inside) == Path("/data/out")


def fail_in_a_run(out: Path, how: Callable[[Path], object]) -> None:
    """Write one file, then do what ends the run."""
    with run_folder(out, "failing") as folder:
        (folder / "summary.json").write_text("half")
        how(folder)


def throw(error: BaseException) -> Callable[[Path], object]:
    def how(_folder: Path) -> None:
        raise error

    return how


def seen(out: Path) -> dict[str, str]:
    """What a reader finds under the contract's names."""
    return {path.name: path.read_text() for path in out.iterdir() if path.is_file()}


def links(out: Path) -> set[str]:
    return {path.name for path in out.iterdir() if path.is_symlink()}


def test_a_run_appears_whole_under_the_names_of_the_contract(tmp_path: Path) -> None:
    publish(tmp_path / "out", "run1")
    assert seen(tmp_path / "out") == dict.fromkeys(NAMES, "run1")
    assert current_run(tmp_path / "out") == (tmp_path / "out/.runs/run1").resolve()


def test_nothing_can_be_seen_before_the_block_ends(tmp_path: Path) -> None:
    with run_folder(tmp_path, "run1") as folder:
        (folder / "summary.json").write_text("run1")
        assert seen(tmp_path) == {}
    assert seen(tmp_path) == {"summary.json": "run1"}


def test_the_next_run_replaces_every_file_and_drops_names_it_does_not_have(tmp_path: Path) -> None:
    publish(tmp_path, "run1", (*NAMES, "report.html"))
    publish(tmp_path, "run2")
    assert seen(tmp_path) == dict.fromkeys(NAMES, "run2")
    assert links(tmp_path) == {*NAMES, "current"}


def test_a_reader_at_any_moment_finds_one_whole_run(tmp_path: Path) -> None:
    publish(tmp_path, "run0")
    mixtures, running = [], True

    def read() -> None:
        while running:
            with suppress(FileNotFoundError):  # the reader was so slow that its run is no longer kept
                folder = current_run(tmp_path)
                texts = {(folder / name).read_text() for name in NAMES}
                if texts != {folder.name}:
                    mixtures.append(texts)

    reader = Thread(target=read)
    reader.start()
    for number in range(1, 60):
        publish(tmp_path, f"run{number}")
        assert seen(tmp_path) == dict.fromkeys(NAMES, f"run{number}")
    running = False
    reader.join()
    assert mixtures == []


def test_the_folder_can_be_moved(tmp_path: Path) -> None:
    publish(tmp_path / "here", "run1")
    (tmp_path / "here").rename(tmp_path / "there")
    assert seen(tmp_path / "there") == dict.fromkeys(NAMES, "run1")


def test_the_last_runs_are_kept_and_older_ones_removed(tmp_path: Path) -> None:
    for number in range(1, 6):
        publish(tmp_path, f"run{number}")
    assert sorted(path.name for path in (tmp_path / ".runs").iterdir()) == ["lock", "run3", "run4", "run5"]
    assert KEPT_RUNS == 3


@pytest.mark.parametrize("error", [ValueError("a canary died"), SystemExit(3)])
def test_an_error_leaves_the_previous_outputs(tmp_path: Path, error: BaseException) -> None:
    publish(tmp_path, "run1")
    with pytest.raises(type(error)):
        fail_in_a_run(tmp_path, throw(error))
    assert seen(tmp_path) == dict.fromkeys(NAMES, "run1")
    assert sorted(path.name for path in (tmp_path / ".runs").iterdir()) == ["lock", "run1"]


def test_an_error_in_the_first_run_leaves_no_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"):
        fail_in_a_run(tmp_path, throw(ValueError("broken")))
    assert [path.name for path in tmp_path.iterdir()] == [".runs"]
    assert current_run(tmp_path) is None


@pytest.fixture
def ctrl_c_heeded() -> Iterator[None]:
    """Ctrl-C as usual: a shell that starts the tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_heeded")
def test_ctrl_c_says_that_nothing_was_published(tmp_path: Path) -> None:
    publish(tmp_path, "run1")
    with pytest.raises(InterruptedRunError) as caught:
        fail_in_a_run(tmp_path, lambda _folder: os.kill(os.getpid(), signal.SIGINT))
    assert caught.value.exit_code == 130
    assert seen(tmp_path) == dict.fromkeys(NAMES, "run1")


def test_a_full_device_is_told_in_words(tmp_path: Path) -> None:
    publish(tmp_path, "run1")
    with pytest.raises(PublicationError, match="disk is full"):
        fail_in_a_run(tmp_path, lambda _folder: Path("/dev/full").write_text("x"))
    assert seen(tmp_path) == dict.fromkeys(NAMES, "run1")


def test_a_file_that_may_not_grow_is_told_in_words(tmp_path: Path) -> None:
    publish(tmp_path, "run1")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(PublicationError, match="disk is full"):
            fail_in_a_run(tmp_path, lambda folder: (folder / "verdicts.parquet").write_text("x" * 2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert seen(tmp_path) == dict.fromkeys(NAMES, "run1")


def test_the_engines_own_error_about_a_full_disk_is_recognised(tmp_path: Path) -> None:
    error = RuntimeError(f'IO Error: Could not write file "x": {os.strerror(errno.ENOSPC)}')
    with pytest.raises(PublicationError, match="disk is full"):
        fail_in_a_run(tmp_path, throw(error))


def test_numpy_s_own_error_about_a_full_disk_is_recognised(tmp_path: Path) -> None:
    def grow_beyond(folder: Path) -> None:
        with (folder / "state").open("wb") as file:
            np.zeros(100_000).tofile(file)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(PublicationError, match="disk is full"):
            fail_in_a_run(tmp_path, grow_beyond)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_of_the_catalog_that_nobody_may_read_is_no_fault_of_the_outputs(tmp_path: Path) -> None:
    refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/catalog/titles.parquet")
    with pytest.raises(PermissionError):
        fail_in_a_run(tmp_path / "out", throw(refused))
    within = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / "out" / ".runs" / "x"))
    with pytest.raises(PublicationError, match="cannot be written"):
        fail_in_a_run(tmp_path / "out", throw(within))


def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", Path("/sys/gate-outputs")):
        with pytest.raises(PublicationError, match="cannot be written"), run_folder(out, "run1"):
            pytest.fail("a folder was given")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "inside", Path("/proc/gate-outputs")):
        with pytest.raises(PublicationError, match="cannot be written"):
            prepare(out)


def test_files_of_others_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"report\.html"), run_folder(tmp_path, "run1"):
        pytest.fail("a folder was given")
    assert (tmp_path / "report.html").read_text() == "mine"


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with run_folder(tmp_path, "run1") as folder:
        (folder / "summary.json").write_text("run1")
        other = subprocess.run([sys.executable, "-c", WRITER, tmp_path, "run2", "-1"], capture_output=True, text=True)
        assert other.returncode == 2
        assert "another run is writing" in other.stdout
    assert seen(tmp_path) == {"summary.json": "run1"}


WRITER = f"""
import os, sys
from pathlib import Path
from compliance.errors import GateError
from compliance.outputs import run_folder

out, run_id, deadline = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
steps = 0

def die(event, arguments):
    # An audit hook sees every file, folder and link operation of this process: a place to be killed at.
    global steps
    if event.split(".")[0] in ("os", "open", "shutil") and "site-packages" not in str(arguments):
        steps += 1
        if steps == deadline:
            os.kill(os.getpid(), 9)

sys.addaudithook(die)
try:
    with run_folder(out, run_id) as folder:
        for name in {NAMES!r}:
            (folder / name).write_text(run_id)
except GateError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.mark.parametrize("first", [True, False])
def test_killed_at_every_step_a_reader_sees_one_whole_run(tmp_path: Path, first: bool) -> None:
    """kill -9 before each file operation in turn, until the writer gets through."""
    outcomes = set()
    for step in range(1, 200):
        out = tmp_path / str(step)
        if not first:
            publish(out, "old")
        killed = subprocess.run([sys.executable, "-S", "-c", WRITER, out, "new", str(step)], env=ENVIRONMENT)
        files = seen(out) if out.exists() else {}
        whole = [{} if first else dict.fromkeys(NAMES, "old"), dict.fromkeys(NAMES, "new")]
        assert files in whole, step
        outcomes.add((killed.returncode, files.get("summary.json")))
        publish(out, "after")
        assert seen(out) == dict.fromkeys(NAMES, "after"), step
        assert not list((out / ".runs").glob(".staging-*")), step
        if killed.returncode == 0:
            break
    before = None if first else "old"
    assert outcomes == {(-9, before), (-9, "new"), (0, "new")}


ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    "PYTHONDONTWRITEBYTECODE": "1",
}


def test_run_ids_sort_by_time() -> None:
    early, late = datetime(2026, 9, 1, 1, tzinfo=UTC), datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert new_run_id(early) < new_run_id(late)
    assert new_run_id(early) != new_run_id(early)
    assert new_run_id(early).startswith("20260901T010000Z-")
