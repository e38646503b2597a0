"""The jobs as cron starts them: real processes, a real catalog, one run ledger."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import time_machine

from compliance import clock
from compliance.cli.main import main
from compliance.ledger.store import ledger_in
from compliance.ledger.waivers import grant
from compliance.policy import load_policy
from compliance.verdicts.waivers import Waiver
from jobs.clockwork.alerting import mark_sent, unsent
from jobs.clockwork.database import Database
from jobs.clockwork.rows import attempts, runs
from jobs.clockwork.tables import WATCHES
from jobs.registry import shipped_jobs
from tests.catalogs import write_catalog
from tests.clockworks import alerts, at

CONFIGURATION = """
catalog = "catalog"
out = "out"
[jobs]
metrics = "prom"
[jobs.terms.nightly-audit]
attempts = 2
first_wait_minutes = 0.001
"""
TICK = "2026-11-22T02:30"
SUNDAY = "2026-11-22T06:30"
MONDAY = "2026-11-23"
GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a catalog and a configuration."""
    write_catalog(tmp_path / "catalog")
    (tmp_path / "gate.toml").write_text(CONFIGURATION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    return tmp_path


def gate(*arguments: str) -> int:
    return main([*arguments, "--lang", "en"])


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert gate("runs", "--json", *arguments) == 0
    return list(json.loads(capsys.readouterr().out))


def database(place: Path) -> Database:
    return Database(f"sqlite:///{place / 'out' / 'ledger' / 'jobs.sqlite'}")


def test_who_only_looks_makes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate("runs") == 0
    assert "nothing has been run yet" in capsys.readouterr().out
    assert sorted(path.name for path in place.iterdir()) == ["catalog", "gate.toml"]


def test_every_job_runs_and_is_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for job in (
        "nightly-audit",
        "weekly-audit",
        "prepublication-scan",
        "waiver-notices",
        "reports",
        "retention",
        "label-reading",
    ):
        assert gate("run", job, "--scheduled-for", f"{MONDAY}T12:00") == 0, job
    assert gate("run", "register-freshness", "--scheduled-for", "2026-11-23T08:00") == 3  # two systems have no rows
    rows = listed(capsys)
    assert {row["job"] for row in rows} == {job.name for job in shipped_jobs()}
    assert {row["state"] for row in rows} == {"done"}
    assert sum("no rows" in text for text in alerts(database(place))) == 2
    assert "gate_job_last_success_timestamp_seconds" in (place / "prom" / "microdrama_gate.prom").read_text()


def test_the_audit_judges_as_of_its_scheduled_day_and_only_once(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 0
    (row,) = listed(capsys)
    assert (row["state"], row["attempts"], len(row["tried"])) == ("done", 1, 1)
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["as_of"] == "2026-11-22"
    assert row["outcome"]["run_id"] == summary["run_id"]


def test_a_slot_that_is_caught_up_late_puts_no_earlier_day_in_force(place: Path) -> None:
    assert gate("run", "nightly-audit", "--scheduled-for", f"{MONDAY}T02:30") == 0
    assert gate("run", "weekly-audit", "--scheduled-for", SUNDAY) == 0
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["as_of"] == MONDAY
    assert "incremental_differences" in summary["counts"]


def test_a_run_of_a_day_to_come_binds_no_night(place: Path) -> None:
    """It was made while the clock was ahead; the nights until that day are judged as of their own."""
    ahead = clock.today() + timedelta(days=30)
    assert gate("audit", "--as-of", ahead.isoformat(), "--exit-zero") == 0
    assert gate("run", "nightly-audit", "--scheduled-for", f"{MONDAY}T02:30") == 0
    assert json.loads((place / "out" / "summary.json").read_text())["as_of"] == MONDAY


def test_the_week_of_incremental_audits_is_proven_and_a_difference_told(place: Path) -> None:
    """Nobody may change what a run has left; who does is found out on Sunday."""
    for day in ("20", "21"):
        assert gate("run", "nightly-audit", "--scheduled-for", f"2026-11-{day}T02:30") == 0
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["notes"][-1].startswith("an incremental audit")
    verdicts = place / "out" / "current" / "verdicts.parquet"
    duckdb.execute(f"CREATE OR REPLACE TABLE r AS SELECT * REPLACE ('elsewhere' AS regime) FROM '{verdicts}'")
    duckdb.execute(f"COPY r TO '{verdicts}'")
    assert gate("run", "weekly-audit", "--scheduled-for", SUNDAY) == 0
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["counts"]["incremental_differences"] > 0, summary["notes"]
    assert "verdicts" in summary["notes"][-1]
    assert any("incremental audits of the past days were wrong" in text for text in alerts(database(place)))
    assert 'what="incremental_differences"' in (place / "prom" / "microdrama_gate.prom").read_text()
    assert gate("run", "weekly-audit", "--scheduled-for", SUNDAY, "--again") == 0
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert "says the same" in summary["notes"][-1]


def test_just_the_titles_that_a_night_has_put_on_the_list_are_told_as_new(place: Path) -> None:
    jobs, told = database(place), []
    for night, titles in (("20", ["t1"]), ("21", ["t1"]), ("22", ["t1", "t2", "t3"])):
        write_catalog(place / "catalog", titles=[{"title_id": title, "permit_number": None} for title in titles])
        assert gate("run", "nightly-audit", "--scheduled-for", f"2026-11-{night}T02:30") == 1
        told.append([text for text in alerts(jobs) if "newly listed" in text])
        mark_sent(jobs, [alert.number for alert in unsent(jobs)], clock.now())
    assert told == [
        ["nightly-audit: 1 title(s) newly listed as block"],
        [],
        ["nightly-audit: 2 title(s) newly listed as block"],
    ]


def test_reports_are_written_again_into_the_current_run(place: Path) -> None:
    assert gate("run", "reports", "--scheduled-for", "2026-11-22T07:00") == 3  # there is none yet
    assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 0
    (place / "out" / "current" / "report.html").unlink()
    assert gate("run", "reports", "--scheduled-for", "2026-11-23T07:00") == 0
    assert "<html" in (place / "out" / "report.html").read_text()
    assert (place / "out" / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_backfill_leaves_what_is_current(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 0
    current = (place / "out" / "summary.json").read_text()
    assert gate("run", "nightly-audit", "--scheduled-for", "2026-11-20T02:30") == 3  # a newer one is out
    assert gate("backfill", "nightly-audit", "--from", "2026-11-20", "--to", "2026-11-20T02:30") == 0
    folders = sorted((place / "out" / "backfills" / "nightly-audit").iterdir())
    days = [json.loads((folder / "summary.json").read_text())["as_of"] for folder in folders]
    assert days == ["2026-11-20"]
    assert (place / "out" / "summary.json").read_text() == current
    capsys.readouterr()
    assert gate("backfill", "nightly-audit", "--from", "2026-11-18", "--to", "2026-11-19", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert [one["scheduled_for"] for one in done] == ["2026-11-18 02:30:00", "2026-11-19 02:30:00"]
    assert gate("backfill", "prepublication-scan", "--from", "2026-11-19", "--to", "2026-11-20") == 2


def test_a_backfill_is_judged_by_the_waivers_that_stand_and_keeps_no_ledger_of_its_own(place: Path) -> None:
    write_catalog(place / "catalog", labels=())
    assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 1
    with time_machine.travel(at("2026-11-23 12:00")):
        granted = ("--until", "2026-12-20", "--reason", "r", "--ticket", "t", "--by", "Li", "--approved-by", "Wang")
        assert gate("waive", "add", "--platform", "fanqie", "--rule", "label-missing", *granted) == 0
    before = (place / "out" / "ledger" / "head.json").read_text()
    assert gate("backfill", "nightly-audit", "--from", "2026-11-20", "--to", "2026-11-20") == 0
    (folder,) = (place / "out" / "backfills" / "nightly-audit").iterdir()
    waived = duckdb.execute(f"SELECT waiver_id, rule FROM '{folder}/waived.parquet'").fetchall()
    assert waived == [("W1", "label-missing")]
    assert not (folder / "ledger").exists()
    assert (place / "out" / "ledger" / "head.json").read_text() == before
    assert gate("report", str(folder)) == 0
    assert [gate(*asked, "--out", str(folder)) for asked in (["verify"], ["blocklist", "verify"])] == [2, 0]


def test_each_waiver_is_told_of_once_as_it_comes_to_its_end_and_on_its_last_day(place: Path) -> None:
    """Also one that holds for fewer days than the notice, and where the first morning of the notice was missed."""
    jobs, ledger, told = database(place), ledger_in(place / "out"), {}
    for first_on, last_on in ((date(2026, 11, 5), date(2026, 11, 20)), (date(2026, 11, 12), date(2026, 11, 17))):
        waiver = Waiver(
            waiver_id="", scope="platform", subject="fanqie", rule="label-missing", last_on=last_on, reason="r",
            ticket="t", requested_by="Li", approved_by="Wang", granted_on=first_on,
        )  # fmt: skip
        grant(ledger, waiver, load_policy().waivers, ["label-missing"])
    for day in (12, 15, 16, 17, 20, 21):
        assert gate("run", "waiver-notices", "--scheduled-for", f"2026-11-{day}T09:00") == 0
        told[day] = [" ".join(re.findall("W[0-9]|last day", alert.says)) for alert in unsent(jobs)]
        mark_sent(jobs, [alert.number for alert in unsent(jobs)], clock.now())
    assert told == {12: ["W2"], 15: ["W1"], 16: [], 17: ["last day W2"], 20: ["last day W1"], 21: []}


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no-such-job"],
        ["runs", "--job", "nightly"],
        ["run", "nightly-audit", "--scheduled-for", "tomorrow"],
        ["run", "nightly-audit", "--scheduled-for", "0001-01-01"],
        ["run", "nightly-audit", "--scheduled-for", "9999-12-31T23:59-12:00"],
        ["run", "nightly-audit", "--scheduled-for", (date(2026, 1, 1) + timedelta(days=36_500)).isoformat()],
        ["backfill", "nightly-audit", "--from", "2026-11-20", "--to", "2026-11-19"],
    ],
)
def test_wrong_usage_is_told(place: Path, arguments: list[str]) -> None:
    assert gate(*arguments) == 2


def test_a_job_that_is_off_is_told_from_one_that_there_is_not(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (place / "gate.toml").open("a") as config:
        config.write("[jobs.terms.retention]\noff = true\n")
    assert gate("run", "retention") == 2
    assert "the job retention is turned off" in capsys.readouterr().err


def test_a_job_that_was_not_run_yet_is_none_that_there_is_not(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for job in ("nightly-audit", "nightly-audit.backfill"):
        assert listed(capsys, "--job", job) == []


def test_a_run_that_fails_says_why_and_how_often(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "catalog" / "titles.parquet").unlink()
    assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 3
    (row,) = listed(capsys)
    assert (row["state"], row["attempts"], row["exit_code"]) == ("failed", 2, 3)
    assert "titles" in row["says"]


@pytest.mark.parametrize(
    ("terms", "code", "states"),
    [
        ('catch_up = "latest"', 0, ["missed", "missed", "done"]),
        ('catch_up = "all"\nwindow_hours = 100', 0, ["done", "done", "done"]),
        ('catch_up = "all"\nwindow_hours = 30', 0, ["missed", "done", "done"]),
        ("window_hours = 0.001", 3, ["missed", "missed", "missed"]),
    ],
)
def test_times_that_timers_slept_through_are_told(
    place: Path, terms: str, code: int, states: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Timers start `gate run JOB` for the newest time alone: nobody else would say what became of those before."""
    then = clock.now().astimezone(clock.SHANGHAI) - timedelta(hours=3)
    with (place / "gate.toml").open("a") as config:
        config.write(f'[jobs.terms.waiver-notices]\nschedule = "{then.minute} {then.hour} * * *"\n{terms}\n')
    jobs = database(place)
    with jobs.transaction() as connection:
        settled = clock.now() - timedelta(hours=2 * 24 + 12)
        connection.execute(WATCHES.insert().values(job="waiver-notices", settled_until=settled))
    for _ in range(2):
        assert gate("run", "waiver-notices") == code
    assert [run.state for run in reversed(runs(jobs))] == states
    assert sum("scheduled time(s) missed" in text for text in alerts(jobs)) == (1 if "missed" in states else 0)


def test_a_run_that_is_asked_to_stop_is_taken_up_again(place: Path) -> None:
    process = subprocess.Popen(
        [*GATE, "run", "nightly-audit", "--scheduled-for", TICK], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while '"stage": "reading the catalog"' not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 130
    process.stderr.close()
    assert not (place / "out" / "current").exists()
    assert gate("run", "nightly-audit", "--scheduled-for", TICK) == 0
    assert [attempt.ended for attempt in attempts(database(place))] == ["stopped", "done"]


def test_the_clock_starts_what_is_due_and_stops_when_asked(place: Path) -> None:
    """A minute of real time cannot be had here: the run is put down as due, as a clock on another host would have."""
    with (place / "gate.toml").open("a") as config:
        config.write('[jobs.terms.waiver-notices]\nschedule = "* * * * *"\n')
    environment = {**os.environ, "GATE_CONFIG": str(place / "gate.toml")}
    ticking = subprocess.Popen([*GATE, "schedule"], env=environment, stderr=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + 30
        while not (place / "prom" / "microdrama_gate.prom").exists():
            assert ticking.poll() is None
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
    finally:
        ticking.send_signal(signal.SIGTERM)
    assert ticking.wait(60) == 0
    assert all(run.state != "running" for run in runs(database(place)))
