"""What stays as it was when the service started: program, rules, policy, tokens. All workers answer by the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from compliance.engines.program import judged_by
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.policy import Policy, load_policy
from compliance.service.settings import ServiceSettings
from compliance.service.tokens import Token, load_tokens


def with_fixed(settings: ServiceSettings) -> ServiceSettings:
    """The settings with the mark of what is fixed by now. Raises ConfigurationError where it cannot be used."""
    policy = load_policy(settings.policy, beside=settings.policy_beside)
    return settings.model_copy(update={"fixed": _mark(policy, load_tokens(settings.tokens))})


def refuse_others(settings: ServiceSettings, policy: Policy, tokens: Mapping[str, Token]) -> None:
    """Raise ConfigurationError where a worker has read something else than there was when the service started.

    Such a worker comes in the place of one that has died: by a policy changed since then it would give other answers
    than the workers beside it.
    """
    if settings.fixed is not None and _mark(policy, tokens) != settings.fixed:
        raise ConfigurationError(
            worded(
                "服务启动之后，政策、规则、令牌或程序有改动：本进程不应答",
                "policy, rules, tokens or program have changed since the service started: this worker does not serve",
            ),
            remedy=worded(
                "重启服务：所有进程即按现有内容应答",
                "start the service again: all workers then answer by what is there now",
            ),
        )


def _mark(policy: Policy, tokens: Mapping[str, Token]) -> str:
    lines = [judged_by(policy), *(tokens[key].model_dump_json() for key in sorted(tokens))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
