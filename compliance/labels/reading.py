"""Reading many videos: what is known is not read again, what is read is on the disk before it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance import clock
from compliance.labels.deciding import Outcome
from compliance.labels.exporting import export
from compliance.labels.pool import read_all
from compliance.labels.store import Evidence
from compliance.labels.tasks import Kept, Task

_TELL_S = 5.0


@dataclass(frozen=True, slots=True)
class Totals:
    """How many videos came to what."""

    total: int
    outcomes: Counter[Outcome]
    resumed: int
    """Read by an earlier run, and not again."""


def read_tasks(
    store: Evidence,
    tasks: Sequence[Task],
    *,
    workers: int,
    limit_s: float,
    on_kept: Callable[[Kept], None],
    on_way: Callable[[int, int, float], None],
) -> Totals:
    """Read the tasks into the store; `on_way` is told now and then: done, total, seconds.

    However it ends, the relations of the store are written anew from what has been read.
    """
    outcomes: Counter[Outcome] = Counter()
    todo = []
    for task in tasks:
        kept = store.of_file(task)
        if kept is None:
            todo.append(task)
            continue
        outcomes[kept.outcome] += 1
        on_kept(kept)
    resumed = len(tasks) - len(todo)
    began = told = clock.steady()
    try:
        for done, (task, read) in enumerate(read_all(todo, workers=min(workers, len(todo)), limit_s=limit_s), start=1):
            kept = store.keep(task, read)
            outcomes[kept.outcome] += 1
            on_kept(kept)
            if clock.steady() - told > _TELL_S:
                told = clock.steady()
                on_way(done, len(todo), told - began)
    finally:
        if store.exists():
            export(store)
    if (counted := sum(outcomes.values())) != len(tasks):
        raise AssertionError(f"{len(tasks)} videos, {counted} outcomes")
    return Totals(len(tasks), outcomes, resumed)
