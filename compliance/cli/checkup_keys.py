"""What `gate doctor` says of keys: the ledger's, the block list's with the days its readers trust it, the service's."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from compliance import clock
from compliance.cli.config import Config
from compliance.cli.examining import Line, guarded
from compliance.cli.language import Message
from compliance.errors import EXIT_INCOMPLETE

SOON = timedelta(days=30)
KEYS = Message("密钥", "keys")
FIRST_RUN = Message("尚无台账：首次审核时生成密钥", "no ledger yet: the first audit makes its key")
LOST = Message(
    "{path} 证明曾有台账，而 {place} 中没有了：审核不会写入",
    "{path} proves that there was a ledger, but {place} holds none: no audit will write to it",
)
PUT_BACK = Message(
    "从同一份备份把数据库、head.json 和密钥一起放回；没有备份的，原样留着，用 [ledger] folder 另起台账",
    "put database, head.json and keys back together, from one backup; without one leave it as it is, and begin another"
    " ledger with [ledger] folder",
)
SIGNS = Message("台账签名密钥 {path}", "the ledger is signed with {path}")
OPEN = Message("{path} 其他用户可读", "{path} can be read by others")
CLOSE = Message("chmod 600 {path}", "chmod 600 {path}")
FOLLOWED = Message(
    "拦截名单的读者信任至 {until:%Y-%m-%d}，其根密钥至 {root:%Y-%m-%d}",
    "readers trust the block list until {until:%Y-%m-%d}, its root until {root:%Y-%m-%d}",
)
NOT_FOLLOWED = Message(
    "拦截名单自 {until:%Y-%m-%d} 起不再被读者接受", "readers have refused the block list since {until:%Y-%m-%d}"
)
AUDIT = Message("运行 gate audit，会续签", "run `gate audit`: it renews the signature")
ROTATE = Message("运行 gate blocklist rotate --root-key", "run `gate blocklist rotate --root-key`")
TOKENS = Message("{path}：{valid} 个令牌有效，{expired} 个已过期", "{path}: {valid} token(s) valid, {expired} expired")
NEW_TOKEN = Message("用 gate serve --new-token 生成新的令牌", "make a new one with `gate serve --new-token`")


def keys(config: Config, out: Path | None) -> Iterator[Line]:
    """Look at every key that is there. A key that is needed and missing, or cannot be read, fails."""
    if out is None and config.ledger.folder is None:
        return
    yield from guarded(KEYS(), lambda: _ledger(config, out))
    yield from guarded(KEYS(), lambda: _block_list(config, out))
    if out is not None and (out / "tokens.json").exists():
        yield from guarded(KEYS(), lambda: _tokens(out / "tokens.json"))


def _ledger(config: Config, out: Path | None) -> Iterator[Line]:
    from compliance.cli.ledgers import ledger_for
    from compliance.ledger.heads import HEAD
    from compliance.ledger.signing import PRIVATE, signing_key

    ledger = ledger_for(config, out)
    if not ledger.exists():
        signed = ledger.folder / HEAD
        if signed.exists():
            yield Line("fail", KEYS(), LOST(path=signed, place=ledger.place), PUT_BACK(), EXIT_INCOMPLETE)
        else:
            yield Line("ok", KEYS(), FIRST_RUN())
        return
    signing_key(ledger.keys, create=False)
    yield Line("ok", KEYS(), SIGNS(path=ledger.keys / PRIVATE))
    yield from _readable_by_others(ledger.keys)


def _block_list(config: Config, out: Path | None) -> Iterator[Line]:
    from compliance.cli.publishing import publisher_for

    publisher = publisher_for(config, out)
    if publisher.in_force() is None:
        return
    publisher.repository.keys.online()
    yield from _readable_by_others(publisher.repository.keys.folder)
    until, root = publisher.repository.expires()
    if until < clock.now():
        yield Line("warn", KEYS(), NOT_FOLLOWED(until=until), AUDIT())
    elif root < clock.now() + SOON:
        yield Line("warn", KEYS(), FOLLOWED(until=until, root=root), ROTATE())
    else:
        yield Line("ok", KEYS(), FOLLOWED(until=until, root=root))


def _readable_by_others(folder: Path) -> Iterator[Line]:
    for path in sorted(folder.glob("*.key")):
        if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield Line("warn", KEYS(), OPEN(path=path), CLOSE(path=path))


def _tokens(path: Path) -> Iterator[Line]:
    from compliance.service.tokens import load_tokens

    valid = [token.is_valid_at(clock.now()) for token in load_tokens(path).values()]
    says = TOKENS(path=path, valid=sum(valid), expired=len(valid) - sum(valid))
    yield Line("ok", KEYS(), says) if all(valid) else Line("warn", KEYS(), says, NEW_TOKEN())
