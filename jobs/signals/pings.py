"""Health-check pings: a service outside hears of start, success and failure, and tells when it hears nothing.

As healthchecks.io and its likes want it: URL/start, URL, URL/fail. A ping that is not taken fails no run.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from compliance.errors import ConfigurationError

Event = Literal["start", "success", "fail"]

_PATIENCE_S = 5.0


def ping(url: str, event: Event) -> bool:
    """Whether the ping was taken. Raises ConfigurationError for what is no URL of the web."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError("the ping of a job is no http or https URL")
    request = Request(url.rstrip("/") + {"start": "/start", "success": "", "fail": "/fail"}[event], method="POST")  # noqa: S310
    try:
        with urlopen(request, data=b"", timeout=_PATIENCE_S) as answer:  # noqa: S310 - the scheme was looked at
            return bool(answer.status < 300)
    except (OSError, HTTPException):
        return False
