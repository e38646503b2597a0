"""Signals: what is logged, measured, pinged and sent; and what never is."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from compliance.errors import CatalogError, ConfigurationError
from jobs.clockwork.alerting import mark_sent, raise_alert, unsent
from jobs.clockwork.database import Database
from jobs.clockwork.model import Concern, Outcome
from jobs.clockwork.timing import Timing
from jobs.registry import job_names, shipped_jobs
from jobs.settings import settings_of
from jobs.signals.alerts import MOST_LINES, by_apprise, deliver
from jobs.signals.logs import WITHHELD, configure_log
from jobs.signals.metrics import FILE, JobsCollector, write_metrics
from jobs.signals.pings import ping
from jobs.signals.station import Station
from tests.clockworks import START, Host, a_job, at, sqlite

TICK = at("2026-11-23 02:30")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_log(stream)
    yield stream
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


class _Listener(HTTPServer):
    """A server that keeps what was posted to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.paths: list[str] = []
        self.bodies: list[str] = []
        self.status = 200


class _Handler(BaseHTTPRequestHandler):
    server: _Listener

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[_Listener]:
    server = _Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_log_has_a_runs_id_and_nothing_of_a_catalog(
    database: Database, tmp_path: Path, logged: io.StringIO
) -> None:
    host = Host(database)
    settings = settings_of({}, tmp_path)
    collector = JobsCollector(database, [a_job()], tmp_path)
    host.performer.signals = Station(database, settings, collector, host.performer.timing)

    def work(tell: object) -> Outcome:
        raise CatalogError("归来之后 postgresql://gate:s3cret@db/catalog")

    host.performer.perform(a_job(attempts=1), TICK, work)
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["started", "failed"]
    assert {line["run"] for line in lines} == {"audit/20261122T183000Z"}
    assert (lines[1]["error"], lines[1]["exit_code"]) == ("CatalogError", 3)
    assert "s3cret" not in logged.getvalue()
    assert "归来" not in logged.getvalue()


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("nightly-audit", "nightly-audit"),
        (12, 12),
        (None, None),
        ("归来之后", WITHHELD),
        ("https://oapi.dingtalk.com/robot/send?access_token=abc", WITHHELD),
        ("https://u:p@h/", WITHHELD),
        (ValueError("a secret"), WITHHELD),
        ({"block": 3, "名": "x"}, {"block": 3}),
    ],
)
def test_only_plain_names_and_numbers_are_logged(logged: io.StringIO, value: object, seen: object) -> None:
    structlog.get_logger().info("done", value=value)
    assert json.loads(logged.getvalue())["value"] == seen


def test_metrics_tell_last_success_duration_counts_list_age_and_leases(database: Database, tmp_path: Path) -> None:
    host = Host(database)
    block_list = tmp_path / "blocklist"
    (block_list / "versions" / "000007").mkdir(parents=True)
    (block_list / "versions" / "000007" / "version.json").write_text('{"run_id": "20261122T183000Z-0a1b2c3d"}')
    (block_list / "latest.json").write_text('{"version": 7}')

    def work(_tell: object) -> Outcome:
        host.sleep(90)
        return Outcome(
            1, {"block": 7, "hold": 2}, by_rule={"permit-missing": 7}, ages={"key": 3}, concerns=(Concern("x"),)
        )

    host.performer.perform(a_job(), TICK, work)
    write_metrics(JobsCollector(database, [a_job()], block_list, lambda: TICK + timedelta(hours=1)), tmp_path / "prom")
    text = (tmp_path / "prom" / FILE).read_text()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["gate_job_last_success_timestamp_seconds", "audit"] == TICK.timestamp()
    assert found["gate_job_duration_seconds", "audit"] == 90
    assert found["gate_job_last_exit_code", "audit"] == 1
    assert found["gate_job_counted", "audit", "block"] == 7
    assert found["gate_rule_failures", "permit-missing"] == 7
    assert found["gate_register_age_days", "key"] == 3
    assert found["gate_job_runs", "audit", "done"] == 1
    assert found["gate_alerts_unsent",] == 1
    assert found["gate_block_list_timestamp_seconds",] == datetime(2026, 11, 22, 18, 30, tzinfo=UTC).timestamp()
    assert not any(name[0] == "gate_lease_beat_timestamp_seconds" for name in found)


def test_pings_say_start_success_and_failure(listener: _Listener) -> None:
    url = f"http://127.0.0.1:{listener.server_port}/abc"
    assert [ping(url, "start"), ping(url, "success"), ping(url + "/", "fail")] == [True, True, True]
    assert listener.paths == ["/abc/start", "/abc", "/abc/fail"]
    listener.status = 500
    assert not ping(url, "start")


def test_a_ping_that_cannot_be_delivered_fails_nothing() -> None:
    assert not ping("http://127.0.0.1:1/abc", "success")
    with pytest.raises(ConfigurationError):
        ping("file:///etc/passwd", "success")


def test_an_owner_gets_everything_in_one_message(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS", "one\ntwo")
    monkeypatch.setenv("FANQIE", "three")
    owners = {"operations": {"channels": "env:OPS"}, "fanqie": {"channels": "env:FANQIE", "platforms": ["p1"]}}
    settings = settings_of({"owners": owners}, tmp_path)
    with database.transaction() as connection:
        for says, platform in (("a run died", None), ("3 blocked", "p1"), ("a run died", None), ("5 blocked", "p2")):
            raise_alert(connection, settings.owners, "audit", says, START, platform)
    sent: list[tuple[Sequence[str], str]] = []

    def send(channels: Sequence[str], _title: str, text: str) -> bool:
        sent.append((channels, text))
        return channels != ["three"]

    assert deliver(database, settings.channels, Timing(lambda: START), send) == ["fanqie"]
    assert sent == [(["three"], "[audit p1] 3 blocked"), (["one", "two"], "[audit] a run died\n[audit p2] 5 blocked")]
    assert [alert.owner for alert in unsent(database)] == ["fanqie"]


def test_a_flood_is_cut_but_counted(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS", "one")
    settings = settings_of({"owners": {"operations": {"channels": "env:OPS"}}}, tmp_path)
    with database.transaction() as connection:
        for number in range(MOST_LINES + 9):
            raise_alert(connection, settings.owners, "audit", f"alert {number}", START)
    texts: list[str] = []
    deliver(database, settings.channels, Timing(lambda: START), lambda _c, _t, text: not texts.append(text))
    assert len(texts[0].splitlines()) == MOST_LINES + 1
    assert "9" in texts[0].splitlines()[-1]


def test_without_channels_alerts_wait(database: Database, tmp_path: Path) -> None:
    settings = settings_of({}, tmp_path)
    with database.transaction() as connection:
        raise_alert(connection, settings.owners, "audit", "a run died", START)
    assert deliver(database, settings.channels, Timing(lambda: START), lambda *_: False) == []
    (alert,) = unsent(database)
    mark_sent(database, [alert.number], START)
    assert unsent(database) == []


def test_one_library_speaks_to_dingtalk_wecom_feishu_and_mail() -> None:
    import apprise

    for channel in (
        "dingtalk://abcdefgh12345678/",
        "wecombot://abcdefgh-1234-5678-abcd-abcdefghijkl/",
        "feishu://abcdefgh12345678/",
        "mailto://gate:secret@example.com?to=ops@example.com",
    ):
        assert apprise.Apprise().add(channel), channel


def test_apprise_posts_the_message_and_says_when_it_is_refused(listener: _Listener) -> None:
    channel = f"json://127.0.0.1:{listener.server_port}/hook"
    assert by_apprise([channel], "title", "[audit] a run died")
    assert "a run died" in listener.bodies[0]
    listener.status = 500
    assert not by_apprise([channel], "title", "text")
    assert not by_apprise(["nonsense"], "title", "text")


def test_jobs_have_the_names_of_their_modules() -> None:
    assert tuple(job.name for job in shipped_jobs()) == job_names()


def test_settings_change_the_terms_of_a_job(tmp_path: Path) -> None:
    terms = {
        "nightly-audit": {
            "schedule": "0 1 * * *",
            "catch_up": "all",
            "window_hours": 48,
            "attempts": 5,
            "budget_minutes": 90,
        },
        "retention": {"off": True},
    }
    jobs = {job.name: job.terms for job in settings_of({"terms": terms}, tmp_path).on_their_terms(shipped_jobs())}
    assert "retention" not in jobs
    audit = jobs["nightly-audit"]
    assert (audit.schedule, audit.catch_up, audit.attempts) == ("0 1 * * *", "all", 5)
    assert (audit.window, audit.budget) == (timedelta(hours=48), timedelta(minutes=90))


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"terms": {"nightly-audit": {"schedule": "often"}}}, "schedule"),
        ({"terms": {"audit": {}}}, "audit"),
        ({"terms": {"retention": {"catch_up": "some"}}}, "catch_up"),
        ({"owners": {"ops": {"channels": "dingtalk://token"}}}, "channels"),
        ({"metric": "x"}, "metric"),
    ],
)
def test_settings_that_are_wrong_are_told(tmp_path: Path, said: dict[str, object], about: str) -> None:
    """A secret in the configuration file is wrong, too."""
    with pytest.raises(ConfigurationError) as told:
        settings_of(said, tmp_path).on_their_terms(shipped_jobs())
    assert about in str(told.value)
    assert "token" not in str(told.value)


def test_a_secret_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = settings_of({"terms": {"retention": {"ping": "file:/nowhere/ping"}}}, tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        settings.ping("retention")
