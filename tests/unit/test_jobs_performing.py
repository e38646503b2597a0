"""One run from claim to end: leases, deaths, retries, machines that sleep and a database that goes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.errors import CatalogError, GateError
from compliance.resources import sql_folder
from jobs.clockwork import leases
from jobs.clockwork.alerting import operations_only
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.leases import Lease
from jobs.clockwork.model import Concern, Job, LeaseLostError, Outcome
from jobs.clockwork.rows import Holding, Run, attempts, held_leases, runs
from jobs.clockwork.tables import METADATA, REVISION, VERSION
from tests.clockworks import START, Host, a_job, alerts, at, rename, sqlite, states, the_run

TICK = at("2026-11-23 02:30")
Tell = Callable[[str], None]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made = sqlite(tmp_path) if request.param == "sqlite" else Database(request.getfixturevalue("postgresql")())
    yield made
    made.close()


def clear(_tell: Tell) -> Outcome:
    return Outcome(0, {"judged": 3})


def broken(_tell: Tell) -> Outcome:
    raise CatalogError("the catalog cannot be read")


def take(host: Host, job: Job, scheduled_for: datetime = TICK) -> Lease:
    """Begin a run and never be heard of again, as a killed process does."""
    got = leases.claim(host.database, job, scheduled_for, host.name, host.now, operations_only, again=False)
    assert isinstance(got, Lease)
    return got


def test_a_run_is_done_once(database: Database) -> None:
    host, other = Host(database), Host(database, name="other")
    run = host.performer.perform(a_job(), TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, run.exit_code, run.attempts) == ("done", 0, 1)
    assert other.performer.perform(a_job(), TICK, broken) == run
    assert other.signs.seen == []
    assert held_leases(database) == []


def test_what_is_settled_is_run_again_only_where_that_is_asked_for(database: Database) -> None:
    host = Host(database)
    host.performer.perform(a_job(), TICK, clear)
    run = host.performer.perform(a_job(), TICK, lambda _: Outcome(1, {}), again=True)
    assert isinstance(run, Run)
    assert (run.state, run.exit_code) == ("done", 1)
    assert [attempt.fence for attempt in attempts(database)] == [1, 2]


def test_a_failure_is_tried_again_after_growing_waits(database: Database) -> None:
    host = Host(database)
    began: list[datetime] = []

    def third_time(_tell: Tell) -> Outcome:
        began.append(host.now)
        return clear(_tell) if len(began) == 3 else broken(_tell)

    run = host.performer.perform(a_job(first_wait=timedelta(minutes=2)), TICK, third_time)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("done", 3)
    assert [moment - START for moment in began] == [timedelta(0), timedelta(minutes=2), timedelta(minutes=6)]
    assert [attempt.ended for attempt in attempts(database)] == ["failed", "failed", "done"]
    assert alerts(database) == []


def test_attempts_are_counted_and_the_last_failure_is_told(database: Database) -> None:
    host = Host(database)
    run = host.performer.perform(a_job(attempts=2), TICK, broken)
    assert isinstance(run, Run)
    assert (run.state, run.exit_code, run.attempts) == ("failed", 3, 2)
    assert "cannot be read" in str(run.says)
    assert alerts(database) == ["audit: 2026-11-23 02:30: failed after 2 attempt(s), exit code 3"]


def test_the_budget_bounds_all_attempts_together(database: Database) -> None:
    host = Host(database)
    job = a_job(attempts=99, first_wait=timedelta(minutes=10), budget=timedelta(hours=1))
    run = host.performer.perform(job, TICK, broken)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("failed", 3)  # at 0, 10 and 30 minutes; the next would be at 70
    assert host.now - START <= job.terms.budget


def test_a_dead_holder_is_told_as_such_and_its_run_taken_over_within_the_bound(database: Database) -> None:
    dead, heir = Host(database, name="dead"), Host(database, name="heir")
    take(dead, a_job())
    run = heir.performer.perform(a_job(), TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("done", 2)
    assert [(a.holder, a.ended) for a in attempts(database)] == [("dead", "died"), ("heir", "done")]
    assert "a run died on dead" in alerts(database)[0]
    assert heir.steady <= heir.performer.watch.dead_after_s + 2 * heir.performer.watch.look_every_s


def test_a_run_that_kills_its_processes_is_given_up(database: Database) -> None:
    host = Host(database)
    for _ in range(3):
        take(host, a_job())
        for _ in range(20):
            host.performer.bury_the_dead()
            host.sleep(10)
    run = host.performer.perform(a_job(), TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("failed", 3)
    assert host.signs.seen == []
    assert [text.partition(":")[2].split(",")[-1].strip()[:8] for text in alerts(database)][3:] == ["given up"]
    assert sum("a run died" in text for text in alerts(database)) == 3


def test_a_holder_that_lives_is_left_to_its_work(database: Database) -> None:
    holder, other = Host(database, name="holder"), Host(database, name="other")
    lease = take(holder, a_job())
    other.meanwhile = lambda: leases.beat(database, lease, holder.now)
    got = other.performer.perform(a_job(), TICK, broken)
    assert isinstance(got, Holding)
    assert got.holder == "holder"
    assert other.signs.seen == []


def test_jobs_of_one_lease_wait_for_each_other(database: Database) -> None:
    audit, scan = a_job("audit", lease="publication"), a_job("scan", lease="publication")
    auditing, scanning = Host(database, name="auditing"), Host(database, name="scanning")
    lease = take(auditing, audit)

    def go_on() -> None:
        if scanning.steady < 40:
            leases.beat(database, lease, auditing.now)
        elif scanning.steady < 42:
            leases.finish(database, lease, auditing.now, operations_only, Outcome(0, {}))

    scanning.meanwhile = go_on
    run = scanning.performer.perform(scan, TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("done", 1)
    assert scanning.steady >= 40
    assert alerts(database) == []


def test_a_lease_that_is_never_given_back_is_waited_for_only_so_long(database: Database) -> None:
    holder, other = Host(database), Host(database)
    lease = take(holder, a_job("audit", lease="publication"))
    other.meanwhile = lambda: leases.beat(database, lease, holder.now)
    with pytest.raises(GateError, match="has kept the lease"):
        other.performer.perform(a_job("scan", lease="publication", budget=timedelta(minutes=1)), TICK, clear)


def test_a_machine_that_slept_cannot_publish_what_another_has_run_since(database: Database) -> None:
    sleeper, heir = Host(database, name="sleeper"), Host(database, name="heir")
    published: list[str] = []

    def slow(tell: Tell) -> Outcome:
        tell("judging")
        run = heir.performer.perform(a_job(), TICK, clear)  # the machine sleeps; the other one finds it dead
        assert isinstance(run, Run)
        assert run.state == "done"
        tell("publishing")
        published.append("twice")
        return clear(tell)

    run = sleeper.performer.perform(a_job(), TICK, slow)
    assert published == []
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("done", 2)
    assert sleeper.signs.seen == ["started 1", "judging", "lost"]


def test_what_comes_too_late_to_the_last_line_changes_nothing(database: Database) -> None:
    sleeper, heir = Host(database, name="sleeper"), Host(database, name="heir")

    def slow(_tell: Tell) -> Outcome:
        heir.performer.perform(a_job(), TICK, clear)
        return Outcome(1, {"judged": 0}, concerns=(Concern("wrong"),))

    run = sleeper.performer.perform(a_job(), TICK, slow)
    assert isinstance(run, Run)
    assert (run.exit_code, sleeper.signs.seen[-1]) == (0, "lost")
    assert not any("wrong" in text for text in alerts(database))
    with pytest.raises(LeaseLostError):
        leases.beat(database, Lease("audit", 1, "audit", TICK, 1), START)


def test_time_that_nobody_watched_kills_nobody(database: Database) -> None:
    """Both machines slept an hour: the holder has the time to be heard of again before it is taken for dead."""
    holder, watcher = Host(database), Host(database)
    lease = take(holder, a_job())
    assert watcher.performer.bury_the_dead() == 0
    watcher.steady += 3600
    assert watcher.performer.bury_the_dead() == 0
    leases.beat(database, lease, holder.now)
    watcher.steady += 3600
    assert watcher.performer.bury_the_dead() == 0
    assert the_run(database).state == "running"


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_takes_no_lease_away(database: Database, jump: timedelta) -> None:
    holder, other = Host(database, name="holder"), Host(database, START + jump, name="other")
    lease = take(holder, a_job())
    other.meanwhile = lambda: leases.beat(database, lease, holder.now)
    assert isinstance(other.performer.perform(a_job(), TICK, broken), Holding)
    assert the_run(database).attempts == 1


def test_a_database_that_is_away_for_a_minute_is_waited_for(database: Database) -> None:
    host = Host(database)

    def away(tell: Tell) -> Outcome:
        rename(database, "job_leases", "elsewhere")
        return clear(tell)

    def come_back() -> None:
        if host.steady >= 60 and sa.inspect(sa.create_engine(database.url, poolclass=sa.NullPool)).has_table(
            "elsewhere"
        ):
            rename(database, "elsewhere", "job_leases")

    host.meanwhile = come_back
    run = host.performer.perform(a_job(), TICK, away)
    assert isinstance(run, Run)
    assert (run.state, run.attempts) == ("done", 1)
    assert "database away" in host.signs.seen


def test_a_database_that_stays_away_ends_the_wait(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    host = Host(Database(f"sqlite:///{tmp_path / 'a file' / 'jobs.sqlite'}"))
    with pytest.raises(JobsDatabaseError, match="cannot be reached"):
        host.performer.perform(a_job(), TICK, clear)
    assert host.steady > 600


def test_an_end_that_was_written_before_the_connection_broke_is_not_taken_for_a_loss(database: Database) -> None:
    host = Host(database)
    lease = take(host, a_job())
    for _ in range(2):
        assert leases.finish(database, lease, START, operations_only, Outcome(0, {}, concerns=(Concern("once"),)))
    assert alerts(database) == ["audit: once"]


def test_asked_to_stop_it_lets_another_begin_at_once(database: Database) -> None:
    host, other = Host(database), Host(database)

    def stopped(_tell: Tell) -> Outcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        host.performer.perform(a_job(), TICK, stopped)
    assert the_run(database).state == "due"
    run = other.performer.perform(a_job(), TICK, clear)
    assert isinstance(run, Run)
    assert (run.state, other.steady) == ("done", 0.0)
    assert [attempt.ended for attempt in attempts(database)] == ["stopped", "done"]


def test_an_older_time_does_not_come_after_a_newer_one(database: Database) -> None:
    host = Host(database, TICK + timedelta(days=2))
    host.performer.perform(a_job(), TICK + timedelta(days=1), clear)
    run = host.performer.perform(a_job(), TICK, broken)
    assert isinstance(run, Run)
    assert run.state == "missed"
    assert "taken its place" in str(run.says)
    caught_up = host.performer.perform(a_job("every", catch_up="all"), TICK, clear)
    assert isinstance(caught_up, Run)
    assert caught_up.state == "done"


def test_the_lease_is_lost_to_the_beating_thread_too(tmp_path: Path) -> None:
    database = sqlite(tmp_path)
    holder, heir = Host(database, name="holder"), Host(database, name="heir")
    holder.performer.beat_s = 0.01
    lost: list[bool] = []
    holder.performer.on_lost = lambda: lost.append(True)

    def slow(tell: Tell) -> Outcome:
        (held,) = held_leases(database)
        while not leases.bury(database, held, heir.now, operations_only):
            (held,) = held_leases(database)
        while not lost:
            pass
        return clear(tell)

    run = holder.performer.perform(a_job(), TICK, slow)
    assert isinstance(run, Run)
    assert attempts(database)[0].ended == "died"


def test_the_migrations_make_the_tables_that_a_new_database_has(tmp_path: Path) -> None:
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(sql_folder() / "jobs"))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION
    with sa.create_engine(f"sqlite:///{tmp_path / 'migrated.sqlite'}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        here = MigrationContext.configure(connection, opts={"version_table": VERSION.name})
        assert compare_metadata(here, METADATA) == []


def test_runs_are_listed_newest_first(database: Database) -> None:
    host = Host(database, TICK + timedelta(days=3))
    job = a_job(catch_up="all")
    for day in range(3):
        host.performer.perform(job, TICK + timedelta(days=day), clear)
    assert [run.scheduled_for for run in runs(database, limit=2)] == [
        TICK + timedelta(days=2),
        TICK + timedelta(days=1),
    ]
    assert states(database) == {"done": [TICK + timedelta(days=day) for day in range(3)]}
