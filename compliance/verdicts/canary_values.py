"""The values of canaries: days, amounts and texts that follow from the policy and the as-of day of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from operator import ge, gt, le, lt
from typing import Any

from compliance.policy import Form, Period, Policy, Regime

Row = dict[str, Any]
Value = bool | int | float | str | date | None

_NAMED = re.compile(r"@([a-z_0-9]+)(?: ([+-]) (\d+))?")
_COMPARISONS = {"as_of_from": ge, "as_of_after": gt, "as_of_until": le, "as_of_before": lt}
_YEARS = range(1000, 10_000)
"""Years of four digits, as numbers have them."""


class Impossible(Exception):  # noqa: N818 - it is no error: the canary is left out
    """Under this policy or on this day there can be no such canary."""


@dataclass(frozen=True, slots=True)
class Values:
    """What the names in a canary stand for; None for what does not exist, such as a tier 2 under some laws."""

    names: Mapping[str, Value]
    """Days, amounts and numbers, written `@name`."""
    texts: Mapping[str, str | None]
    """What stands in braces inside texts; any other word is an issuer."""
    nonce: str
    """Digits of this run alone."""

    def resolve(self, row: Row) -> Row:
        """The row with its values. Raises Impossible where one of them cannot be."""
        return {column: self.resolved(written) for column, written in row.items()}

    def resolved(self, written: Value) -> Value:
        """One value: "" is empty."""
        if not isinstance(written, str):
            return written
        if named := _NAMED.fullmatch(written):
            name, sign, offset = named.groups()
            return _moved(self.names[name], int(f"{sign}{offset}") if sign else 0)
        return written.format_map(_Texts(self.texts, self.nonce)) or None

    def day(self, written: Value) -> date:
        """One value that is a day. Raises Impossible where it is none."""
        value = self.resolved(written)
        if not isinstance(value, date):
            raise Impossible
        return value

    def text(self, written: Value) -> str | None:
        """One value that is a text."""
        value = self.resolved(written)
        return None if value is None else str(value)

    def whole(self, written: Value) -> int | None:
        """One value that is a whole number."""
        value = self.resolved(written)
        return value if isinstance(value, int) else None


class _Texts(dict[str, str | None]):
    """Texts by name, and for any other name the issuer of that name."""

    def __init__(self, texts: Mapping[str, str | None], nonce: str) -> None:
        super().__init__(texts)
        self._nonce = nonce

    def __getitem__(self, name: str) -> str:
        text = super().__getitem__(name)
        if text is None:
            raise Impossible
        return text

    def __missing__(self, name: str) -> str:
        return issuer_name(name, self._nonce)


def issuer_name(key: str, nonce: str) -> str:
    """The short name of a canary issuer in one run."""
    return f"金丝雀{key}{nonce}"


def nonce_of(run_id: str) -> str:
    """Eight digits that stand in the numbers of one run's canaries and in no real one."""
    return f"{int.from_bytes(sha256(run_id.encode()).digest()[:8], 'big') % 10**8:08d}"


def values_of_run(as_of: date, policy: Policy, nonce: str) -> Values:
    """Values that are the same for all canaries of a run."""
    legacy_before = policy.day("legacy_before")
    after_legacy = max(as_of, legacy_before)
    first_year = int(policy.number("microdrama_first_year"))
    names = {
        **{key: setting.value for key, setting in policy.settings.items()},
        "as_of": as_of,
        "legacy": _moved_day(legacy_before, -1),
        "after_legacy": after_legacy,
        "titled": max(after_legacy, policy.day("label_title_from")),
    }
    texts = {
        "nonce": nonce,
        "year": _year(as_of.year),
        "next_year": _year(as_of.year + 1),
        "early_year": _year(first_year - 1),
        "special_subject": policy.special_subjects[0],
    }
    return Values(names, texts, nonce)


def law_of(policy: Policy, as_of: date, online_on: date, form: Form) -> tuple[Regime, Period]:
    """The law of a title that goes online on that day."""
    day = online_on if policy.setting("grandfathering") else max(online_on, as_of)
    return policy.regime_on(day, form)


def under_law(values: Values, period: Period, regime: Regime) -> Values:
    """The values with the amounts and bounds of a title's law."""
    amounts = {
        "tier_1_from": period.tier_1_from_yuan,
        "tier_2_from": period.tier_2_from_yuan,
        "below_tier_1": 3 if period.tier_2_from_yuan is None else 2,
        "episode_bound": regime.episode_bound_s,
    }
    return replace(values, names={**values.names, **amounts})


def with_texts(values: Values, **texts: str | None) -> Values:
    """The values with further texts."""
    return replace(values, texts={**values.texts, **texts})


def holds(when: Mapping[str, Any], values: Values, regime: Regime) -> bool:
    """Whether the conditions of a canary hold on the as-of day and under its title's law."""
    return all(_holds(name, wanted, values, regime) for name, wanted in when.items())


def _holds(name: str, wanted: Any, values: Values, regime: Regime) -> bool:  # noqa: ANN401 - as TOML has it
    if name in _COMPARISONS:
        return bool(_COMPARISONS[name](values.day("@as_of"), values.day(f"@{wanted}")))
    if name == "voluntary_tier":
        return wanted in regime.voluntary_tiers
    return bool({"promotion": regime.promotion, "special_subjects": regime.special_subjects}[name] == wanted)


def _moved(value: Value, offset: int) -> Value:
    moved = _moved_day(value, offset) if isinstance(value, date) else value
    if moved is None:
        raise Impossible
    return moved + offset if isinstance(moved, int) else moved


def _moved_day(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _year(year: int) -> str | None:
    return str(year) if year in _YEARS else None
