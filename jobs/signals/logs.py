"""The log of the jobs: a JSON object a line, with the run's id; numbers and names of our own, nothing of a catalog.

What an exception says may quote a catalog's text or a database's URL. So no text is logged but what this program chose:
an event's value is a number, a flag or a short plain name; anything else is withheld, whoever logs it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from compliance import clock

_PLAIN = re.compile(r"[A-Za-z0-9_.:/+-]{1,80}")
_WORDS = re.compile(r"[a-z][a-z0-9 ,:-]{0,79}")
WITHHELD = "(withheld)"


def configure_log(stream: TextIO | None = None) -> None:
    """Send the log to a stream, by default standard error."""
    # What APScheduler says of its own are lines of text, and tracebacks; what matters of it the clock logs itself.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            withhold,
            _stamp,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def withhold(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Let through what this program can have made itself, and nothing else."""
    return {key: _safe(key, value) for key, value in event.items()}


def _safe(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): _safe(str(name), inner) for name, inner in value.items() if _PLAIN.fullmatch(str(name))}
    text = str(value)
    # Credentials in a URL are plain characters, too: no name of ours has a colon and two strokes.
    allowed = (_WORDS if key in ("event", "stage") else _PLAIN).fullmatch(text) and "://" not in text
    return text if allowed else WITHHELD


def _stamp(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {"at": f"{clock.now():%Y-%m-%dT%H:%M:%S.%fZ}", **event}
