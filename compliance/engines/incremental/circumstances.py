"""What every title's verdict depends on: where it differs between two runs, nothing of the earlier one is carried."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from compliance.engines.incremental.days import rules_of_the_day
from compliance.engines.program import program_mark
from compliance.permits import Issuer, resolve_issuers, shipped_issuers, split_short_names, stated
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.rules.under_policy import parameter_values


@dataclass(frozen=True, slots=True)
class Circumstances:
    """One run's circumstances, as they are kept for the next one."""

    as_of: str
    """ISO."""
    program: str
    policy: str
    stale_systems: list[str]
    absent: list[str]
    """Relations that the catalog does not have."""
    issuers: list[list[str | None]]
    """short_name, level, operator of the catalog's own issuers, as they came."""
    platforms: list[list[str | None]]
    """platform, short_names, operator, av_licence, registration_no, valid_until, as they came."""

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @property
    def day(self) -> date:
        """The as-of day."""
        return date.fromisoformat(self.as_of)


def circumstances_of(
    con: duckdb.DuckDBPyConnection,
    *,
    policy: Policy,
    as_of: date,
    stale: Collection[str],
    absent: Collection[str],
) -> Circumstances:
    """The circumstances of a run over the clean relations."""
    return Circumstances(
        as_of=as_of.isoformat(),
        program=program_mark(),
        policy=hashlib.sha256(policy.model_dump_json().encode()).hexdigest(),
        stale_systems=sorted(stale),
        absent=sorted(absent),
        issuers=_texts(con, "SELECT short_name, level, operator FROM issuers ORDER BY ALL"),
        platforms=_texts(
            con,
            "SELECT platform, short_names, operator, av_licence, registration_no, CAST(valid_until AS VARCHAR)"
            " FROM platforms ORDER BY ALL",
        ),
    )


def _texts(con: duckdb.DuckDBPyConnection, query: str) -> list[list[str | None]]:
    return [list(row) for row in con.execute(query).fetchall()]


def hindrances(before: Circumstances, now: Circumstances, *, policy: Policy, rules: Sequence[Rule]) -> Iterator[str]:
    """Why nothing can be carried from the run before; none where it can."""
    if before.program != now.program:
        yield "the program is another version"
    if before.policy != now.policy:
        yield "the policy has changed"
        return
    if before.stale_systems != now.stale_systems:
        yield (
            f"the stale systems of the register were {_listed(before.stale_systems)},"
            f" and are {_listed(now.stale_systems)}"
        )
    if before.absent != now.absent:
        yield f"the catalog lacked {_listed(before.absent)}, and lacks {_listed(now.absent)}"
    if _issuers(before) != _issuers(now):
        yield "the issuers have changed"
    if before.day != now.day:
        for rule in rules_of_the_day(rules, parameter_values(policy, before.day), parameter_values(policy, now.day)):
            yield f"{rule} asks for the day, and {before.as_of} and {now.as_of} are not alike to it"
        begun = [
            period.from_
            for regime in policy.regimes
            for period in regime.periods
            if min(before.day, now.day) < period.from_ <= max(before.day, now.day)
        ]
        if begun and not policy.setting("grandfathering"):
            yield f"a regime begins on {min(begun)}, and titles of earlier days fall under it"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _issuers(of: Circumstances) -> Mapping[str, Issuer]:
    named = [(str(name), str(level), operator) for name, level, operator in of.issuers]
    owned = [(names, operator) for _, names, operator, *_ in of.platforms]
    return resolve_issuers(shipped_issuers(), named, owned)


def known_issuers(of: Circumstances) -> Collection[str]:
    """The folded short names of all issuers that are known in a run."""
    return tuple(_issuers(of))


def platforms_touched(before: Circumstances, now: Circumstances) -> list[str]:
    """Platforms whose titles a change may touch: a row of theirs is another, or their licence ran out in between."""
    then, today = (
        {str(row[0]): (split_short_names(row[1]), stated(row[2]), *row[3:]) for row in of.platforms}
        for of in (before, now)
    )
    changed = {name for name in then.keys() | today.keys() if then.get(name) != today.get(name)}
    days = sorted((before.day, now.day))
    for name, *_, valid_until in now.platforms:
        if valid_until is not None and before.day != now.day and days[0] <= date.fromisoformat(valid_until) <= days[1]:
            changed.add(str(name))
    return sorted(changed)
