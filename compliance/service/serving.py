"""Run the service: worker processes under one parent."""

from __future__ import annotations

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from compliance.service.fixed import with_fixed
from compliance.service.settings import ServiceSettings, to_environment

_HEADER_MS = 10_000


def serve(settings: ServiceSettings, *, host: str, port: int, workers: int) -> None:
    """Answer until SIGTERM or Ctrl-C. Each worker has its own copy of the application; all write one log.

    Raises ConfigurationError where policy or tokens cannot be used.
    """
    to_environment(with_fixed(settings))
    Granian(
        target="compliance.service.app:from_settings_left",
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        # A worker that dies comes back; until then its share of requests fails, and nothing is released. One that then
        # finds another policy refuses to serve, and all end: answers must not depend on which worker gives them.
        respawn_failed_workers=True,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
        websockets=False,
        log_access=False,
    ).serve()
