"""The configuration file `gate.toml`: where the catalog and the outputs are, and the platform's own policy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from compliance.cli.language import Language, choose
from compliance.cli.session import SESSION
from compliance.engines.spark.cluster import ANYWHERE, Cluster
from compliance.errors import ConfigurationError
from compliance.labels.places import LabelSettings
from compliance.language import worded
from compliance.policy import Policy, load_policy
from compliance.toml_files import TomlFile, read_toml

DEFAULT_FILE = "gate.toml"
VARIABLE = "GATE_CONFIG"

MEMORY_PATTERN = r"^[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B$"


class _PolicyFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    file: str


class _Ledger(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    url: str | None = None
    folder: str | None = None
    keys: str | None = None


class _BlockList(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    folder: str | None = None
    keys: str | None = None
    proposer: str | None = None


class _Spark(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    master: str | None = None
    work: str | None = None
    settings: dict[str, str] = {}


class _Keys(BaseModel):
    """The keys of the file that are not the policy's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    catalog: str | None = None
    out: str | None = None
    mapping: str | None = None
    memory: Annotated[str | None, Field(pattern=MEMORY_PATTERN)] = None
    threads: Annotated[int | None, Field(gt=0)] = None
    engine: str = "duckdb"
    spark: _Spark = _Spark()
    lang: Language | None = None
    policy: _PolicyFile | None = None
    ledger: _Ledger = _Ledger()
    blocklist: _BlockList = _BlockList()
    labels: LabelSettings = LabelSettings()
    jobs: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where the gate's own records are; None: under the out folder."""

    url: str | None = None
    """An SQLAlchemy URL of SQLite or PostgreSQL."""
    folder: Path | None = None
    keys: Path | None = None


@dataclass(frozen=True, slots=True)
class BlockListPlace:
    """Where the versions of the block list are published; None: under the out folder."""

    folder: Path | None = None
    keys: Path | None = None
    proposer: str | None = None
    """Who stands for the audits' lists; None: the user of the operating system."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the configuration says; None where it says nothing. Paths are absolute or relative to the working folder."""

    path: Path | None
    policy: Policy
    catalog: str | None = None
    out: Path | None = None
    mapping: Path | None = None
    memory: str | None = None
    threads: int | None = None
    engine: str = "duckdb"
    cluster: Cluster = ANYWHERE
    """Of the engine spark."""
    policy_file: Path | None = None
    """The file of the platform's own policy, for processes that read it again."""
    policy_beside: tuple[str, ...] = ()
    """Top-level keys of that file that are no part of the policy."""
    ledger: LedgerPlace = LedgerPlace()
    blocklist: BlockListPlace = BlockListPlace()
    labels: LabelSettings = field(default_factory=LabelSettings)
    """Evidence from the video itself; `compliance.cli.evidence` finds the places."""
    jobs: Mapping[str, Any] = field(default_factory=dict)
    """What the file says of jobs, as it stands there; `jobs.settings` makes sense of it."""


def load_config() -> Config:
    """Read the file that --config, else GATE_CONFIG names, else `gate.toml` of the working folder if it is there.

    Relative paths in it start at its own folder. Its `lang` counts where the command line names none.
    Raises ConfigurationError naming file and line of everything that is wrong in it.
    """
    path = _path()
    if path is None:
        return Config(None, load_policy())
    file = read_toml(path)
    keys = _keys(file)
    if keys.lang and not SESSION.lang_given:
        choose(keys.lang)
    return Config(
        path=path,
        policy=_policy(path, file, keys),
        catalog=_catalog(path, keys.catalog),
        out=_beside(path, keys.out),
        mapping=_beside(path, keys.mapping),
        memory=keys.memory,
        threads=keys.threads,
        engine=keys.engine,
        cluster=Cluster(keys.spark.master, keys.spark.work, keys.spark.settings),
        policy_file=(path if keys.policy is None else path.parent / keys.policy.file).absolute(),
        policy_beside=tuple(_Keys.model_fields) if keys.policy is None else (),
        blocklist=BlockListPlace(
            _beside(path, keys.blocklist.folder), _beside(path, keys.blocklist.keys), keys.blocklist.proposer
        ),
        ledger=LedgerPlace(keys.ledger.url, _beside(path, keys.ledger.folder), _beside(path, keys.ledger.keys)),
        labels=keys.labels,
        jobs=keys.jobs,
    )


def _path() -> Path | None:
    if SESSION.config is not None:
        return SESSION.config
    if named := os.environ.get(VARIABLE):
        return Path(named)
    return Path(DEFAULT_FILE) if Path(DEFAULT_FILE).is_file() else None


def _keys(file: TomlFile) -> _Keys:
    try:
        return _Keys.model_validate({key: value for key, value in file.data.items() if key in _Keys.model_fields})
    except ValidationError as error:
        raise ConfigurationError(
            worded(
                f"{file.name}：配置有 {error.error_count()} 处错误",
                f"{file.name}: {error.error_count()} key(s) of the configuration are wrong",
            ),
            problems=[
                f"{file.name}:{file.line(problem['loc'])}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
                for problem in error.errors()
            ],
        ) from None


def _policy(path: Path, file: TomlFile, keys: _Keys) -> Policy:
    """The policy of this file, or of the one that it names: never a blend of two."""
    if keys.policy is None:
        return load_policy(path, beside=_Keys.model_fields)
    if others := [key for key in file.data if key not in _Keys.model_fields]:
        raise ConfigurationError(
            worded(
                f"{path}：政策已写在 {keys.policy.file}，这里又有一份",
                f"{path}: the policy stands in {keys.policy.file}, but also here",
            ),
            problems=[f"{file.name}:{file.line((key,))}: {key}" for key in others],
            remedy=worded(
                f"移入 {keys.policy.file}，或去掉 [policy] file",
                f"move these into {keys.policy.file}, or leave out [policy] file",
            ),
        )
    return load_policy(path.parent / keys.policy.file)


def _beside(path: Path, value: str | None) -> Path | None:
    return None if value is None else path.parent / value


def _catalog(path: Path, value: str | None) -> str | None:
    return value if value is None or "://" in value or value.startswith("hive:") else str(path.parent / value)
