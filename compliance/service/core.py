"""What the handlers share: the desk, the log, the tokens, the limits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Sequence
from functools import partial
from urllib.parse import parse_qsl

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from compliance import clock
from compliance.engines.single.deciding import Decider
from compliance.ledger.decisions import Answer, DecisionLog
from compliance.ledger.store import FOLDER, Ledger
from compliance.ledger.waivers import ProvenWaivers
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.service.desk import Decided, Desk
from compliance.service.fixed import refuse_others
from compliance.service.limits import Allowances
from compliance.service.listing import Listing
from compliance.service.metrics import Metrics
from compliance.service.settings import ServiceSettings
from compliance.service.tokens import Scope as TokenScope
from compliance.service.tokens import Token, hashed, load_tokens

CALLER = "caller"
_NEEDS, _PARAMETERS = "needs", "parameters"
_TOO_MANY = "too many answers wait for the log"
_PATIENCE_S = 30
"""A look that takes longer, as at a disk that does not answer, has seen nothing."""


class Settled:
    """Answers that are written down, or cannot be, on their way from the log's thread to the loops that wait.

    Many are written together: a loop is woken once for all of its own, not once for each.
    """

    def __init__(self) -> None:
        self._told: deque[tuple[asyncio.Future[None], Exception | None]] = deque()
        self._woken = False

    def add(self, done: asyncio.Future[None], problem: Exception | None) -> None:
        """Called by the log's thread."""
        self._told.append((done, problem))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                done.get_loop().call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        """Called by the loop."""
        self._woken = False
        while self._told:
            done, problem = self._told.popleft()
            if done.done():  # the client has gone, and its request with it
                continue
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)


class Service:
    """One worker process."""

    def __init__(self, settings: ServiceSettings) -> None:
        """Raises GateError where tokens, policy, rules or log cannot be used, or are not those of the start."""
        self.settings = settings
        self.tokens = load_tokens(settings.tokens)
        policy = load_policy(settings.policy, beside=settings.policy_beside)
        refuse_others(settings, policy, self.tokens)
        folder = settings.ledger_folder or settings.out / FOLDER
        waivers = ProvenWaivers(Ledger(folder, url=settings.ledger_url, keys=settings.ledger_keys))
        self.desk = Desk(settings.out, load_rules(), policy, settings.as_of, waivers.read)
        self.desk.look()
        self.listing = Listing(settings.blocklist)
        self.log = DecisionLog(settings.log)
        self.metrics = Metrics()
        self.allowances = Allowances(settings.requests_a_second)
        self._waiting = 0
        self._settled = Settled()

    def authorise(self, authorization: str, scope: TokenScope) -> Token:
        """The caller's token. Raises an HTTP exception: 401 without a valid token, 403 without scope, 429 beyond it."""
        kind, _, secret = authorization.partition(" ")
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
            raise HTTPException(_TOO_MANY, status_code=503, headers={"Retry-After": "1"})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting += 1
        try:
            self.log.record(
                Answer(
                    answered_at=clock.now().isoformat(timespec="milliseconds"),
                    asked_by=caller,
                    request=request,
                    state_run=decider.state.run,
                    state_as_of=decider.state.as_of.isoformat(),
                    as_of=decider.as_of.isoformat(),
                    rules_revision=self.desk.revision,
                    decided=f"[{','.join([one.logged for one in decided])}]",
                ),
                partial(self._settled.add, done),
            )
            await done
        finally:
            self._waiting -= 1

    def count(self, decided: Sequence[Decided], begun: float) -> None:
        """Note an answer in the metrics."""
        if len(decided) == 1:
            self.metrics.count(decided[0].kind)
        else:
            for kind, count in Counter(one.kind for one in decided).items():
                self.metrics.count(kind, count)
        self.metrics.seconds.observe(time.perf_counter() - begun)

    async def keep_looking(self) -> None:
        """Look for a new state now and then, beside the loop that answers."""
        while True:
            await asyncio.sleep(self.settings.look_seconds)
            try:
                self.log.try_again()
                await asyncio.to_thread(self.desk.look)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look must come
                self.desk.note_failure(error)

    def hindrance(self) -> str | None:
        """Why no title should be released by this worker now, though it answers; None where nothing stands against it.

        Raises StateError where there is no state.
        """
        decider = self.desk.sitting().decider
        if decider.stale:
            return f"the state is as of {decider.state.as_of}, the day judged is {decider.as_of}"
        if self.desk.blind(_PATIENCE_S + self.settings.look_seconds):
            return "what is new cannot be seen, such as a waiver that was revoked: the log tells why"
        if self.log.problem is not None:
            return "the decision log cannot be written: no answer is given"
        if self._waiting >= self.settings.waiting_answers:
            return _TOO_MANY
        return None


def needs(scope: TokenScope, *parameters: str) -> dict[str, object]:
    """Options of a handler: the scope that a token needs for it, and the query parameters that it knows."""
    return {_NEEDS: scope, _PARAMETERS: frozenset(parameters)}


class Authorisation(ASGIMiddleware):
    """Lets requests pass whose token has the scope, before anything of them is read, and notes whose they are.

    The framework's guards would copy the handler for each request, which costs more than all that is done here.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, service: Service) -> None:
        self._service = service

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Raises an HTTP exception where the request may not pass."""
        options = scope["route_handler"].opt
        if _NEEDS in options:
            header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            token = self._service.authorise(header.decode("latin-1"), options[_NEEDS])
            if scope["query_string"]:
                _refuse_unknown(scope["query_string"], options[_PARAMETERS])
            scope["state"][CALLER] = token.name
        await next_app(scope, receive, send)


def _refuse_unknown(query: bytes, known: frozenset[str]) -> None:
    """A query parameter that is misspelt would be ignored in silence."""
    names = {name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    if unknown := names - known:
        raise HTTPException(f"there is no parameter {min(unknown)!a}", status_code=400)
