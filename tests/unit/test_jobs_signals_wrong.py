"""Signals that go wrong: whatever a health check or a channel does, the run neither fails nor waits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.clockwork.database import Database
from jobs.clockwork.model import Outcome
from jobs.clockwork.rows import Run
from jobs.settings import settings_of
from jobs.signals.metrics import JobsCollector
from jobs.signals.pings import PATIENCE_S, ping
from jobs.signals.station import Station
from tests.clockworks import Host, a_job, at, sqlite

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
    "url", ["https://hc.example/检查", "http://[hc.example/x", "https://hc.example:port/x", "gopher://x", "\x00", "没有"]
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
