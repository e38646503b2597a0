"""The guard: a run that differs too much from the one in force is held until a person has looked at it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from compliance.language import Message
from compliance.policy.settings import GuardSettings

_SAYS = Message(
    "{name}：{value:.1%}，上限 {bound:.1%}（{count:,}）", "{name}: {value:.1%} of at most {bound:.1%} ({count:,})"
)
"""The name is that of the bound in [guard] of the policy."""
_OTHER_DAY = "other_day"
_SAYS_DAYS = Message(
    "{name}：判定日与名单应属之日相差 {count:,} 天（早于生效名单，或在今天之后）",
    "{name}: judged as of a day {count:,} day(s) before that of the list in force, or after today",
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What a run looks like from a distance."""

    titles: int
    """Rows of titles in the catalog."""
    register: int
    """Rows of the register."""
    judged: int
    unknown: int
    """Judged titles at which a rule is unknown."""
    placements: int
    """Placements active on the as-of day."""
    blocked_placements: int
    stale_systems: tuple[str, ...] = ()
    filled: Mapping[str, float] = field(default_factory=dict)
    """Share of rows with a value, by column, such as `titles.permit_number`."""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Measures:
        """The measures as they were written down by `as_json`."""
        return cls(**{**said, "stale_systems": tuple(said["stale_systems"])})

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**asdict(self), "stale_systems": list(self.stale_systems)}


@dataclass(frozen=True, slots=True)
class Change:
    """The list that is proposed beside the one in force."""

    in_force: int
    """Entries of the list in force."""
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that the guard looks at: how near it came to its bound."""

    name: str
    value: float
    bound: float
    count: int
    """Rows that the value stands for; below the least count of the policy they hold nothing."""
    held: bool
    least: int = 0
    """The least count of the policy."""

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    def says(self) -> str:
        """The reading in one line."""
        if self.name == _OTHER_DAY:
            return _SAYS_DAYS(name=self.name, count=self.count)
        return _SAYS(name=self.name, value=self.value, bound=self.bound, count=self.count)


def assess(
    now: Measures, before: Measures | None, change: Change | None, settings: GuardSettings, *, days_off: int = 0
) -> tuple[Reading, ...]:
    """Everything that the guard looks at. Without a list in force only the bounds that need none are there.

    `days_off`: as in `days_off` below; where there are any, a person decides, however small the change is.
    """
    readings = [*_by_itself(now, settings)]
    if days_off:
        readings.append(Reading(_OTHER_DAY, 1.0, 0.0, days_off, held=True))
    if before is not None and change is not None:
        readings += _beside(now, before, change, settings)
    return tuple(readings) if settings.on else ()


def days_off(as_of: date, in_force: date, today: date) -> int:
    """Days by which a run is of another time than a list must be: before that of the list in force, or after today.

    Somebody looks at the past or at what is to come: then law, waivers and register are not those of now, and what they
    let go must not go on air by it. Where the list in force is itself of a day to come, the clock is wrong or was, and
    says nothing of a day: that must not bind the nights to come.
    """
    return 0 if in_force > today else max(0, (in_force - as_of).days, (as_of - today).days)


def _by_itself(now: Measures, settings: GuardSettings) -> Iterator[Reading]:
    yield _share("placements_hit", now.blocked_placements, now.placements, settings.placements_hit, settings)
    yield _share("unknown", now.unknown, now.judged, settings.unknown, settings)


def _beside(now: Measures, before: Measures, change: Change, settings: GuardSettings) -> Iterator[Reading]:
    yield _share("catalog_shrunk", before.titles - now.titles, before.titles, settings.catalog_shrunk, settings)
    yield _share("register_shrunk", before.register - now.register, before.register, settings.register_shrunk, settings)
    gone_stale = set(now.stale_systems) - set(before.stale_systems)
    # A stale system makes titles unknown: as many as it does, it is worth.
    worth = now.unknown - before.unknown if gone_stale else 0
    yield _share("register_stale", worth, now.judged, settings.register_stale, settings)
    for column, share in before.filled.items():
        rows = now.register if column.startswith("register.") else now.titles
        fallen = max(0.0, share - now.filled.get(column, 0.0))
        yield _reading(f"fill_fallen {column}", fallen, settings.fill_fallen, round(fallen * rows), settings)
    yield _share("added", change.added, change.in_force, settings.added, settings)
    yield _share("removed", change.removed, change.in_force, settings.removed, settings)


def _share(name: str, count: int, of: int, bound: float, settings: GuardSettings) -> Reading:
    count = max(0, count)
    return _reading(name, count / of if of else float(count > 0), bound, count, settings)


def _reading(name: str, value: float, bound: float, count: int, settings: GuardSettings) -> Reading:
    held = value > bound and count >= settings.least_count
    return Reading(name, round(value, 6), bound, count, held, settings.least_count)
