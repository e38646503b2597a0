"""Run the service: worker processes under one parent."""

from __future__ import annotations

import socket

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.service.fixed import with_fixed
from compliance.service.settings import ServiceSettings, to_environment

_HEADER_MS = 10_000


def serve(settings: ServiceSettings, *, host: str, port: int, workers: int) -> None:
    """Answer until SIGTERM or Ctrl-C. Each worker has its own copy of the application; all write one log.

    Raises ConfigurationError where policy or tokens cannot be used, or the address cannot be listened on.
    """
    _refuse_taken(host, port)
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


def _refuse_taken(host: str, port: int) -> None:
    """Raise ConfigurationError where the address is taken.

    Workers share their port, and so would a second service: one question would get the answer of either.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left may be taken again
            trial.bind(address)
    except OSError as error:
        raise ConfigurationError(
            worded(f"无法监听 {host}:{port}：{error}", f"cannot listen on {host}:{port}: {error}"),
            remedy=worded(
                "先停止占用它的服务，或用 --host、--port 指定别的地址",
                "stop the service that holds it, or give another address with --host and --port",
            ),
        ) from None
