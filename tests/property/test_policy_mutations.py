"""Whatever is put in the place of any table or value of a policy or a configuration: it is used, or told by line."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, time
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.cli.config import load_config
from compliance.cli.policy_tables import whole
from compliance.cli.session import SESSION
from compliance.errors import ConfigurationError
from compliance.forecasting import Side, differences
from compliance.policy import Policy, load_policy
from compliance.reports.calendar import law_days
from compliance.rules.under_policy import parameter_values
from jobs.registry import shipped_jobs
from jobs.settings import settings_of

TODAY = date(2026, 11, 23)
SHIPPED = load_policy()

_LAW = tomllib.loads(resources.files("compliance.policy").joinpath("data", "policy.toml").read_text(encoding="utf-8"))
POLICY: dict[str, Any] = {
    **_LAW,
    "settings": {
        name: setting["value"] if number % 2 else {key: setting[key] for key in ("value", "source", "confidence")}
        for number, (name, setting) in enumerate(_LAW["settings"].items())
    },
    "rules": {"off": {"label-stale": "no hashes yet"}},
    "actions": {"review-missing": {"on_air": "warn", "prepublish": "hold"}},
}
CONFIGURATION: dict[str, Any] = {
    "catalog": "catalog",
    "out": "out",
    "mapping": "mapping",
    "memory": "3GB",
    "threads": 2,
    "engine": "duckdb",
    "lang": "en",
    "spark": {"master": "yarn", "work": "hdfs:///tmp", "settings": {"spark.executor.memory": "6g"}},
    "ledger": {"url": "sqlite:///own.sqlite", "folder": "ledger", "keys": "keys"},
    "blocklist": {"folder": "published", "keys": "keys", "proposer": "Li"},
    "labels": {"evidence": "e", "media": "{title_id}.mp4", "hash": "md5", "workers": 2, "seconds": 9, "most": 9},
    "jobs": {
        "metrics": "prom",
        "incremental": True,
        "within_hours": 24,
        "notice_days": 7,
        "keep_days": 400,
        "keep_backfills_days": 31,
        "terms": {
            "nightly-audit": {
                "off": False,
                "schedule": "30 1 * * *",
                "catch_up": "all",
                "window_hours": 48.0,
                "grace_minutes": 5,
                "attempts": 3,
                "first_wait_minutes": 1,
                "budget_minutes": 90,
                "ping": "env:PING",
            }
        },
        "owners": {"operations": {"channels": "env:CHANNELS", "platforms": ["fanqie"]}},
    },
    "guard": {"removed": 0.05},
}

Place = tuple[str | int, ...]

_plain = st.one_of(
    st.booleans(),
    st.sampled_from([-1, 0, 1, 5, 367, 10**6, 10**30]),
    st.sampled_from([-1.0, 0.0, 0.5, 1.0, 3.5, 1e300, float("inf"), float("nan")]),
    st.sampled_from(["", " ", "x", "ai", "warn", "label-stale", "2024-06-30", "公安,司法", "\x00", "env:X", "{}%s"]),
    st.sampled_from([date(1, 1, 1), date(1990, 1, 1), date(2024, 6, 30), date(9999, 12, 31)]),
    st.sampled_from([datetime(2024, 6, 30, 1, 2), datetime(2024, 6, 30, tzinfo=UTC), time(1, 2)]),  # noqa: DTZ001 - TOML has such, too
)
_others = st.recursive(
    _plain,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", "x", "off", "on"]), inner, max_size=2)
    ),
    max_leaves=4,
)
GONE = object()


def places(value: object, at: Place = ()) -> Iterator[Place]:
    """Every table, list and value inside, by its way from the top."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*at, key)
        yield from places(part, (*at, key))


def changed(data: dict[str, Any], at: Place, value: object) -> dict[str, Any]:
    """The data with another value at a place, or without it."""
    data = deepcopy(data)
    inner: Any = data
    for step in at[:-1]:
        inner = inner[step]
    if value is GONE:
        del inner[at[-1]]
    else:
        inner[at[-1]] = value
    return data


def mutations(data: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The data with something else at one place, and perhaps a key that does not belong there."""
    there = list(places(data))
    tables = [(), *(at for at in there if isinstance(_at(data, at), dict))]
    replaced = st.builds(lambda at, value: changed(data, at, value), st.sampled_from(there), _others | st.just(GONE))
    added = st.builds(lambda at, value: changed(data, (*at, "strange"), value), st.sampled_from(tables), _others)
    return replaced | replaced | added


def _at(data: Any, at: Place) -> Any:
    for step in at:
        data = data[step]
    return data


def toml(data: Mapping[str, Any]) -> str:
    """The data as a file: tables of the top under headers, whatever is inside them in braces."""
    tables = {key: value for key, value in data.items() if isinstance(value, dict)}
    lines = [f"{key} = {inline(value)}" for key, value in data.items() if key not in tables]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {inline(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def inline(value: object) -> str:
    match value:
        case bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(inline, value))}]"
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {inline(part)}" for key, part in value.items()) + "}"
        case date() | time():
            return value.isoformat()
    return str(value)


def used_or_told(text: str, use: Callable[[Path], None]) -> bool:
    """Whether a file of that text is used. What it complains about else has a line of the file each."""
    with TemporaryDirectory(prefix="gate-mutated-") as folder:
        path = Path(folder, "gate.toml")
        path.write_text(text, encoding="utf-8")
        try:
            use(path)
        except ConfigurationError as error:
            refused = error
        else:
            return True
    assert refused.remedy
    assert refused.problems
    for problem in refused.problems:
        told = re.match(rf"{re.escape(str(path))}:(\d+): \S+: \S+ .", problem)
        assert told, problem
        assert 1 <= int(told[1]) <= len(text.splitlines())
    return False


def use_policy(policy: Policy) -> None:
    """Ask of it what commands ask."""
    assert whole(policy)
    assert parameter_values(policy, TODAY)
    assert list(law_days(policy))
    differences(Side(SHIPPED, TODAY), Side(policy, TODAY))


def configure(path: Path) -> None:
    SESSION.config, SESSION.lang_given = path, True
    try:
        config = load_config()
    finally:
        SESSION.config, SESSION.lang_given = None, False
    use_policy(config.policy)
    assert settings_of(config.jobs, path.parent).on_their_terms(shipped_jobs())


def test_what_is_changed_is_right_before() -> None:
    assert used_or_told(toml(POLICY), lambda path: use_policy(load_policy(path)))
    assert used_or_told(toml(CONFIGURATION), configure)
    assert used_or_told(toml(POLICY | CONFIGURATION), configure)


@settings(max_examples=400, deadline=None)
@given(mutations(POLICY))
@example(changed(POLICY, ("settings",), 3))
@example(changed(POLICY, ("regimes", 0, "periods", 0, "from"), datetime(2022, 6, 1)))  # noqa: DTZ001 - wall time
def test_a_policy_with_anything_anywhere_is_used_or_told(data: dict[str, Any]) -> None:
    used_or_told(toml(data), lambda path: use_policy(load_policy(path)))


@settings(max_examples=400, deadline=None)
@given(mutations(CONFIGURATION))
@example(changed(CONFIGURATION, ("jobs",), []))
def test_a_configuration_with_anything_anywhere_is_used_or_told(data: dict[str, Any]) -> None:
    used_or_told(toml(data), configure)
