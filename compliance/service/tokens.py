"""Who may ask: tokens with scopes and a last day. The file holds their hashes, never a token."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from compliance.errors import ConfigurationError
from compliance.language import worded

Scope = Literal["read", "decide"]
SCOPES: tuple[Scope, ...] = ("read", "decide")


class Token(BaseModel):
    """What a token allows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    scopes: tuple[Scope, ...] = Field(min_length=1)
    expires_at: AwareDatetime

    def is_valid_at(self, instant: datetime) -> bool:
        """Whether the token may still be used."""
        return instant < self.expires_at


_TOKENS = TypeAdapter(list[Token])


def load_tokens(path: Path) -> dict[str, Token]:
    """The tokens of a file by hash. Raises ConfigurationError where it is missing, wrong or names no token."""
    try:
        tokens = _TOKENS.validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            worded(f"{path}：令牌无法读取：{error}", f"{path}: the tokens cannot be read: {error}"),
            remedy=worded("用 gate serve --new-token 名称 生成", "make one with `gate serve --new-token NAME`"),
        ) from None
    except ValidationError as error:
        # The values are left out: a token pasted in by mistake must not come to light in a log.
        problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
        raise ConfigurationError(
            worded(f"{path}：有 {error.error_count()} 处错误", f"{path}: {error.error_count()} mistake(s)"),
            problems=problems,
        ) from None
    if not tokens:
        raise ConfigurationError(
            worded(f"{path}：没有令牌", f"{path}: no token"),
            remedy=worded("用 gate serve --new-token 名称 生成", "make one with `gate serve --new-token NAME`"),
        )
    return {token.sha256: token for token in tokens}


def new_token(path: Path, name: str, scopes: Sequence[Scope], expires_at: datetime) -> str:
    """Add a token to the file and return it: it is shown once and stands nowhere.

    Raises ConfigurationError for a name that is taken.
    """
    tokens = list(load_tokens(path).values()) if path.exists() else []
    if any(token.name == name for token in tokens):
        raise ConfigurationError(
            worded(f"{path}：已有名为 {name} 的令牌", f"{path}: there is a token named {name}"),
            remedy=worded("换一个名字", "choose another name"),
        )
    secret = f"gate_{secrets.token_urlsafe(32)}"
    added = Token(name=name, sha256=hashed(secret), scopes=tuple(scopes), expires_at=expires_at.astimezone(UTC))
    text = json.dumps([token.model_dump(mode="json") for token in (*tokens, added)], ensure_ascii=False, indent=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    following = path.with_name(f".{path.name}.next")
    descriptor = os.open(following, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    following.replace(path)
    return secret


def hashed(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
