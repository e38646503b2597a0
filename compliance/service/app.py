"""The ASGI application."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import gc
from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

import structlog
from litestar import Litestar, MediaType, Request, Response
from litestar.config.response_cache import ResponseCacheConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from compliance.errors import GateError
from compliance.service.core import Authorisation, Service
from compliance.service.limits import BodyDeadline
from compliance.service.messages import log_without_fail
from compliance.service.models import Problem
from compliance.service.routes import HANDLERS
from compliance.service.settings import ServiceSettings, from_environment

_log = structlog.get_logger(__name__)

_REASONS = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    429: "too_many_requests",
    503: "unavailable",
}


def create_app(settings: ServiceSettings) -> Litestar:
    """The application with all it needs opened. Raises GateError where something of it cannot be used."""
    service = Service(settings)
    app = Litestar(
        HANDLERS,
        state=State({"service": service}),
        lifespan=[_looking],
        middleware=[Authorisation(service), BodyDeadline(settings.body_seconds)],
        request_max_body_size=settings.body_bytes,
        exception_handlers={Exception: _refused},
        openapi_config=OpenAPIConfig(
            title="microdrama-gate",
            version=version("microdrama-gate"),
            description="May this title go out? `allow` alone says yes; no answer, and any error, says no.",
            path="/openapi",
            render_plugins=[JsonRenderPlugin()],
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
            use_handler_docstrings=True,
        ),
        response_cache_config=ResponseCacheConfig(),
        logging_config=None,
        debug=False,
    )
    # The framework leaves out of the document that a request may have no other fields.
    request = app.openapi_schema.components.schemas["DecideRequest"]
    request.additional_properties = False
    return app


def from_settings_left() -> Litestar:
    """The application for a worker process."""
    log_without_fail()
    app = create_app(from_environment())
    # What is loaded by now stays: the collector need not go through it while somebody waits for an answer.
    gc.collect()
    gc.freeze()
    # An answer leaves few cycles behind: to look for some at every 700 objects takes a fifth of the time.
    gc.set_threshold(50_000)
    atexit.register(gc.unfreeze)
    return app


@contextlib.asynccontextmanager
async def _looking(app: Litestar) -> AsyncIterator[None]:
    """Look for new states while the application runs; write the last answers down when it ends."""
    service: Service = app.state.service
    looking = asyncio.create_task(service.keep_looking())
    try:
        yield
    finally:
        looking.cancel()
        service.log.close()


def _refused(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Every error is an answer that releases nothing; what went wrong inside is logged, not told."""
    headers: dict[str, str] = {}
    if isinstance(error, RecursionError):
        status, detail = 400, "the body is nested too deeply"
    elif isinstance(error, UnicodeDecodeError) and request.method == "POST":
        # Of what a POST reads only its body may be no UTF-8: a title at which the program fails is held.
        status, detail = 400, "the body is not UTF-8"
    elif isinstance(error, HTTPException) and error.status_code < 500:
        status, detail, headers = error.status_code, _detail(error), dict(error.headers or {})
    elif isinstance(error, HTTPException) and error.status_code == 503:
        status, detail, headers = 503, error.detail, dict(error.headers or {})
    else:
        status, detail = 503, error.message if isinstance(error, GateError) else "the gate failed"
        _log.error("no answer could be given", path=request.url.path, exc_info=error)
    service: Service = request.app.state.service
    service.metrics.refused.labels(str(status)).inc()
    problem = Problem(status, _REASONS.get(status, "refused"), detail)
    return Response(problem, status_code=status, headers=headers, media_type=MediaType.JSON)


def _detail(error: HTTPException) -> str:
    """What is wrong with the request, with the places where it is."""
    extra = error.extra if isinstance(error.extra, list) else []
    places = [f"{place.get('key', '')}: {place.get('message', '')}" for place in extra if isinstance(place, dict)]
    return "; ".join([error.detail, *places])
