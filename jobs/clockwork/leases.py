"""Who may work: claim a run, show signs of life, end it. Whatever has lost its lease can change nothing any more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from compliance import clock
from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.clockwork.alerting import Owners, raise_alert
from jobs.clockwork.database import Database
from jobs.clockwork.model import Job, LeaseLostError, Outcome
from jobs.clockwork.planning import SKEW
from jobs.clockwork.rows import Holding, Run, State, known_run, run_of
from jobs.clockwork.tables import ATTEMPTS, LEASES, RUNS


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work at one run, until it is ended or somebody finds its holder dead."""

    name: str
    fence: int
    job: str
    scheduled_for: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The run may be claimed, but not yet: the last attempt failed a short while ago."""

    until: datetime


Claim = Lease | Holding | Waiting | Run
"""The lease; or who holds it; or how long to wait; or how the run was settled."""


def claim(
    database: Database, job: Job, scheduled_for: datetime, holder: str, now: datetime, owners: Owners, *, again: bool
) -> Claim:
    """Take the lease of a run. A scheduled time without a row gets one; `again` runs also what is settled.

    What is settled stays so until its lease is granted. Raises ConfigurationError where it cannot be run again.
    """
    with database.transaction() as connection:
        run = run_of(connection, job.name, scheduled_for) or _add(connection, job, scheduled_for)
        settled = run.state in ("done", "failed", "missed")
        if settled and not again:
            return run
        held = _lease(connection, job)
        if held.job is not None:
            return held
        run = _afresh(run) if settled else run
        if reason := _too_late(connection, job, run, now):
            if settled:
                raise _not_again(run, reason)
            return _settle(connection, run, reason, now, owners)
        if run.not_before is not None and now < run.not_before <= now + job.terms.budget:
            return Waiting(run.not_before)
        return _grant(connection, held, run, holder, now)


def beat(database: Database, lease: Lease, now: datetime) -> None:
    """A sign of life. Raises LeaseLostError where the run was given to somebody else."""
    with database.transaction() as connection:
        if not _touch(connection, lease, beaten_at=now):
            raise LeaseLostError(
                worded(
                    f"{lease.job}：本进程被当作已死，其任务已交给别处；它所做的不算数",
                    f"{lease.job}: this process was taken for dead and its run was given away; what it did does not"
                    " count",
                ),
                remedy=worded(
                    "无需处理；gate runs 会显示现在由谁运行",
                    "nothing is to be done; `gate runs` tells who has the run now",
                ),
            )


def finish(database: Database, lease: Lease, now: datetime, owners: Owners, outcome: Outcome) -> bool:
    """The run is done, and what it found of concern is to be told. False: it was given to somebody else."""
    with database.transaction() as connection:
        if not _end(connection, lease, now, "done", outcome.exit_code, None):
            return _ended_so(connection, lease, "done")
        numbers = json.dumps({**asdict(outcome), "concerns": None}, ensure_ascii=False)
        over = {"settled_at": now, "exit_code": outcome.exit_code, "says": None, "not_before": None}
        _update(connection, lease, state="done", outcome=numbers, **over)
        for concern in outcome.concerns:
            raise_alert(connection, owners, lease.job, concern.says, now, concern.platform, once=concern.once)
        return True


def stop(database: Database, lease: Lease, now: datetime) -> bool:
    """The attempt was asked to stop: another may begin at once. False: the run was given to somebody else."""
    with database.transaction() as connection:
        if not _end(connection, lease, now, "stopped", None, worded("被要求停止", "asked to stop")):
            return _ended_so(connection, lease, "stopped")
        _update(
            connection,
            lease,
            state="due",
            says=worded(f"第 {lease.attempt} 次尝试被要求停止", f"attempt {lease.attempt} was asked to stop"),
        )
        return True


def fail(database: Database, job: Job, lease: Lease, now: datetime, owners: Owners, exit_code: int, says: str) -> bool:
    """The attempt has failed; the next begins after a while, or none does. False: it was given to somebody else."""
    with database.transaction() as connection:
        if not _end(connection, lease, now, "failed", exit_code, says):
            return _ended_so(connection, lease, "failed")
        run = known_run(connection, lease.job, lease.scheduled_for)
        following = now + job.terms.wait_after(run.attempts)
        if run.attempts < job.terms.attempts and following <= (run.started_at or now) + job.terms.budget:
            _update(connection, lease, state="due", not_before=following, says=says)
        else:
            _update(connection, lease, state="failed", settled_at=now, exit_code=exit_code, says=says)
            told = worded(
                f"{_when(run)}：尝试 {run.attempts} 次均失败，退出码 {exit_code}",
                f"{_when(run)}: failed after {run.attempts} attempt(s), exit code {exit_code}",
            )
            raise_alert(connection, owners, lease.job, told, now)
        return True


def bury(database: Database, seen: Holding, now: datetime, owners: Owners) -> bool:
    """The holder is dead: its attempt is told as such and its run is due again. False where it lives after all."""
    with database.transaction() as connection:
        row = connection.execute(LEASES.select().where(LEASES.c.name == seen.name)).first()
        if row is None or (row.fence, row.beat, row.job) != (seen.fence, seen.beat, seen.job) or row.job is None:
            return False
        lease = Lease(row.name, row.fence, row.job, row.scheduled_for, 0)
        last = f"{row.beaten_at:%Y-%m-%dT%H:%M:%SZ}"
        says = worded(f"失去联系；最后一次心跳 {last}", f"not heard of any more; last sign of life {last}")
        _end(connection, lease, now, "died", None, says)
        _update(
            connection,
            lease,
            state="due",
            says=worded(f"{row.holder} 上的一次尝试中断", f"an attempt on {row.holder} died"),
        )
        told = worded(f"{row.holder} 上的运行中断：{says}", f"a run died on {row.holder}: {says}")
        raise_alert(connection, owners, row.job, told, now)
        return True


def _add(connection: sa.Connection, job: Job, scheduled_for: datetime) -> Run:
    connection.execute(RUNS.insert().values(job=job.name, scheduled_for=scheduled_for, state="due"))
    return known_run(connection, job.name, scheduled_for)


def _afresh(run: Run) -> Run:
    """A settled run as one that nobody has tried yet: what it came to before says nothing of what it will come to."""
    return replace(
        run, state="due", attempts=0, started_at=None, not_before=None, settled_at=None,
        exit_code=None, says=None, outcome=None, times=1,
    )  # fmt: skip


def _not_again(run: Run, reason: str) -> ConfigurationError:
    return ConfigurationError(
        worded(f"{run.job} {_when(run)} 不再重跑：{reason}", f"{run.job} {_when(run)} is not run again: {reason}"),
        remedy=worded(
            "用 gate backfill 把过去的时刻补跑到单独的文件夹",
            "`gate backfill` runs past times, into a folder of their own",
        ),
    )


def _lease(connection: sa.Connection, job: Job) -> Holding:
    row = connection.execute(LEASES.select().where(LEASES.c.name == job.lease_name)).first()
    if row is not None:
        return Holding(*row)
    connection.execute(LEASES.insert().values(name=job.lease_name, fence=0, beat=0))
    return Holding(job.lease_name, 0, 0, None, None, None, None)


def _too_late(connection: sa.Connection, job: Job, run: Run, now: datetime) -> str | None:
    """Why no further attempt begins: too many, too long ago, or a newer run of the job has taken its place."""
    if run.attempts >= job.terms.attempts:
        return worded(f"尝试 {run.attempts} 次后放弃", f"given up after {run.attempts} attempt(s)")
    if run.started_at is not None and now > run.started_at + job.terms.budget:
        return worded(f"放弃：时限 {job.terms.budget} 已用完", f"given up: its budget of {job.terms.budget} is spent")
    newer = RUNS.c.job == run.job, RUNS.c.scheduled_for > run.scheduled_for, RUNS.c.state.in_(("running", "done"))
    come = RUNS.c.scheduled_for <= now + SKEW  # what was run while a clock was ahead takes nobody's place
    if job.terms.catch_up != "all" and (
        then := connection.scalar(sa.select(sa.func.max(RUNS.c.scheduled_for)).where(*newer, come))
    ):
        newest = f"{then:%Y-%m-%dT%H:%M:%SZ}"
        return worded(f"已由 {newest} 的运行取代", f"the run of {newest} has taken its place")
    return None


_STATES: Mapping[State, str] = {"failed": "失败", "missed": "错过"}


def _settle(connection: sa.Connection, run: Run, reason: str, now: datetime, owners: Owners) -> Run:
    """The alert has the reason alone: what the last error said may quote the catalog."""
    state: State = "failed" if run.attempts else "missed"
    here = RUNS.c.job == run.job, RUNS.c.scheduled_for == run.scheduled_for
    says = "; ".join(filter(None, (reason, run.says)))
    connection.execute(RUNS.update().where(*here).values(state=state, settled_at=now, says=says))
    told = worded(f"{_when(run)}：{_STATES[state]}，{reason}", f"{_when(run)}: {state}, {reason}")
    raise_alert(connection, owners, run.job, told, now)
    return known_run(connection, run.job, run.scheduled_for)


def _grant(connection: sa.Connection, held: Holding, run: Run, holder: str, now: datetime) -> Lease:
    fence = held.fence + 1
    taken = {"fence": fence, "beat": 0, "beaten_at": now, "holder": holder}
    which = {"job": run.job, "scheduled_for": run.scheduled_for}
    connection.execute(LEASES.update().where(LEASES.c.name == held.name).values(**taken, **which))
    attempt = {"lease": held.name, "fence": fence, "holder": holder, "started_at": now}
    connection.execute(ATTEMPTS.insert().values(**attempt, **which))
    lease = Lease(held.name, fence, run.job, run.scheduled_for, run.attempts + 1)
    before = {"not_before": None, "settled_at": None, "exit_code": None, "says": run.says, "outcome": None, "times": 1}
    _update(connection, lease, state="running", attempts=run.attempts + 1, started_at=run.started_at or now, **before)
    return lease


def _touch(connection: sa.Connection, lease: Lease, **values: object) -> bool:
    """Change the lease, if it is still this one."""
    mine = LEASES.c.name == lease.name, LEASES.c.fence == lease.fence, LEASES.c.job.is_not(None)
    return connection.execute(LEASES.update().where(*mine).values(beat=LEASES.c.beat + 1, **values)).rowcount == 1


def _end(
    connection: sa.Connection, lease: Lease, now: datetime, ended: str, exit_code: int | None, says: str | None
) -> bool:
    """Free the lease and write down how the attempt ended; False where the lease is another's by now."""
    if not _touch(connection, lease, job=None, scheduled_for=None, holder=None):
        return False
    this = ATTEMPTS.c.lease == lease.name, ATTEMPTS.c.fence == lease.fence
    over = {"ended_at": now, "ended": ended, "exit_code": exit_code, "says": says}
    connection.execute(ATTEMPTS.update().where(*this).values(**over))
    return True


def _ended_so(connection: sa.Connection, lease: Lease, ended: str) -> bool:
    """Whether this attempt has been ended so already: the database went away after it had written it down."""
    this = ATTEMPTS.c.lease == lease.name, ATTEMPTS.c.fence == lease.fence
    return connection.scalar(sa.select(ATTEMPTS.c.ended).where(*this)) == ended


def _update(connection: sa.Connection, lease: Lease, **values: object) -> None:
    here = RUNS.c.job == lease.job, RUNS.c.scheduled_for == lease.scheduled_for
    connection.execute(RUNS.update().where(*here).values(**values))


def _when(run: Run) -> str:
    return f"{run.scheduled_for.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
