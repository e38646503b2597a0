"""Read the shipped policy and a platform's own on top of it; every mistake is told by file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy.model import Policy

SHIPPED = "policy.toml"
_TABLES = ("waivers", "guard")
_OWN_KEYS = ("revision", "special_subjects", "placeholders", "regimes", "settings", "rules", "actions", *_TABLES)


def load_policy(own: Path | None = None, *, beside: Collection[str] = ()) -> Policy:
    """The shipped policy, overridden by a platform's own file where one is given.

    `beside` names the top-level keys of that file that are no part of the policy and not looked at here.
    Raises ConfigurationError naming file, line and what is wrong.
    """
    text = resources.files("compliance.policy").joinpath("data", SHIPPED).read_text(encoding="utf-8")
    base = tomllib.loads(text)
    if own is None:
        return _validated(base, base, SHIPPED, text)
    own_text = _read(own)
    override = {key: value for key, value in _parsed(own_text, own).items() if key not in beside}
    _refuse_unknown_settings(override, base, own, own_text)
    return _validated(_merged(base, override), base, str(own), own_text)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            worded(f"{path}：无法读取：{error}", f"{path}: cannot be read: {error}"),
            remedy=worded("指定可读的 UTF-8 TOML 文件", "name a readable TOML file in UTF-8"),
        ) from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            worded(f"{path}：不是有效的 TOML：{error}", f"{path}: not valid TOML: {error}")
        ) from None


def _refuse_unknown_settings(override: Mapping[str, Any], base: Mapping[str, Any], path: Path, text: str) -> None:
    """A misspelt setting would leave the default in force in silence."""
    unknown = [key for key in override if key not in _OWN_KEYS]
    unknown += [f"settings.{name}" for name in override.get("settings", {}) if name not in base["settings"]]
    if unknown:
        raise ConfigurationError(
            worded(f"{path}：有 {len(unknown)} 个不认识的键", f"{path}: {len(unknown)} unknown key(s)"),
            problems=[f"{path}:{line_of(text, key.split('.'))}: {key}" for key in unknown],
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


def _validated(data: Mapping[str, Any], shipped: Mapping[str, Any], file: str, text: str) -> Policy:
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(
            worded(
                f"{file}：政策有 {error.error_count()} 处错误",
                f"{file}: the policy has {error.error_count()} mistake(s)",
            ),
            problems=[
                f"{file}:{line_of(text, problem['loc'])}: {'.'.join(str(part) for part in problem['loc']) or 'policy'}:"
                f" {problem['msg'].removeprefix('Value error, ')}"
                for problem in error.errors()
            ],
        ) from None
    _typed_like_shipped(policy, shipped, file, text)
    return policy


def _typed_like_shipped(policy: Policy, shipped: Mapping[str, Any], file: str, text: str) -> None:
    """A setting keeps the type it ships with: a day stays a day."""
    wrong = [
        (name, type(shipped["settings"][name]["value"]).__name__, setting.value)
        for name, setting in policy.settings.items()
        if not _same_type(setting.value, shipped["settings"][name]["value"])
    ]
    if wrong:
        raise ConfigurationError(
            worded(f"{file}：有 {len(wrong)} 项设置类型不对", f"{file}: {len(wrong)} setting(s) of the wrong type"),
            problems=[
                f"{file}:{line_of(text, ('settings', name, 'value'))}: "
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


_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+)\s*=")


def line_of(text: str, location: Sequence[str | int]) -> int:
    """The line (from 1) of a TOML text that a location such as ('regimes', 2, 'periods', 0, 'until') points at.

    tomllib keeps no line numbers. The deepest table or key of the location that the text has is told.
    """
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    best_line, best_depth = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _table_path(header[2], counts, repeated=header[1] == "[[")
            found = table
        elif key := _KEY.match(line):
            found = (*table, key[1])
        else:
            continue
        depth = _common_depth(found, tuple(location))
        if depth == len(found) and depth > best_depth:
            best_line, best_depth = number, depth
    return best_line


def _table_path(name: str, counts: dict[tuple[str | int, ...], int], *, repeated: bool) -> tuple[str | int, ...]:
    """The location of a table header, with the index of each array of tables on the way."""
    path: tuple[str | int, ...] = ()
    parts = [part.strip().strip("\"'") for part in name.split(".")]
    for position, part in enumerate(parts):
        path = (*path, part)
        last = position == len(parts) - 1
        if repeated and last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _common_depth(found: tuple[str | int, ...], wanted: tuple[str | int, ...]) -> int:
    depth = 0
    for one, other in zip(found, wanted, strict=False):
        if one != other:
            break
        depth += 1
    return depth
