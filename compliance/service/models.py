"""What goes in and out, as typed structures: they check requests and make the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

MOST_TITLES = 1_000
"""Of each kind in one request."""

Decision = Literal["allow", "hold", "block"]
Action = Literal["block", "hold", "warn"]


class DecideRequest(Struct, forbid_unknown_fields=True):
    """Titles to decide, by id or as full rows; the answer has the ids first, each in the order given."""

    title_ids: Annotated[list[str], Meta(max_length=MOST_TITLES, description="titles that the last audit knows")] = []
    titles: Annotated[
        list[dict[str, Any]],
        Meta(
            max_length=MOST_TITLES,
            description="rows with the columns of the relation `titles`, for titles that are not in the catalog yet,"
            " or not as they are there; rows of `labels`, `episodes` and `placements` may come along as lists",
        ),
    ] = []


class WaivedModel(Struct):
    """A person has answered for the finding: it is a warning up to a day."""

    waiver: str
    until: str
    days_left: int


class FindingModel(Struct):
    """A rule that failed or is unknown at a title."""

    rule: str
    outcome: Literal["fail", "unknown"]
    action: Action
    clause: str
    evidence: dict[str, Any]
    remedy: str
    waived: WaivedModel | UnsetType = UNSET


class VerdictModel(Struct):
    """What is decided of a title. `allow` alone lets it go out; `hold` means that a person must decide."""

    title_id: str
    decision: Decision
    stage: Literal["prepublish", "on_air"]
    tier: int | None
    regime: str | None
    permit: str | None
    findings: list[FindingModel]
    reason: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class DecisionAnswer(VerdictModel, kw_only=True):
    """The verdict of one title, the day it is judged as of, and the run by whose state: an audit, or a scan since."""

    as_of: str
    state_run: str


class DecisionsAnswer(Struct):
    """The verdicts in the order asked."""

    as_of: str
    state_run: str
    decisions: list[VerdictModel]


class RuleModel(Struct):
    """What a rule demands."""

    rule: str
    title: str
    action: Action
    clause: str
    kinds: list[str]
    needs: list[str]
    remedy: str
    off: str | None
    """Why the rule is off; null where it is on."""


class RulesAnswer(Struct):
    """Every rule, and what identifies them together with policy and program."""

    revision: str
    policy: str
    rules: list[RuleModel]


class EntryModel(Struct):
    """A title on the block list."""

    title_id: str
    platform: str | None
    decision: Decision
    stage: str
    rules: list[str]
    permit: str | None
    first_listed_at: str


class BlockListAnswer(Struct):
    """A page of the block list in force, by title id."""

    version: int
    run_id: str
    count: int
    entries: list[EntryModel]
    next: str | None
    """Ask with `after` of this value for the next page; null at the end."""


class HealthAnswer(Struct):
    """Whether the process lives."""

    status: Literal["ok"]


class ReadyAnswer(Struct):
    """Whether titles can be released now."""

    status: Literal["ready"]
    state_run: str
    state_as_of: str
    as_of: str


class Problem(Struct):
    """Why there is no answer. Nothing may go out on the strength of it."""

    status: int
    reason: str
    detail: str
