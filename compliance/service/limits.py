"""How much one caller may ask, and how long a client may take to send what it asks."""

from __future__ import annotations

import asyncio
import time

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, ReceiveMessage, Scope, Send


class Allowances:
    """Requests a second of each caller: as many may come at once, then they come back with time."""

    def __init__(self, requests_a_second: float) -> None:
        self._rate = requests_a_second
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> bool:
        """Take one request of the caller's; False where none is left."""
        now = time.monotonic()
        left, since = self._left.get(caller, (self._rate, now))
        left = min(max(self._rate, 1.0), left + (now - since) * self._rate)
        allowed = left >= 1
        self._left[caller] = (left - 1 if allowed else left, now)
        return allowed


class BodyDeadline(ASGIMiddleware):
    """Cuts off a client that sends its body too slowly: 408."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hand on a `receive` that ends in time."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST":
            await next_app(scope, receive, send)
            return
        deadline = time.monotonic() + self._seconds
        whole = False

        async def receive_in_time() -> ReceiveMessage:
            nonlocal whole
            if whole:
                return await receive()  # what comes after the body is the client going away, which may take its time
            try:
                message = await asyncio.wait_for(receive(), deadline - time.monotonic())
            except TimeoutError:
                raise HTTPException("the body took too long to come", status_code=408) from None
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        await next_app(scope, receive_in_time, send)
