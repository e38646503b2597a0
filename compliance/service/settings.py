"""How one service runs; handed to its worker processes as JSON in the environment."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from compliance.errors import ConfigurationError
from compliance.language import worded

VARIABLE = "GATE_SERVICE"


class ServiceSettings(BaseModel):
    """Where the state, the tokens and the log are, and how much the service takes on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    """The out folder of the audits."""
    blocklist: Path
    """The folder of the block list that the audits publish."""
    tokens: Path
    log: Path
    """The SQLite database of the decision log."""
    ledger_folder: Path | None = None
    """The folder of the ledger with its waivers; None: in the out folder."""
    ledger_url: str | None = None
    """The ledger's database, where it is not in its folder."""
    ledger_keys: Path | None = None
    """The folder with the ledger's public key; None: in its folder."""
    policy: Path | None = None
    """The file of the platform's own policy."""
    policy_beside: tuple[str, ...] = ()
    """Top-level keys of that file that are no part of the policy."""
    language: str = "zh"
    as_of: date | None = None
    """The day judged; None: today in Asia/Shanghai, whenever asked."""
    requests_a_second: float = Field(default=5_000, gt=0)
    """Of one token; as many may come at once."""
    waiting_answers: int = Field(default=2_000, gt=0)
    """Answers that may wait for the log before more are refused."""
    body_bytes: int = Field(default=4_000_000, gt=0)
    body_seconds: float = Field(default=5, gt=0)
    """A client that takes longer to send a body is cut off."""
    look_seconds: float = Field(default=1, gt=0)
    """How often the service looks for a new state."""
    fixed: str | None = None
    """What `compliance.service.fixed` made of program, policy and tokens at the start; None: not asked about."""


def to_environment(settings: ServiceSettings) -> None:
    """Leave the settings for the worker processes."""
    os.environ[VARIABLE] = settings.model_dump_json()


def from_environment() -> ServiceSettings:
    """The settings that the parent process left. Raises ConfigurationError where there are none."""
    text = os.environ.get(VARIABLE)
    if text is None:
        raise ConfigurationError(
            worded("服务没有设置", "the service has no settings"),
            remedy=worded("用 gate serve 启动", "start it with `gate serve`"),
        )
    return ServiceSettings.model_validate_json(text)
