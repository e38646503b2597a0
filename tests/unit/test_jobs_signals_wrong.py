"""Signals that go wrong: whatever a health check or a channel does, the run neither fails nor waits."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest

from compliance.cli.main import main
from compliance.errors import EXIT_USAGE
from jobs.clockwork import database as jobs_database
from jobs.clockwork.alerting import raise_alert, unsent
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.model import Outcome
from jobs.clockwork.rows import Run
from jobs.clockwork.timing import Timing
from jobs.settings import settings_of
from jobs.signals import alerts
from jobs.signals.alerts import by_apprise, deliver
from jobs.signals.logs import configure_log
from jobs.signals.metrics import FILE, JobsCollector, Scraped, write_metrics
from jobs.signals.pings import PATIENCE_S, ping
from jobs.signals.station import Station
from tests.clockworks import START, Host, a_job, at, sqlite

TICK = at("2026-11-23 02:30")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


@pytest.fixture
def tarpit() -> Iterator[str]:
    """A server that answers one letter a second, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        while not over.wait(1):
            try:
                connection.send(b"H")
            except OSError:
                return

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/abc"
    over.set()
    server.close()


def run_with(database: Database, folder: Path, ping_url: str) -> Run:
    """A run whose job is watched by a health check."""
    (folder / "ping").write_text(ping_url, encoding="utf-8")
    said = {"terms": {"nightly-audit": {"ping": f"file:{folder / 'ping'}"}}}
    job, host = a_job("nightly-audit"), Host(database)
    collector = JobsCollector(database, [job], folder)
    host.performer.signals = Station(database, settings_of(said, folder), collector, host.performer.timing)
    run = host.performer.perform(job, TICK, lambda _: Outcome(0, {}))
    assert isinstance(run, Run)
    return run


@pytest.mark.parametrize(
    "url",
    ["https://hc.example/检查", "http://[hc.example/x", "https://hc.example:port/x", "gopher://x", "\x00", "没有"],
)
def test_a_ping_that_is_no_url_fails_no_run(database: Database, tmp_path: Path, url: str) -> None:
    run = run_with(database, tmp_path, url)
    assert (run.state, run.attempts) == ("done", 1)


def test_a_health_check_that_drips_holds_up_no_run(database: Database, tmp_path: Path, tarpit: str) -> None:
    """A run has no sign of life while it waits for its first ping: others would take it for dead."""
    began = time.monotonic()
    run = run_with(database, tmp_path, tarpit)
    assert run.state == "done"
    assert time.monotonic() - began < 2 * PATIENCE_S + 2
    assert not ping(tarpit, "start")


def test_a_channel_that_drips_holds_up_no_process(tarpit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "PATIENCE_S", 1.0)
    began = time.monotonic()
    assert not by_apprise([tarpit.replace("http://", "json://")], "title", "text")
    assert time.monotonic() - began < 5


def test_the_file_of_metrics_can_be_read_by_its_collector(database: Database, tmp_path: Path) -> None:
    """The units set a umask that leaves nothing to others."""
    before = os.umask(0o027)
    try:
        write_metrics(JobsCollector(database, [a_job()], tmp_path), tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644


def test_an_endpoint_has_no_metrics_while_the_database_is_away(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    away: list[JobsDatabaseError] = []
    collector = JobsCollector(Database(f"sqlite:///{tmp_path / 'a file' / 'jobs.sqlite'}"), [a_job()], tmp_path)
    registry = CollectorRegistry()
    registry.register(Scraped(collector, away.append))
    assert generate_latest(registry) == b""
    assert len(away) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "nobody.invalid", "192.0.2.1"])
def test_a_clock_that_cannot_give_metrics_says_so(
    tmp_path: Path, host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gate.toml").write_text('out = "out"', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["schedule", "--metrics-host", host, "--metrics-port", port, "--lang", "en"]) == EXIT_USAGE
    assert f"metrics cannot be given at {host}:{port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("place", "cause"),
    [("a file/jobs.sqlite", "ENOTDIR|EEXIST"), ("a file", "SQLITE_NOTADB"), ("x", "SQLITE_CANTOPEN")],
)
def test_the_log_says_what_ails_the_database(tmp_path: Path, place: str, cause: str) -> None:
    (tmp_path / "a file").write_text("no database" * 1000)
    (tmp_path / "x").mkdir()
    stream = io.StringIO()
    configure_log(stream)
    try:
        database = Database(f"sqlite:///{tmp_path / place}")
        collector = JobsCollector(database, [a_job()], tmp_path)
        Station(database, settings_of({}, tmp_path), collector, Host(database).performer.timing).tell()
    finally:
        structlog.reset_defaults()
    assert re.fullmatch(cause, json.loads(stream.getvalue().splitlines()[0])["cause"])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_that_tell_at_once_tell_nothing_twice(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """As the clock looks round while a run of its ends."""
    url = request.getfixturevalue("postgresql")() if kind == "postgresql" else f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    databases = [Database(url), Database(url)]
    with databases[0].transaction() as connection:
        raise_alert(connection, lambda _job, _platform: ("operations",), "audit", "once", START)
    sent: list[str] = []

    def send(_channels: object, _title: str, text: str) -> bool:
        time.sleep(0.5)
        sent.append(text)
        return True

    tellers = [
        threading.Thread(target=deliver, args=[database, lambda _owner: ["x"], Timing(lambda: START), send])
        for database in databases
    ]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    assert sent == ["[audit] once"]
    assert unsent(databases[0]) == []
    for database in databases:
        database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_who_waits_too_long_for_its_turn_leaves_the_telling_to_others(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_database, "TELLING_S", 0.1)
    monkeypatch.setattr(jobs_database, "_STATEMENT_S", 1)
    url = request.getfixturevalue("postgresql")() if kind == "postgresql" else f"sqlite:///{tmp_path / 'jobs.sqlite'}"
    database = Database(url)
    with database.transaction() as connection:
        raise_alert(connection, lambda _job, _platform: ("operations",), "audit", "later", START)
    with Database(database.url).telling() as mine:
        assert mine
        assert deliver(database, lambda _owner: ["x"], Timing(lambda: START), lambda *_: True) == []
        assert len(unsent(database)) == 1
    deliver(database, lambda _owner: ["x"], Timing(lambda: START), lambda *_: True)
    assert unsent(database) == []
