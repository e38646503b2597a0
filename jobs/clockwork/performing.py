"""Get one run done: wait for its lease, work under it with signs of life, try again where that may help."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from compliance.errors import EXIT_INCOMPLETE, GateError
from compliance.language import worded
from compliance.outputs import InterruptedRunError
from jobs.clockwork import leases
from jobs.clockwork.alerting import Owners, operations_only
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.leases import Lease, Waiting
from jobs.clockwork.model import Job, LeaseLostError, Outcome
from jobs.clockwork.planning import plan
from jobs.clockwork.rows import Holding, Run, held_leases, runs
from jobs.clockwork.timing import Timing
from jobs.clockwork.watching import BEAT_S, Watch

T = TypeVar("T")

Effort = Callable[[Callable[[str], None]], Outcome]
"""The work itself; it is handed somebody to tell its stages to."""

_ASK_AGAIN_S = 2.0
_DATABASE_PATIENCE_S = 900.0
"""So long a database may be away before a run that waits for it, or has been done, is given up."""


class Signals(Protocol):
    """Who hears of a run while it goes on."""

    def started(self, lease: Lease) -> None:
        """An attempt begins."""

    def stage(self, lease: Lease, stage: str) -> None:
        """It has come to a stage of its work."""

    def ended(self, lease: Lease, ended: str, exit_code: int | None, error: BaseException | None) -> None:
        """It is over: done, failed, stopped or lost."""

    def database_away(self, error: JobsDatabaseError) -> None:
        """The database of the jobs does not answer; it is asked again."""


def holder_name() -> str:
    """This process, for a reader who looks for it."""
    return f"{socket.gethostname()}/{os.getpid()}"


@dataclass(slots=True)
class Performer:
    """One process that gets runs done."""

    database: Database
    signals: Signals
    owners: Owners = operations_only
    timing: Timing = field(default_factory=Timing)
    watch: Watch = field(default_factory=Watch)
    holder: str = field(default_factory=holder_name)
    beat_s: float = BEAT_S
    on_lost: Callable[[], None] = lambda: None
    """Called from another thread when the lease is lost, to cut the work short."""

    def perform(self, job: Job, scheduled_for: datetime, effort: Effort, *, again: bool = False) -> Run | Holding:
        """How the run was settled; or who is at work on it, alive, and has been left to it.

        Raises JobsDatabaseError where the database stays away, GateError where the lease stays with another run, and
        KeyboardInterrupt where this process was asked to stop.
        """
        give_up_at = self.timing.steady() + job.terms.budget.total_seconds()
        first: Holding | None = None
        while True:
            got = self._patiently(partial(self._claim, job, scheduled_for, again))
            if isinstance(got, Run):
                return got
            if isinstance(got, Lease):
                again = False
                self._attempt(job, got, effort)
            elif isinstance(got, Waiting):
                self.timing.sleep(min(max((got.until - self.timing.now()).total_seconds(), 0.1), 60.0))
            else:
                first = got if first is None or first.fence != got.fence else first
                if (got.job, got.scheduled_for) == (job.name, scheduled_for) and got.beat != first.beat:
                    return got
                self._wait_for(got, give_up_at)

    def _claim(self, job: Job, scheduled_for: datetime, again: bool) -> leases.Claim:
        return leases.claim(self.database, job, scheduled_for, self.holder, self.timing.now(), self.owners, again=again)

    def waiting(self, job: Job) -> list[datetime]:
        """Settle the job's scheduled times up to now, and say which are to be run, the oldest first.

        Whatever clock starts the jobs: the times that it slept through are told as missed, or are among these.
        """
        self._patiently(lambda: plan(self.database, job, self.timing.now(), self.owners))
        due = self._patiently(lambda: runs(self.database, job=job.name, states=("due",)))
        return [run.scheduled_for for run in reversed(due)]

    def bury_the_dead(self) -> int:
        """Look once at all leases, and free those whose holders are dead. How many there were."""
        dead = self.watch.look(held_leases(self.database), self.timing.steady())
        return sum(leases.bury(self.database, one, self.timing.now(), self.owners) for one in dead)

    def _wait_for(self, held: Holding, give_up_at: float) -> None:
        if self.timing.steady() > give_up_at:
            raise GateError(
                worded(
                    f"未运行：{held.holder} 上的 {held.job} 一直占用租约 {held.name}",
                    f"not run: {held.job} on {held.holder} has kept the lease {held.name} all the time",
                ),
                remedy=worded("用 gate runs 查看它在做什么", "see with `gate runs` what it is doing"),
            )
        try:
            self.bury_the_dead()
        except JobsDatabaseError as error:
            self.signals.database_away(error)
        self.timing.sleep(min(_ASK_AGAIN_S, self.watch.look_every_s))

    def _attempt(self, job: Job, lease: Lease, effort: Effort) -> None:
        """Work once under the lease, and write down how it ended."""
        self.signals.started(lease)
        with _Heart(self, lease) as heart:
            try:
                outcome = effort(lambda stage: self._stage(lease, stage))
            except LeaseLostError as error:
                self.signals.ended(lease, "lost", None, error)
                return
            except (KeyboardInterrupt, InterruptedRunError) as error:
                if not heart.lost.is_set():
                    heart.stop()
                    self._patiently(lambda: leases.stop(self.database, lease, self.timing.now()))
                    self.signals.ended(lease, "stopped", None, error)
                    raise KeyboardInterrupt from None
                self.signals.ended(lease, "lost", None, error)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was: it is written down, told, and may be tried again
                heart.stop()
                self._failed(job, lease, error)
                return
            heart.stop()
            self._done(lease, outcome)

    def _stage(self, lease: Lease, stage: str) -> None:
        """Before each stage, so before anything is published: is the run still ours?"""
        self._patiently(lambda: leases.beat(self.database, lease, self.timing.now()))
        self.signals.stage(lease, stage)

    def _done(self, lease: Lease, outcome: Outcome) -> None:
        if self._patiently(lambda: leases.finish(self.database, lease, self.timing.now(), self.owners, outcome)):
            self.signals.ended(lease, "done", outcome.exit_code, None)
        else:
            self.signals.ended(lease, "lost", outcome.exit_code, None)

    def _failed(self, job: Job, lease: Lease, error: Exception) -> None:
        exit_code = error.exit_code if isinstance(error, GateError) else EXIT_INCOMPLETE
        says = f"{type(error).__name__}: {error}"
        held = self._patiently(
            lambda: leases.fail(self.database, job, lease, self.timing.now(), self.owners, exit_code, says)
        )
        self.signals.ended(lease, "failed" if held else "lost", exit_code, error)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask the database, again and again while it is away. Raises JobsDatabaseError where it stays away."""
        give_up_at = self.timing.steady() + _DATABASE_PATIENCE_S
        while True:
            try:
                return ask()
            except JobsDatabaseError as error:
                self.signals.database_away(error)
                if self.timing.steady() > give_up_at:
                    raise
                self.timing.sleep(_ASK_AGAIN_S)


class _Heart:
    """Shows signs of life while the work goes on. A database that is away is asked again at the next beat."""

    def __init__(self, performer: Performer, lease: Lease) -> None:
        self._performer, self._lease = performer, lease
        self._over = threading.Event()
        self.lost = threading.Event()
        self._thread = threading.Thread(target=self._go, name=f"heart-{lease.name}", daemon=True)

    def __enter__(self) -> _Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """No further sign of life."""
        self._over.set()
        self._thread.join()

    def _go(self) -> None:
        performer = self._performer
        while not self._over.wait(performer.beat_s):
            try:
                leases.beat(performer.database, self._lease, performer.timing.now())
            except JobsDatabaseError as error:
                performer.signals.database_away(error)
            except LeaseLostError:
                if not self._over.is_set():
                    self.lost.set()
                    performer.on_lost()
                return
