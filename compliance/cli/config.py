"""The configuration file `gate.toml`: where the catalog and the outputs are, and the platform's own policy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from compliance.catalog.addresses import only_spark_reads
from compliance.cli.language import LANGUAGES, Language, Message, choose
from compliance.cli.session import SESSION
from compliance.engines import Engine
from compliance.engines.spark.cluster import ANYWHERE, Cluster
from compliance.labels.places import LabelSettings
from compliance.mistakes import Mistake, mistakes_in, refusal, written_as
from compliance.policy import Policy, load_policy
from compliance.toml_files import TomlFile, read_toml

DEFAULT_FILE = "gate.toml"
VARIABLE = "GATE_CONFIG"

JOBS = "jobs.table"
"""Reads the table of that name. Jobs lie above the command line: their module is found by name, as commands are."""

WRONG = Message("配置有 {count} 处错误", "the configuration has {count} mistake(s)")
REMEDY = Message(
    "改正这些行：README.md 与 docs/guide.md 说明 gate.toml 的写法",
    "mend these lines: README.md and docs/guide.md tell how gate.toml is written",
)
TWICE = Message(
    "政策另有文件，这里却又写了 {count} 项", "the policy has a file of its own, but {count} key(s) of it stand here"
)
TWICE_REMEDY = Message("移入那个文件，或去掉 [policy] file", "move them into that file, or leave out [policy] file")
THERE = Message("是政策的一部分", "is part of the policy")

MEMORY_PATTERN = r"[1-9][0-9]*(\.[0-9]+)? ?[KMGT]i?B"


Text = Annotated[str, Field(min_length=1)]
Memory = Annotated[str, written_as(MEMORY_PATTERN, Message(" 3GB、512MB 这样", "like 3GB or 512MB"))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _PolicyFile(_Table):
    file: Text


class _Ledger(_Table):
    url: Text | None = None
    folder: Text | None = None
    keys: Text | None = None


class _BlockList(_Table):
    folder: Text | None = None
    keys: Text | None = None
    proposer: Text | None = None


class _Spark(_Table):
    master: Text | None = None
    work: Text | None = None
    settings: dict[str, str] = {}


class _Keys(_Table):
    """The keys of the file that are not the policy's."""

    catalog: Text | None = None
    out: Text | None = None
    mapping: Text | None = None
    memory: Memory | None = None
    threads: Annotated[int | None, Field(ge=1, le=1024)] = None
    engine: Engine = "duckdb"
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
    """What the file says of jobs, as it stands there, found right; `jobs.settings` makes sense of it."""


def load_config() -> Config:
    """Read the file that --config, else GATE_CONFIG names, else `gate.toml` of the working folder if it is there.

    Relative paths in it start at its own folder. Its `lang` counts where the command line names none.
    Raises ConfigurationError naming file and line of everything that is wrong in it, whatever the command asks of it.
    """
    path = _path()
    if path is None:
        return Config(None, load_policy())
    file = read_toml(path)
    lang = file.data.get("lang")
    if lang in LANGUAGES and not SESSION.lang_given:
        choose(lang)
    keys = _keys(file)
    if keys.jobs:
        import_module(JOBS).read_jobs(keys.jobs, file)
    return Config(
        path=path,
        policy=_policy(path, file, keys),
        catalog=None if keys.catalog is None else catalog_at(path.parent, keys.catalog),
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
    """All keys of the file but the policy's, which the policy reads."""
    own = {key: value for key, value in file.data.items() if key not in Policy.model_fields}
    try:
        return _Keys.model_validate(own)
    except ValidationError as error:
        mistakes = mistakes_in(error, _Keys, beside=Policy.model_fields)
        raise refusal(WRONG, mistakes, file, remedy=REMEDY) from None


def _policy(path: Path, file: TomlFile, keys: _Keys) -> Policy:
    """The policy of this file, or of the one that it names: never a blend of two."""
    if keys.policy is None:
        return load_policy(path, beside=_Keys.model_fields)
    if twice := [Mistake((key,), THERE()) for key in file.data if key in Policy.model_fields]:
        raise refusal(TWICE, twice, file, remedy=TWICE_REMEDY)
    return load_policy(path.parent / keys.policy.file)


def _beside(path: Path, value: str | None) -> Path | None:
    return None if value is None else path.parent / value


def catalog_at(folder: Path, said: str) -> str:
    """A catalog that a configuration in that folder names: an address as it stands, or a path."""
    return said if "://" in said or only_spark_reads(said) else str(folder / said)
