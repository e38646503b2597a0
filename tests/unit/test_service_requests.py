"""Who may ask the service, how often, and in which words."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("litestar", reason="the service's libraries are not installed")

from litestar.testing import TestClient

from compliance.service.app import create_app
from tests.catalogs import ROW
from tests.services import Place, make_place

Client = TestClient[Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("service"))


@pytest.fixture
def client(place: Place) -> Iterator[Client]:
    with TestClient(create_app(place.settings())) as opened:
        opened.headers.update(place.headers())
        yield opened


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer gate_wrong"}, 401),
        ({"Authorization": "Basic dTpw"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ("former", 401),
        ("reader", 403),
        ("publisher", 200),
    ],
)
def test_who_may_decide(client: Client, place: Place, headers: dict[str, str] | str, status: int) -> None:
    del client.headers["Authorization"]
    sent = place.headers(headers) if isinstance(headers, str) else headers
    for answer in (
        client.get("/v1/decisions/t1", headers=sent),
        client.post("/v1/decisions", json={"title_ids": ["t1"]}, headers=sent),
    ):
        assert status == answer.status_code
        assert ("Bearer" if status == 401 else None) == answer.headers.get("www-authenticate")


def test_who_may_read(client: Client, place: Place) -> None:
    for path in ("/v1/rules", "/v1/blocklist/current", "/metrics"):
        assert 200 == client.get(path, headers=place.headers("reader")).status_code
        assert 401 == client.get(path, headers={"Authorization": ""}).status_code


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", 400, ""),
        (b"{", 400, ""),
        (b"[]", 400, ""),
        (json.dumps({"title_ids": ["t1"] * 1001}).encode(), 400, "title_ids"),
        (json.dumps({"titles": [ROW] * 1001}).encode(), 400, "titles"),
        (b'{"title_ids": [1]}', 400, ""),
        (b'{"title_ids": ["t1"], "allow": true}', 400, ""),
        (b'{"title_ids": ["\\ud800"]}', 400, ""),
        (b'{"title_ids": ["\xff"]}', 400, "not UTF-8"),
        (b'{"titles": [{"\xff": "x"}]}', 400, "not UTF-8"),
        (b"[" * 200_000, 400, "nested too deeply"),
        (b'{"titles": [' + b'{"a":' * 200_000, 400, "nested too deeply"),
        (b'{"title_ids": ["' + b"x" * 5_000_000 + b'"]}', 413, ""),
        (b"\xff\xfe", 400, ""),
    ],
)
def test_bodies_that_are_not_understood(client: Client, content: bytes, status: int, told: str) -> None:
    answer = client.post("/v1/decisions", content=content)
    assert status == answer.status_code
    assert ["status", "reason", "detail"] == list(answer.json())
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/decisions/t1?lang=fr", 400),
        ("GET", "/v1/decisions/t1?language=zh", 400),
        ("GET", f"/v1/decisions/{'x' * 501}", 400),
        ("GET", "/v1/blocklist/current?limit=0", 400),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/decisions/t1%2F", 404),
        ("GET", "/v1/decisions/%2Ft1", 404),
        ("GET", "/v1/decisions/t1/", 404),
        ("GET", "/v1/decisions//t1", 404),
        ("GET", "//v1/decisions/t1", 404),
        ("GET", "/v1/decisions/t1%FF", 404),
        ("PUT", "/v1/decisions", 405),
    ],
)
def test_requests_that_are_not_understood(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (status, status) == (answer.status_code, answer.json()["status"])


def test_too_many_requests(place: Place) -> None:
    with TestClient(create_app(place.settings(requests_a_second=2))) as client:
        answers = [client.get("/v1/decisions/t1", headers=place.headers()) for _ in range(4)]
        assert [200, 200, 429] == [answer.status_code for answer in answers[:3]]
        assert "1" == answers[2].headers["retry-after"]
        assert 200 == client.get("/v1/rules", headers=place.headers("reader")).status_code
        time.sleep(0.6)
        assert 200 == client.get("/v1/decisions/t1", headers=place.headers()).status_code
