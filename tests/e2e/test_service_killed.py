"""A real service, killed under load, slowed down and left alone by its clients: no decision that was given is lost."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")
pytest.importorskip("granian", reason="the service's libraries are not installed")

from tests.services import Place, make_place, running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("killed"))


def logged(log: Path) -> list[str]:
    with sqlite3.connect(log) as database:
        return [title_id for (title_id,) in database.execute("SELECT title_id FROM decisions")]


class Asker(threading.Thread):
    """Asks one title after another, each under a name of its own, and keeps those that were answered in full."""

    def __init__(self, address: str, headers: dict[str, str], name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
        self._headers = headers
        self.answered: list[str] = []

    def run(self) -> None:
        number = 0
        while True:
            title_id = f"{self.name}-{number}"
            try:
                self._connection.request("GET", f"/v1/decisions/{title_id}", headers=self._headers)
                answer = self._connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200 and body.endswith(b"}"):
                self.answered.append(title_id)
            number += 1


def test_no_decision_is_lost_when_the_server_is_killed_under_load(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "decisions.sqlite"
    with running(place, log=log) as (address, process):
        askers = [Asker(address, place.headers(), f"asker{number}") for number in range(8)]
        for asker in askers:
            asker.start()
        while sum(len(asker.answered) for asker in askers) < 400:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        for asker in askers:
            asker.join(timeout=30)
    answered = [title_id for asker in askers for title_id in asker.answered]
    assert len(answered) >= 400
    assert set(answered) <= set(logged(log))


def test_clients_that_go_away_in_mid_request_harm_nobody(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "decisions.sqlite"
    token = place.headers()["Authorization"]
    with running(place, log=log) as (address, _):
        host, port = urlsplit(address).hostname or "", urlsplit(address).port or 0
        request = f"GET /v1/decisions/gone HTTP/1.1\r\nHost: gate\r\nAuthorization: {token}\r\n\r\n".encode()
        for cut in (10, len(request) - 1, len(request)):
            for _ in range(20):
                with socket.create_connection((host, port)) as client:
                    client.sendall(request[:cut])
        asker = Asker(address, place.headers(), "patient")
        asker.start()
        deadline = time.monotonic() + 30
        while len(asker.answered) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(asker.answered) >= 50
        kept = list(asker.answered)
    assert set(kept) <= set(logged(log))


def test_a_client_that_sends_its_body_slowly_is_cut_off(place: Place) -> None:
    with running(place) as (address, _):
        host, port = urlsplit(address).hostname or "", urlsplit(address).port or 0
        head = (
            "POST /v1/decisions HTTP/1.1\r\nHost: gate\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
            f"Authorization: {place.headers()['Authorization']}\r\n\r\n"
        )
        with socket.create_connection((host, port), timeout=30) as client:
            client.sendall(head.encode() + b'{"title_ids":')
            begun = time.monotonic()
            answer = client.recv(1000)
        assert b" 408 " in answer.split(b"\r\n")[0]
        assert time.monotonic() - begun < 20


def test_a_polite_end_writes_everything_down(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "decisions.sqlite"
    with running(place, log=log) as (address, process):
        asker = Asker(address, place.headers(), "asker")
        asker.start()
        while len(asker.answered) < 50:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(timeout=30)
        asker.join(timeout=30)
    assert set(asker.answered) <= set(logged(log))
