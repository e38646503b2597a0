"""Health-check pings: a service outside hears of start, success and failure, and tells when it hears nothing.

As healthchecks.io and its likes want it: URL/start, URL, URL/fail. A ping that is not taken fails no run.
"""

from __future__ import annotations

import threading
from http.client import HTTPException
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from compliance.errors import ConfigurationError
from compliance.language import worded

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
    answers: list[bool] = []
    place = url.rstrip("/") + {"start": "/start", "success": "", "fail": "/fail"}[event]
    # The timeout of a request bounds each step of it, not the whole: only somebody else can walk away in time.
    asking = threading.Thread(target=lambda: answers.append(_taken(place)), name="ping", daemon=True)
    asking.start()
    asking.join(PATIENCE_S)
    return answers == [True]


def _taken(place: str) -> bool:
    try:
        request = Request(place, method="POST")  # noqa: S310 - the scheme was looked at
        with urlopen(request, data=b"", timeout=PATIENCE_S) as answer:  # noqa: S310 - the scheme was looked at
            return bool(answer.status < 300)
    except (OSError, HTTPException, ValueError):
        return False
