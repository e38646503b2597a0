"""The service keeps to its own OpenAPI document, whatever is sent to it."""

from __future__ import annotations

# ruff: noqa: E402 - what may be missing is asked for first
from collections.abc import Iterator
from typing import Any

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
pytest.importorskip("litestar", reason="the service's libraries are not installed")

from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from tests.services import Place, make_place, running

OPERATIONS = [
    ("/v1/decisions/{title_id}", "GET"),
    ("/v1/decisions", "POST"),
    ("/v1/rules", "GET"),
    ("/v1/blocklist/current", "GET"),
    ("/health", "GET"),
    ("/ready", "GET"),
    ("/metrics", "GET"),
]
WITH_PARAMETERS = 4
"""So many of them take parameters or a body."""


def has_broken_headers(case: Any) -> bool:
    """Whether the case is unsound in its headers: the token that the call adds mends them."""
    return any(where.name == "HEADER" and one.mode.is_negative for where, one in case.meta.components.items())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make_place(tmp_path_factory.mktemp("schema"))


@pytest.fixture(scope="module")
def described(place: Place) -> Iterator[Any]:
    with running(place) as (address, _):
        yield schemathesis.openapi.from_url(f"{address}/openapi/openapi.json")


def test_every_operation_is_tried(described: Any) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert sorted(OPERATIONS) == sorted((operation.path, operation.method.upper()) for operation in operations)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [
        *((*operation, GenerationMode.POSITIVE) for operation in OPERATIONS),
        *((*operation, GenerationMode.NEGATIVE) for operation in OPERATIONS[:WITH_PARAMETERS]),
    ],
    ids=str,
)
def test_answers_are_as_documented(path: str, method: str, mode: GenerationMode, described: Any, place: Place) -> None:
    """No 5xx, and every status, header and body as the document says."""
    operation = described[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def answered(case: Any) -> None:
        assume(not has_broken_headers(case))
        case.call_and_validate(headers=place.headers())

    answered()
