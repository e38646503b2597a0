"""What `gate doctor` says of the jobs: would anybody hear of a run that fails?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from compliance.cli.config import Config
from compliance.cli.examining import Line
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

SETTINGS = "jobs.settings"
"""Loaded by name: the jobs stand above the command line."""
JOBS = Message("任务", "jobs")
NO_LIBRARIES = Message(
    "没有安装任务信号所需的库：任务无法运行", "the jobs' libraries are not installed: none can be run"
)
INSTALL = Message("安装 microdrama-gate[signals]", "install microdrama-gate[signals]")
NOBODY = Message(
    "没有负责人 operations：运行失败时无人知晓", "there is no owner operations: nobody hears of a run that fails"
)
NAME_ONE = Message("在 [jobs.owners.operations] 中写 channels", "set channels in [jobs.owners.operations]")
SECRETS = Message("{count} 个密钥（告警渠道与 ping）可读", "{count} secret(s) of channels and pings can be read")
PROVIDE = Message(
    "按任务运行时的环境与用户检查；密钥写在变量或文件中",
    "look in the environment, and as the user, that jobs run with; provide the variable or file",
)
NOT_WRITTEN = Message("指标文件夹 {path} 不可写", "the folder of metrics, {path}, cannot be written to")
LET_WRITE = Message("给运行任务的用户写权限", "let the user that jobs run as write there")


def jobs(config: Config) -> Iterator[Line]:
    """Look at what `[jobs]` names; nothing where the file says nothing of jobs."""
    if not config.jobs:
        return
    settings = import_module(SETTINGS).settings_of(config.jobs, config.path.parent if config.path else Path())
    if find_spec("apprise") is None:
        yield Line("warn", JOBS(), NO_LIBRARIES(), INSTALL())
    if "operations" not in settings.said.owners:
        yield Line("warn", JOBS(), NOBODY(), NAME_ONE())
    places = [owner.channels for owner in settings.said.owners.values()]
    places += [terms.ping for terms in settings.said.terms.values() if terms.ping is not None]
    yield from _secrets(places)
    folder = settings.metrics
    if folder is not None and folder.exists() and not (folder.is_dir() and os.access(folder, os.W_OK)):
        yield Line("warn", JOBS(), NOT_WRITTEN(path=folder), LET_WRITE())


def _secrets(places: list[str]) -> Iterator[Line]:
    """A warning for each that cannot be read: a person's environment need not be that of the jobs."""
    readable = 0
    for place in places:
        try:
            import_module(SETTINGS).secret(place)
            readable += 1
        except ConfigurationError as error:
            yield Line("warn", JOBS(), error.message, PROVIDE())
    if readable:
        yield Line("ok", JOBS(), SECRETS(count=readable))
