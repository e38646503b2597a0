"""Worker processes that read videos: one that dies or hangs costs the video it was at, and nothing else."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from compliance import clock
from compliance.labels.deciding import Outcome
from compliance.labels.failures import Failure
from compliance.labels.tasks import Done, Task

_CONTEXT = multiprocessing.get_context("spawn")
_LOOK_S = 1.0
"""Between two looks at whether a video takes too long."""


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    pipe: Connection
    task: Task | None = None
    since: float = 0.0


def read_all(tasks: Iterable[Task], *, workers: int, limit_s: float) -> Iterator[tuple[Task, Done]]:
    """Read each task in one of so many processes; results come as they are ready, one for each task.

    A video that takes longer than `limit_s` seconds, or whose decoder brings its process down, fails with that reason.
    The processes end with this generator, however it ends.
    """
    waiting = iter(tasks)
    crew = [_hired() for _ in range(workers)]
    try:
        busy = [worker for worker in crew if _give(worker, next(waiting, None))]
        while busy:
            ready = wait([worker.pipe for worker in busy], timeout=min(_LOOK_S, limit_s))
            for worker in list(busy):
                done = _taken(worker, worker.pipe in ready, limit_s)
                if done is None:
                    continue
                task = worker.task
                assert task is not None  # noqa: S101 - only a worker with a task is busy
                if not worker.process.is_alive():
                    busy.remove(worker)
                    crew.remove(worker)
                    worker = _hired()
                    crew.append(worker)
                    busy.append(worker)
                if not _give(worker, next(waiting, None)):
                    busy.remove(worker)
                yield task, done
    finally:
        for worker in crew:
            _dismiss(worker)


def _hired() -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, task: Task | None) -> bool:
    worker.task, worker.since = task, clock.steady()
    if task is None:
        return False
    worker.pipe.send(task)
    return True


def _taken(worker: _Worker, ready: bool, limit_s: float) -> Done | None:
    """What the worker says; where it is dead or too slow, what is to be said for it. None: still at work."""
    if ready:
        try:
            done: Done = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            worker.process.join()
            return Done(Outcome.FAILED, reason=Failure.CRASHED, detail=f"the process ended ({worker.process.exitcode})")
        return done
    if clock.steady() - worker.since > limit_s:
        worker.process.kill()
        worker.process.join()
        return Done(Outcome.FAILED, reason=Failure.TOO_LONG, detail=f"more than {limit_s:g} s")
    return None


def _dismiss(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


def work(pipe: Connection) -> None:
    """A worker's life: read what comes, until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    from compliance.labels.models import Models
    from compliance.labels.working import read_task

    models = Models()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(read_task(models, task))
