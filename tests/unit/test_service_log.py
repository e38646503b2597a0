"""The service's log of decisions: every answer is in it before it arrives, and none arrives that is not."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

from litestar.testing import TestClient

from compliance.service.app import create_app
from tests.services import Place, make_place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("service"))


def logged(path: Path) -> list[tuple[str, str, str, str]]:
    with sqlite3.connect(path) as database:
        return database.execute(
            "SELECT asked_by, request, title_id, decision FROM decisions ORDER BY answer_id, place"
        ).fetchall()


def test_every_answer_is_in_the_log_before_it_arrives(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "log" / "decisions.sqlite"
    with TestClient(create_app(place.settings(log=log))) as client:
        client.get("/v1/decisions/t1", headers=place.headers())
        assert [("publisher", "GET /v1/decisions/t1", "t1", "allow")] == logged(log)
        client.post("/v1/decisions", json={"title_ids": ["foreign", "t1"]}, headers=place.headers())
        assert [
            ("publisher", "POST /v1/decisions", "foreign", "block"),
            ("publisher", "POST /v1/decisions", "t1", "allow"),
        ] == logged(log)[1:]


def test_an_answer_that_cannot_be_logged_is_not_given(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "decisions.sqlite"
    with TestClient(create_app(place.settings(log=log))) as client:
        with sqlite3.connect(log) as database:
            database.execute("CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        answer = client.get("/v1/decisions/t1", headers=place.headers())
        assert (503, "unavailable") == (answer.status_code, answer.json()["reason"])
        assert "disk full" in answer.json()["detail"]
        assert "allow" not in answer.text


def test_a_log_that_cannot_be_written_is_not_ready_until_it_can_be(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "decisions.sqlite"
    with TestClient(create_app(place.settings(log=log, look_seconds=0.02))) as client, sqlite3.connect(log) as database:
        assert 200 == client.get("/ready").status_code
        database.execute("CREATE TRIGGER full BEFORE INSERT ON answers BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END")
        database.commit()
        client.get("/v1/decisions/t1", headers=place.headers())
        for _ in range(5):
            assert 503 == client.get("/ready").status_code
            time.sleep(0.05)
        database.execute("DROP TRIGGER full")
        database.commit()
        deadline = time.monotonic() + 20
        while client.get("/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert [] == logged(log)
        assert 200 == client.get("/v1/decisions/t1", headers=place.headers()).status_code


def test_answers_that_pile_up_before_the_log_are_not_ready(place: Place, tmp_path: Path) -> None:
    settings = place.settings(log=tmp_path / "decisions.sqlite", waiting_answers=1)
    app = create_app(settings)
    with TestClient(app) as client:
        app.state.service._waiting = 1
        assert 503 == client.get("/ready").status_code
        assert 503 == client.get("/v1/decisions/t1", headers=place.headers()).status_code
        app.state.service._waiting = 0
        assert 200 == client.get("/ready").status_code
