"""Read the shipped policy and a platform's own on top of it; every mistake is told by file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from compliance.language import Message, nearest, worded
from compliance.mistakes import Mistake, mistakes_in, no_such_key, refusal
from compliance.policy.model import Policy
from compliance.policy.settings import Setting
from compliance.toml_files import read_toml

SHIPPED = "policy.toml"
WRONG = Message("政策有 {count} 处错误", "the policy has {count} mistake(s)")
REMEDY = Message(
    "改正这些行：`gate policy show --config /dev/null` 列出出厂的设置、界限和名单，docs/guide.md 说明写法",
    "mend these lines: `gate policy show --config /dev/null` lists the settings, bounds and lists that ship,"
    " docs/guide.md tells how to write them",
)
"""Without a configuration, since `gate policy show` stumbles over these mistakes as every command does."""

_BY_KEY = ("waivers", "guard")
"""Tables whose keys are overridden one by one: who sets one bound keeps the others."""
_OF_A_SETTING = ("value", "source", "confidence")
"""What a platform may say of a setting; its meaning and its bounds are not the platform's."""


def load_policy(own: Path | None = None, *, beside: Collection[str] = ()) -> Policy:
    """The shipped policy, overridden by a platform's own file where one is given.

    `beside` names the top-level keys of that file that are no part of the policy and not looked at here.
    Raises ConfigurationError naming file, line and what is wrong.
    """
    base = tomllib.loads(resources.files("compliance.policy").joinpath("data", SHIPPED).read_text(encoding="utf-8"))
    shipped = Policy.model_validate(base)
    if own is None:
        return shipped
    file = read_toml(own)
    said = {key: value for key, value in file.data.items() if key not in beside}
    settings = _settings(said.get("settings"))
    mistakes = list(_misfits(settings, shipped.settings))
    misfits = {mistake.at[1] for mistake in mistakes}
    fitting = {name: setting for name, setting in settings.items() if name not in misfits}
    try:
        policy = Policy.model_validate(_merged(base, said, fitting))
    except ValidationError as error:
        mistakes += mistakes_in(error, Policy, beside=beside)
    if mistakes:
        raise refusal(WRONG, mistakes, file, remedy=REMEDY)
    return policy


def _settings(said: object) -> dict[str, Any]:
    """The settings of a platform's own; a value that stands alone is a setting's `value`.

    Nothing where `said` is no table, which is told when all of the policy is read.
    """
    if not isinstance(said, Mapping):
        return {}
    return {name: own if isinstance(own, Mapping) else {"value": own} for name, own in said.items()}


def _misfits(settings: Mapping[str, Mapping[str, Any]], shipped: Mapping[str, Setting]) -> Iterator[Mistake]:
    """Settings that there are not, keys that no setting has, and values that do not fit theirs."""
    for name, own in settings.items():
        at = ("settings", name)
        if name not in shipped:
            hint = nearest(name, shipped)
            yield Mistake(at, worded(f"没有这项设置{hint}", f"there is no such setting{hint}"))
            continue
        yield from (Mistake((*at, key), no_such_key(key, _OF_A_SETTING)) for key in own if key not in _OF_A_SETTING)
        if "value" not in own:
            yield Mistake(at, worded("没有写 value", "its value is missing"))
        elif wrong := shipped[name].unfit(own["value"]):
            yield Mistake((*at, "value"), wrong)


def _merged(base: Mapping[str, Any], said: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a platform says, over what ships: settings and bounds key by key, everything else by whole keys.

    What is no table where one is asked for stays as it is, for the model to tell.
    """
    merged = {**base, **said}
    for name in _BY_KEY:
        if isinstance(merged[name], Mapping):
            merged[name] = {**base[name], **merged[name]}
    if isinstance(merged["settings"], Mapping):
        merged["settings"] = {name: {**shipped, **settings.get(name, {})} for name, shipped in base["settings"].items()}
    return merged
