"""Read the shipped policy and a platform's own on top of it; every mistake is told by file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy.model import Policy
from compliance.toml_files import TomlFile, read_toml

SHIPPED = "policy.toml"
_TABLES = ("waivers", "guard")
_OWN_KEYS = ("revision", "special_subjects", "placeholders", "regimes", "settings", "rules", "actions", *_TABLES)


def load_policy(own: Path | None = None, *, beside: Collection[str] = ()) -> Policy:
    """The shipped policy, overridden by a platform's own file where one is given.

    `beside` names the top-level keys of that file that are no part of the policy and not looked at here.
    Raises ConfigurationError naming file, line and what is wrong.
    """
    text = resources.files("compliance.policy").joinpath("data", SHIPPED).read_text(encoding="utf-8")
    shipped = TomlFile(SHIPPED, text, tomllib.loads(text))
    if own is None:
        return _validated(shipped.data, shipped.data, shipped)
    file = read_toml(own)
    override = {key: value for key, value in file.data.items() if key not in beside}
    _refuse_unknown_settings(override, shipped.data, file)
    return _validated(_merged(shipped.data, override), shipped.data, file)


def _refuse_unknown_settings(override: Mapping[str, Any], base: Mapping[str, Any], file: TomlFile) -> None:
    """A misspelt setting would leave the default in force in silence."""
    unknown = [key for key in override if key not in _OWN_KEYS]
    unknown += [f"settings.{name}" for name in override.get("settings", {}) if name not in base["settings"]]
    if unknown:
        raise ConfigurationError(
            worded(f"{file.name}：有 {len(unknown)} 个不认识的键", f"{file.name}: {len(unknown)} unknown key(s)"),
            problems=[f"{file.name}:{file.line(tuple(key.split('.')))}: {key}" for key in unknown],
            remedy=worded("`gate policy show` 列出全部设置", "`gate policy show` lists the settings there are"),
        )


def _merged(base: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """Settings are overridden field by field, so that a new value keeps the meaning; everything else by whole keys.

    So are the bounds of waivers and guard: who sets one keeps the others.
    """
    merged = {**base, **override}
    merged |= {name: {**base[name], **override.get(name, {})} for name in _TABLES}
    merged["settings"] = {
        name: {**setting, **override.get("settings", {}).get(name, {})} for name, setting in base["settings"].items()
    }
    return merged


def _validated(data: Mapping[str, Any], shipped: Mapping[str, Any], file: TomlFile) -> Policy:
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(
            worded(
                f"{file.name}：政策有 {error.error_count()} 处错误",
                f"{file.name}: the policy has {error.error_count()} mistake(s)",
            ),
            problems=[
                f"{file.name}:{file.line(problem['loc'])}: {'.'.join(map(str, problem['loc'])) or 'policy'}:"
                f" {problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors()
            ],
        ) from None
    _typed_like_shipped(policy, shipped, file)
    return policy


def _typed_like_shipped(policy: Policy, shipped: Mapping[str, Any], file: TomlFile) -> None:
    """A setting keeps the type it ships with: a day stays a day."""
    wrong = [
        (name, type(shipped["settings"][name]["value"]).__name__, setting.value)
        for name, setting in policy.settings.items()
        if not _same_type(setting.value, shipped["settings"][name]["value"])
    ]
    if wrong:
        raise ConfigurationError(
            worded(
                f"{file.name}：有 {len(wrong)} 项设置类型不对",
                f"{file.name}: {len(wrong)} setting(s) of the wrong type",
            ),
            problems=[
                f"{file.name}:{file.line(('settings', name, 'value'))}: "
                + worded(
                    f"settings.{name}.value 是 {value!r}，应为 {kind}",
                    f"settings.{name}.value is {value!r}, not a {kind}",
                )
                for name, kind, value in wrong
            ],
        )


def _same_type(value: object, shipped: object) -> bool:
    if isinstance(shipped, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(shipped)
