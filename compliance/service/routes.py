"""The handlers, one a path."""

from __future__ import annotations

import time
from math import inf
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

import pyarrow.compute as pc
from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Body, PathParameter, QueryParameter

from compliance.engines.single.deciding import Decider
from compliance.engines.single.wording import rule_json, values_json
from compliance.service import examples
from compliance.service.core import CALLER, Service, needs
from compliance.service.desk import Decided
from compliance.service.models import (
    BlockListAnswer,
    DecideRequest,
    DecisionAnswer,
    DecisionsAnswer,
    EntryModel,
    HealthAnswer,
    Problem,
    ReadyAnswer,
    RuleModel,
    RulesAnswer,
)

Asking = Request[Any, Any, Any]
Language = Literal["zh", "en"]
Asked = Annotated[Language | None, QueryParameter(description="language of remedies; default: the service's")]

_JSON = "application/json"


def _problems(*statuses: int) -> dict[int, ResponseSpec]:
    said = {
        400: "the request is not understood",
        401: "no token, a wrong one or one that has expired",
        403: "the token lacks the scope",
        404: "the path names no title: an id with a slash goes into a batch",
        408: "the body took too long to come",
        413: "the body is too large",
        429: "too many requests with this token: wait as long as Retry-After says",
        503: "there is no state to decide by, the answer cannot be logged, or the list is not what was published:"
        " nothing is released",
    }
    return {status: ResponseSpec(Problem, description=said[status], generate_examples=False) for status in statuses}


@get(
    "/v1/decisions/{title_id:str}",
    summary="Decide one title",
    opt=needs("decide", "lang"),
    responses={
        200: ResponseSpec(
            DecisionAnswer,
            description="the verdict; an unknown title is held",
            generate_examples=False,
            examples=[Example(summary="a blocked title", value=examples.BLOCKED)],
        ),
        **_problems(400, 401, 403, 404, 429, 503),
    },
)
async def decide_one(
    request: Asking,
    title_id: Annotated[str, PathParameter(min_length=1, max_length=500)],
    lang: Asked = None,
) -> Response[bytes]:
    """The verdict of a title, by the state that the last audit left. Ids with a slash go into a batch."""
    begun = time.perf_counter()
    _refuse_other_titles(request, title_id)
    service = _service(request)
    sitting = service.desk.sitting()
    decider = sitting.decider
    decided = sitting.decide(title_id, lang or service.settings.language)
    await _answer(service, request, decider, [decided], begun)
    return Response(_frame(decider) + b"," + decided.body[1:], media_type=_JSON)


def _refuse_other_titles(request: Asking, title_id: str) -> None:
    """The router drops slashes once it has decoded them: for the title `t1/` it would have `t1` answer."""
    path, _, _ = request.scope["raw_path"].partition(b"?")  # some servers leave the query there
    parent, _, asked = path.rpartition(b"/")
    if parent != b"/v1/decisions" or unquote_to_bytes(asked) != title_id.encode():
        raise NotFoundException("the path names no title; an id with a slash goes into a batch")


@post(
    "/v1/decisions",
    status_code=200,
    summary="Decide a batch of titles",
    opt=needs("decide", "lang"),
    responses={
        200: ResponseSpec(
            DecisionsAnswer,
            description="the verdicts in the order asked",
            generate_examples=False,
            examples=[Example(summary="two titles", value=examples.BATCH)],
        ),
        **_problems(400, 401, 403, 408, 413, 429, 503),
    },
)
async def decide_many(
    request: Asking,
    data: Annotated[
        DecideRequest,
        Body(
            examples=[Example(summary="ids", value=examples.BY_ID), Example(summary="a row", value=examples.BY_ROW)],
        ),
    ],
    lang: Asked = None,
) -> Response[bytes]:
    """The verdicts of titles by id, of titles given as rows, or of both."""
    begun = time.perf_counter()
    service = _service(request)
    sitting = service.desk.sitting()
    decider = sitting.decider
    language = lang or service.settings.language
    decided = [sitting.decide(title_id, language) for title_id in data.title_ids]
    decided += [sitting.decide_row(row, language) for row in data.titles]
    await _answer(service, request, decider, decided, begun)
    verdicts = b",".join(one.body for one in decided)
    return Response(_frame(decider) + b',"decisions":[' + verdicts + b"]}", media_type=_JSON)


def _service(request: Asking) -> Service:
    service: Service = request.app.state.service
    return service


async def _answer(service: Service, request: Asking, decider: Decider, decided: list[Decided], begun: float) -> None:
    """Log the answer; only then may it go out."""
    await service.logged(f"{request.method} {request.scope['path']}", request.scope["state"][CALLER], decider, decided)
    service.count(decided, begun)


def _frame(decider: Decider) -> bytes:
    """The beginning of an answer: by what it was decided."""
    return f'{{"as_of":"{decider.as_of}","state_run":"{decider.state.run}"'.encode()


@get(
    "/v1/rules",
    summary="Every rule",
    opt=needs("read", "lang"),
    sync_to_thread=False,
    responses=_problems(400, 401, 403, 429),
)
def list_rules(request: Asking, lang: Asked = None) -> RulesAnswer:
    """What the gate demands: every rule with its clause and the way out."""
    service = _service(request)
    desk, language = service.desk, lang or service.settings.language
    off = desk.policy.rules.off
    rules = [RuleModel(**rule_json(rule, language), off=off.get(rule.id)) for rule in desk.rules]
    return RulesAnswer(desk.revision, desk.policy.revision, rules)


@get(
    "/v1/blocklist/current",
    summary="The block list in force",
    opt=needs("read", "after", "limit"),
    sync_to_thread=True,
    responses=_problems(400, 401, 403, 429, 503),
)
def block_list(
    request: Asking,
    after: Annotated[str, QueryParameter(max_length=500, description="entries after this title id")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=10_000)] = 1_000,
) -> BlockListAnswer:
    """The titles that must not go out, by title id, a page at a time: never a list that the guard holds."""
    listing = _service(request).listing.in_force()
    if listing is None:
        raise HTTPException("no version of the block list is in force", status_code=503)
    version, table = listing
    rest = table.filter(pc.greater(table["title_id"], after)) if after else table
    entries = [EntryModel(**values_json(row)) for row in rest.slice(0, limit).to_pylist()]  # type: ignore[arg-type]  # columns of a list that the gate wrote
    following = entries[-1].title_id if rest.num_rows > limit else None
    return BlockListAnswer(version.number, version.said["run_id"], table.num_rows, entries, following)


@get("/health", summary="Does the process live?", security=[{}], sync_to_thread=False)
def health() -> HealthAnswer:
    """200 as long as the process answers."""
    return HealthAnswer("ok")


@get("/ready", summary="Can titles be released?", security=[{}], sync_to_thread=False, responses=_problems(503))
def ready(request: Asking) -> Response[ReadyAnswer]:
    """200 where titles can be released; 503 where the state does not allow it, or news or log are out of reach."""
    service = _service(request)
    if (hindrance := service.hindrance()) is not None:
        raise HTTPException(hindrance, status_code=503)
    decider = service.desk.sitting().decider
    answer = ReadyAnswer("ready", decider.state.run, str(decider.state.as_of), str(decider.as_of))
    return Response(answer)


@get(
    "/metrics",
    summary="Numbers for Prometheus",
    opt=needs("read"),
    sync_to_thread=False,
    media_type="text/plain; version=0.0.4; charset=utf-8",
    responses=_problems(401, 403, 429),
)
def metrics(request: Asking) -> bytes:
    """Decisions, refusals, times, the log's backlog, the state's age."""
    service = _service(request)
    service.metrics.waiting.set(service.log.backlog)
    decider = service.desk.sitting().decider
    days = (decider.as_of - decider.state.as_of).days
    # Nothing is released by a state of a day to come: a negative age would look like a fresh one.
    service.metrics.state_age.set(days if days >= 0 else inf)
    return service.metrics.text()


HANDLERS = [decide_one, decide_many, list_rules, block_list, health, ready, metrics]
