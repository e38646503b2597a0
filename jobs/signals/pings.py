"""Health-check pings: a service outside hears of start, success and failure, and tells when it hears nothing.

As healthchecks.io and its likes want it: URL/start, URL, URL/fail. A ping that is not taken fails no run.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from compliance.errors import ConfigurationError
from compliance.language import worded
from jobs.signals.bounded import in_time

Event = Literal["start", "success", "fail"]

PATIENCE_S = 5.0
"""So long a ping may take in all: an answer in drops, or a name that nobody resolves, must hold up no run."""


def ping(url: str, event: Event) -> bool:
    """Whether the ping was taken in time. Raises ConfigurationError for what is no URL of the web."""
    try:
        known = urlsplit(url).scheme in ("http", "https") and url.isascii()
    except ValueError:
        known = False
    if not known:
        raise ConfigurationError(
            worded("任务的 ping 不是 http 或 https 地址", "the ping of a job is no http or https URL")
        )
    place = url.rstrip("/") + {"start": "/start", "success": "", "fail": "/fail"}[event]
    return in_time(PATIENCE_S, lambda: _taken(place))


def _taken(place: str) -> bool:
    try:
        request = Request(place, method="POST")  # noqa: S310 - the scheme was looked at
        with urlopen(request, data=b"", timeout=PATIENCE_S) as answer:  # noqa: S310 - the scheme was looked at
            return bool(answer.status < 300)
    except (OSError, HTTPException, ValueError):
        return False
