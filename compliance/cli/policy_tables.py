"""What a policy says, as `gate policy show` tells it: settings, bounds, lists, regimes, rules that are off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic.fields import FieldInfo

from compliance.cli.console import say, say_table
from compliance.cli.language import Message, language
from compliance.errors import ConfigurationError
from compliance.language import nearest
from compliance.policy import Policy, Regime
from compliance.policy.settings import Setting, Table

TABLES = ("waivers", "guard")
LISTS = ("special_subjects", "placeholders")

SETTING_HEADERS = (
    Message("设置", "setting"),
    Message("值", "value"),
    Message("可取", "may be"),
    Message("可信度", "confidence"),
    Message("来源", "source"),
    Message("含义", "meaning"),
)
BOUND_HEADERS = (
    Message("键", "key"),
    Message("值", "value"),
    Message("可取", "may be"),
    Message("含义", "meaning"),
)
UNKNOWN = Message("政策中没有 {name}{hint}", "the policy has nothing called {name}{hint}")
UNKNOWN_REMEDY = Message(
    "`gate policy list` 列出制度，`gate policy show` 列出其余全部",
    "`gate policy list` lists the regimes, `gate policy show` everything else",
)
OFF = Message("停用的规则：", "rules that are off:")
ACTIONS = Message("改过的处置：", "actions changed:")


def whole(policy: Policy) -> dict[str, Any]:
    """All of the policy but its regimes, as JSON values."""
    return {
        "revision": policy.revision,
        "settings": {name: _setting(setting) for name, setting in policy.settings.items()},
        **{name: _bounds(getattr(policy, name)) for name in TABLES},
        **{name: list(getattr(policy, name)) for name in LISTS},
        "rules_off": dict(policy.rules.off),
        "actions": {rule: acts.model_dump() for rule, acts in policy.actions.items()},
    }


def whole_regime(regime: Regime) -> dict[str, Any]:
    """A regime as JSON values."""
    return regime.model_dump(by_alias=True) | {"title": getattr(regime.title, language())}


def part(policy: Policy, name: str) -> dict[str, Any]:
    """A regime, a setting, the bounds of waivers or the guard, or a list, as JSON values.

    Raises ConfigurationError where there is nothing of that name.
    """
    regimes = {regime.id: regime for regime in policy.regimes}
    if name in regimes:
        return whole_regime(regimes[name])
    if name in policy.settings:
        return {"setting": name} | _setting(policy.settings[name])
    if name in TABLES:
        return _bounds(getattr(policy, name))
    if name in LISTS:
        return {name: list(getattr(policy, name)), "meaning": _meaning(Policy.model_fields[name])}
    hint = nearest(name, [*regimes, *policy.settings, *TABLES, *LISTS])
    raise ConfigurationError(UNKNOWN(name=name, hint=hint), remedy=UNKNOWN_REMEDY())


def print_whole(policy: Policy) -> None:
    """Print what `whole` has."""
    shown = whole(policy)
    say_table(
        [header() for header in SETTING_HEADERS],
        [
            (name, word(row["value"]), _may_be(row), row["confidence"], row["source"], row["meaning"])
            for name, row in shown["settings"].items()
        ],
    )
    for name in TABLES:
        say(f"\n[{name}]")
        print_part(name, shown[name])
    say()
    for name in ("revision", *LISTS):
        say(f"{name}: {word(shown[name])}")
    if policy.rules.off:
        say(f"\n{OFF()}")
        for rule, reason in policy.rules.off.items():
            say(f"  {rule}: {reason}")
    if policy.actions:
        say(f"\n{ACTIONS()}")
        for rule, stages in policy.actions.items():
            say(f"  {rule}: " + ", ".join(f"{stage}={action}" for stage, action in stages if action))


def print_part(name: str, values: dict[str, Any]) -> None:
    """Print what `part` gives for a name."""
    if name in TABLES:
        rows = [(key, word(row["value"]), _may_be(row), row["meaning"]) for key, row in values.items()]
        say_table([header() for header in BOUND_HEADERS], rows)
        return
    for key, value in values.items():
        if key == "periods":
            for period in value:
                say("  " + "  ".join(f"{name}={word(part)}" for name, part in period.items() if part is not None))
        else:
            say(f"{key}: {word(value)}")


def word(value: object) -> str:
    """A value of the policy on a line."""
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _setting(setting: Setting) -> dict[str, Any]:
    least, most = setting.bounds
    not_told = set() if isinstance(setting.value, date) else {"last_day"}  # nothing but a day can be one
    return setting.model_dump(exclude=not_told) | {
        "least": least,
        "most": most,
        "meaning": getattr(setting.meaning, language()),
    }


def _bounds(table: Table) -> dict[str, Any]:
    """Each key of a table with its value, the bounds of that, and what it means."""
    return {
        key: {
            "value": getattr(table, key),
            "least": _said(field, "ge"),
            "most": _said(field, "le"),
            "meaning": _meaning(field),
        }
        for key, field in type(table).model_fields.items()
    }


def _said(field: FieldInfo, bound: str) -> int | float | None:
    return next((getattr(said, bound) for said in field.metadata if hasattr(said, bound)), None)


def _meaning(field: FieldInfo) -> str:
    return next(said() for said in field.metadata if isinstance(said, Message))


def _may_be(row: Mapping[str, Any]) -> str:
    """What stands beside a value in a table: of a day nothing, since all of them have the same bounds."""
    if isinstance(row["value"], bool):
        return "true, false"
    if row["least"] is None or isinstance(row["value"], date):
        return word(row.get("choices", ()))
    return f"{row['least']} … {row['most']}"
