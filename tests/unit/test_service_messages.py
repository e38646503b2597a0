"""Messages that cannot be written are lost, and nothing else with them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog

from compliance.service.messages import log_without_fail


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_message_that_can_be_written_is() -> None:
    file = io.StringIO()
    log_without_fail(file)
    structlog.get_logger().error("cannot see what is new", problem="x")
    assert "cannot see what is new" in file.getvalue()


def test_a_message_that_cannot_be_written_raises_nothing() -> None:
    log_without_fail(Full())
    structlog.get_logger().error("cannot see what is new", exc_info=ValueError("x"))
    closed = io.StringIO()
    closed.close()
    log_without_fail(closed)
    structlog.get_logger().info("decides by")
