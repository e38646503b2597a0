"""Canaries: made-up titles that ride along in every audit, with verdicts known beforehand.

What must be found of them follows from `data/canaries.toml`, the policy and the as-of day, and never from an engine.
Their issuers bear names, and their V numbers digits, of one run alone, so that no number of theirs meets a real one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from compliance.catalog.schema import RELATIONS
from compliance.errors import RunInvalidError
from compliance.language import worded
from compliance.permits import Permit, parse
from compliance.policy import Policy
from compliance.verdicts.canary_values import (
    Impossible,
    Row,
    Values,
    holds,
    issuer_name,
    law_of,
    nonce_of,
    under_law,
    values_of_run,
    with_texts,
)

RESERVED = "~canary/"
"""What the ids of canary titles, platforms and placements begin with; a catalog must not use it."""

_FIRST_SERIAL = 10_000
_OF_A_TITLE = ("register", "labels", "episodes", "placements")
_ONE_BY_DEFAULT = ("register", "labels")
_SEVERITY = ("allow", "hold", "block")

Ruling = tuple[str, str, str]
"""A rule, `fail` or `unknown`, and the action."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """All that a run says of one title."""

    decision: str
    stage: str
    regime: str | None
    tier: int | None
    findings: frozenset[Ruling]
    rules: tuple[str, ...]
    """The failed rules that its verdict names."""
    listed: str | None
    """The decision with which it stands on the block list; None where it does not."""
    placements: frozenset[str] = frozenset()
    """Its placements among the blocked ones."""

    def __str__(self) -> str:
        found = ", ".join(" ".join(ruling) for ruling in sorted(self.findings)) or "nothing found"
        listed = f"listed as {self.listed}" if self.listed else "not listed"
        blocked = f", {len(self.placements)} placements blocked" if self.placements else ""
        return f"{self.decision} ({self.stage}, {self.regime}, tier {self.tier}, {listed}{blocked}): {found}"


@dataclass(frozen=True, slots=True)
class Canaries:
    """The rows to mix into a catalog's clean relations, and what must be found of their titles."""

    rows: Mapping[str, Sequence[Row]]
    """By relation; each row has all columns of the relation."""
    expected: Mapping[str, Ruled]
    """By title_id."""

    def prove(self, found: Mapping[str, Ruled]) -> None:
        """Raise RunInvalidError unless exactly the expected was found."""
        pairs = {
            title_id: (self.expected.get(title_id), found.get(title_id))
            for title_id in sorted({*self.expected, *found})
        }
        wrong = [
            f"{title_id}: must be {due or 'no title at all'}; is {ruled or 'without a verdict'}"
            for title_id, (due, ruled) in pairs.items()
            if due != ruled
        ]
        if wrong:
            raise RunInvalidError(
                worded(
                    f"{len(self.expected)} 部测试剧目中有 {len(wrong)} 部判定有误；什么都没有发布",
                    f"{len(wrong)} of {len(self.expected)} canary titles got a wrong verdict; nothing was published",
                ),
                problems=wrong,
                remedy=worded(
                    "规则或引擎判错了：撤回最近的改动，或报告此问题",
                    "the rules or the engine judge wrongly: undo what was last changed in them, or report it",
                ),
            )


def breed(*, as_of: date, policy: Policy, rules: Collection[str], stale: Collection[str], run_id: str) -> Canaries:
    """The canaries for one run. `rules` are the ids of the enabled rules, `stale` the filing systems gone stale."""
    written = _written()
    nonce = nonce_of(run_id)
    values = values_of_run(as_of, policy, nonce)
    flock = [bird for canary in written["canary"] if (bird := _hatched(canary, values, policy)) is not None]
    rows = {name: [_row(name, row) for bird in flock for row in bird.rows.get(name, ())] for name in RELATIONS}
    rows["platforms"] = [
        _row("platforms", {"platform": RESERVED + key, "name": key, **values.resolve(platform)})
        for key, platform in written["platforms"].items()
    ]
    rows["issuers"] = [
        _row("issuers", {"short_name": issuer_name(key, nonce), **issuer}) for key, issuer in written["issuers"].items()
    ]
    registered = {row["permit_number"]: row for row in reversed(rows["register"])}
    numbers = [row["permit_number"] for row in rows["titles"]]
    expected = {}
    for bird in flock:
        unknown = set(bird.unknown)
        if any(system in stale for system in bird.systems):
            number = bird.title["permit_number"]
            unknown |= _asking_the_register(bird.title, registered.get(number), shared=numbers.count(number) > 1)
        findings = {
            (rule, "fail", _action(policy, rule, bird.stage, action))
            for rule, action in bird.fails.items()
            if rule in rules and rule not in unknown
        }
        findings |= {(rule, "unknown", "hold") for rule in unknown if rule in rules}
        expected[bird.title["title_id"]] = bird.ruled(frozenset(findings))
    return Canaries(rows, expected)


@dataclass(frozen=True, slots=True)
class _Bird:
    """One canary under the policy and on the day of a run."""

    rows: Mapping[str, Sequence[Row]]
    fails: Mapping[str, str]
    """Rule and the action that the contract gives it."""
    unknown: Sequence[str]
    systems: Sequence[str]
    """The filing systems that its number may belong to."""
    regime: str | None
    tier: int | None

    @property
    def title(self) -> Row:
        return self.rows["titles"][0]

    @property
    def stage(self) -> str:
        return "on_air" if self.title["status"] == "online" else "prepublish"

    def ruled(self, findings: frozenset[Ruling]) -> Ruled:
        actions = (action for *_, action in findings if action != "warn")
        decision = max(actions, key=_SEVERITY.index, default="allow")
        placements = [row["placement_id"] for row in self.rows["placements"] if row.get("ends_at") is None]
        listed = decision == "block" or (decision == "hold" and self.stage == "prepublish")
        return Ruled(
            decision=decision,
            stage=self.stage,
            regime=self.regime,
            tier=self.tier,
            findings=findings,
            rules=tuple(sorted(rule for rule, outcome, _ in findings if outcome == "fail")),
            listed=decision if listed else None,
            placements=frozenset(placements if decision == "block" else ()),
        )


def _hatched(canary: Row, run: Values, policy: Policy) -> _Bird | None:
    """The canary with its values; None where under this policy or on this day there can be none."""
    try:
        return _with_values(canary, run, policy)
    except Impossible:
        return None


def _with_values(canary: Row, run: Values, policy: Policy) -> _Bird | None:
    defaults, as_of = _written()["defaults"], run.day("@as_of")
    title: Row = {"platform": "own", **defaults["title"], **canary.get("title", {})}
    regime, period = law_of(policy, as_of, run.day(title["online_at"]), title["form"])
    if not holds(canary.get("when", {}), run, regime):
        return None
    values = with_texts(under_law(run, period, regime), name=title["name"], serial=_serial(canary))
    number = values.text(title["permit_number"])
    values = with_texts(values, permit=number)
    title_id = RESERVED + canary["id"]
    platform = RESERVED + title["platform"]
    systems = canary.get("system", "other").split(" or ")
    common = {"title_id": title_id, "system": systems[0], "read_at": as_of, "updated_at": as_of}
    rows = {"titles": [{**common, **values.resolve(title), "platform": platform}]}
    for relation in _OF_A_TITLE:
        rows[relation] = [
            {**common, "episode_no": n, "placement_id": f"{title_id}/{n}", **values.resolve(defaults[relation] | own)}
            for n, own in enumerate(_several(canary, relation), start=1)
        ]
    fails = dict(canary.get("fails", {}))
    first_year = run.whole("@microdrama_first_year")
    if systems != [""] and "{year}" in title["permit_number"] and _is_before(number, first_year):
        fails["permit-year-implausible"] = "block"
    judged = title["kind"] == "micro_drama"
    tier = values.whole(canary.get("tier", 3))
    return _Bird(rows, fails, canary.get("unknown", ()), systems, regime.id if judged else None, tier)


def _is_before(number: str | None, first_year: int | None) -> bool:
    """Whether a 网微剧 number's year is before that; all canaries' are where the as-of day lies so far back."""
    permit = parse(number)
    if not isinstance(permit, Permit) or permit.year is None or first_year is None:
        return False
    return "网微剧" in permit.canonical and permit.year < first_year


def _serial(canary: Row) -> str:
    ids = [other["id"] for other in _written()["canary"]]
    return str(_FIRST_SERIAL + ids.index(canary.get("shares_number_with", canary["id"])))


def _several(canary: Row, relation: str) -> list[Row]:
    own = canary.get(relation, {} if relation in _ONE_BY_DEFAULT else [])
    return own if isinstance(own, list) else [own]


def _row(relation: str, values: Row) -> Row:
    """The row with all columns of the relation, empty where nothing is said; what is of no column is left out."""
    return {column.name: values.get(column.name) for column in RELATIONS[relation].columns}


def _asking_the_register(title: Row, row: Row | None, *, shared: bool) -> set[str]:
    """The rules that a stale extract leaves open: those whose other conditions hold (contract, section 2)."""
    asking = {"permit-unregistered"}
    if row is not None:
        asking |= {"permit-inactive", "permit-title-mismatch"}
        if title["producer"] and row["producer"]:
            asking.add("permit-producer-mismatch")
        if title["status"] == "online":
            asking.add("permit-after-online")
    if shared:
        asking.add("number-on-several-titles")
    return asking


def _action(policy: Policy, rule: str, stage: str, action: str) -> str:
    """The action of a failed rule: what the policy asks for at the stage, else what the contract says."""
    by_stage = policy.actions.get(rule)
    asked: str | None = getattr(by_stage, stage) if by_stage is not None else None
    return asked or action


@cache
def _written() -> Mapping[str, Any]:
    text = resources.files("compliance.verdicts").joinpath("data", "canaries.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
