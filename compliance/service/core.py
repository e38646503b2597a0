"""What the handlers share: the desk, the log, the tokens, the limits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard

from compliance import clock
from compliance.engines.single.deciding import Decider
from compliance.ledger.decisions import Answer, DecisionLog
from compliance.ledger.store import FOLDER, Ledger
from compliance.ledger.waivers import waivers_in
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.service.desk import Decided, Desk
from compliance.service.limits import Allowances
from compliance.service.metrics import Metrics
from compliance.service.settings import ServiceSettings
from compliance.service.tokens import Scope, Token, hashed, load_tokens
from compliance.verdicts.waivers import Waivers

CALLER = "caller"


class Service:
    """One worker process."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Raises GateError where the tokens, the policy, the rules or the log cannot be used."""
        self.settings = settings
        self.tokens = load_tokens(settings.tokens)
        policy = load_policy(settings.policy, beside=settings.policy_beside)
        self.desk = Desk(settings.out, load_rules(), policy, settings.as_of, self._waivers)
        self.desk.look()
        self.log = DecisionLog(settings.log)
        self.metrics = Metrics()
        self.allowances = Allowances(settings.requests_a_second)
        self._waiting = 0

    def _waivers(self) -> Waivers:
        """The waivers in the ledger; none where there is no ledger yet."""
        folder = self.settings.ledger_folder or self.settings.out / FOLDER
        return waivers_in(Ledger(folder, url=self.settings.ledger_url))

    def authorise(self, authorization: str | None, scope: Scope) -> Token:
        """The caller's token. Raises an HTTP exception: 401 without a valid token, 403 without scope, 429 beyond it."""
        kind, _, secret = (authorization or "").partition(" ")
        token = self.tokens.get(hashed(secret.strip())) if kind.lower() == "bearer" else None
        if token is None or not token.is_valid_at(clock.now()):
            why = "no valid token" if token is None else "the token has expired"
            raise NotAuthorizedException(why, headers={"WWW-Authenticate": "Bearer"})
        if scope not in token.scopes:
            raise PermissionDeniedException(f"the token lacks the scope {scope}")
        if not self.allowances.take(token.name):
            raise HTTPException("too many requests with this token", status_code=429, headers={"Retry-After": "1"})
        return token

    async def logged(self, request: str, caller: str, decider: Decider, decided: Sequence[Decided]) -> None:
        """Return once the answer is on disk. Raises LogError, or an HTTP exception (503) where too many wait."""
        if self._waiting >= self.settings.waiting_answers:
            raise HTTPException("too many answers wait for the log", status_code=503, headers={"Retry-After": "1"})
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def finish(problem: Exception | None) -> None:
            if done.done():  # the client has gone, and its request with it
                return
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)

        def tell(problem: Exception | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(finish, problem)

        self._waiting += 1
        try:
            self.log.record(
                Answer(
                    answered_at=clock.now().isoformat(timespec="milliseconds"),
                    asked_by=caller,
                    request=request,
                    state_run=decider.state.run_id,
                    state_as_of=decider.state.as_of.isoformat(),
                    as_of=decider.as_of.isoformat(),
                    rules_revision=self.desk.revision,
                    decided=f"[{','.join([one.logged for one in decided])}]",
                ),
                tell,
            )
            await done
        finally:
            self._waiting -= 1

    def count(self, decided: Sequence[Decided], begun: float) -> None:
        """Note an answer in the metrics."""
        for kind, count in Counter(one.kind for one in decided).items():
            self.metrics.decisions.labels(*kind).inc(count)
        self.metrics.seconds.observe(time.perf_counter() - begun)

    async def keep_looking(self) -> None:
        """Look for a new state now and then, beside the loop that answers."""
        while True:
            await asyncio.sleep(self.settings.look_seconds)
            await asyncio.to_thread(self.desk.look)


def needs(scope: Scope, *parameters: str) -> Guard:
    """A guard that lets tokens with the scope pass, and notes whose they are.

    A query parameter that is none of `parameters` is refused: misspelt, it would be ignored in silence.
    """

    # A coroutine only so that the framework does not run it in a thread, which costs more than all it does.
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        service: Service = connection.app.state.service
        token = service.authorise(connection.headers.get("authorization"), scope)
        if connection.scope["query_string"] and (unknown := set(connection.query_params) - set(parameters)):
            raise HTTPException(f"there is no parameter {min(unknown)!a}", status_code=400)
        connection.scope["state"][CALLER] = token.name

    return guard
