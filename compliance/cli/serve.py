"""`gate serve`: the decision service."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.config import load_config
from compliance.cli.console import say
from compliance.cli.language import Message, language
from compliance.cli.publishing import blocklist_folder
from compliance.cli.singles import NEITHER, NEITHER_REMEDY, STATE
from compliance.errors import EXIT_CLEAR, ConfigurationError

HELP = Message(
    "判定服务：发布系统在上线前逐个或成批询问。需要口令文件；每个答复先入库再发出。",
    "The decision service: publishing systems ask it before a title goes online. Needs a file of tokens;"
    " every answer is logged before it leaves.",
)
HOST = Message("监听地址", "address to listen on")
PORT = Message("端口", "port")
WORKERS = Message("进程数", "worker processes")
TOKENS = Message("口令文件；默认为输出文件夹中的 tokens.json", "file of tokens; default: tokens.json in the out folder")
LOG = Message(
    "判定记录库（SQLite）；默认为输出文件夹中的 ledger/decisions.sqlite",
    "database of the decision log (SQLite); default: ledger/decisions.sqlite in the out folder",
)
RATE = Message("每个口令每秒请求数上限", "requests a second of one token")
NEW_TOKEN = Message("新建一个口令并退出；口令只显示这一次", "make a token of this name and exit; it is shown this once")
SCOPE = Message("新口令的权限（可多次）：read、decide", "scope of the new token (may be repeated): read, decide")
DAYS = Message("新口令的有效天数", "days for which the new token is valid")
NO_LIBRARIES = Message("没有安装服务所需的库", "the libraries of the service are not installed")
INSTALL = Message("安装 microdrama-gate[service]", "install microdrama-gate[service]")
NO_FOLDER = Message("{path} 不是文件夹", "{path} is no folder")
NO_FOLDER_REMEDY = Message("指定 gate audit --out 写出的文件夹", "name the folder that `gate audit --out` wrote to")
BAD_SCOPE = Message("没有权限 {scope}；可选 read、decide", "there is no scope {scope}; there are read and decide")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def serve(
    state: Annotated[Path | None, typer.Option("--state", metavar="DIR", help=STATE())] = None,
    host: Annotated[str, typer.Option("--host", help=HOST())] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help=PORT())] = 8080,
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help=WORKERS())] = 1,
    tokens: Annotated[Path | None, typer.Option("--tokens", metavar="FILE", help=TOKENS())] = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="FILE", help=LOG())] = None,
    rate: Annotated[float, typer.Option("--rate", min=1, help=RATE())] = 5_000,
    as_of: options.AsOf = None,
    new_token: Annotated[str | None, typer.Option("--new-token", metavar="NAME", help=NEW_TOKEN())] = None,
    scope: Annotated[list[str] | None, typer.Option("--scope", help=SCOPE())] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help=DAYS())] = 365,
) -> int:
    """Serve until stopped, or make a token."""
    if any(find_spec(name) is None for name in ("litestar", "granian", "prometheus_client")):
        raise ConfigurationError(NO_LIBRARIES(), remedy=INSTALL())
    config = load_config()
    out = state or config.out
    if out is None:
        raise ConfigurationError(NEITHER(), remedy=NEITHER_REMEDY())
    if not out.is_dir():  # a misspelt one would get tokens of its own
        raise ConfigurationError(NO_FOLDER(path=out), remedy=NO_FOLDER_REMEDY())
    token_file = tokens or out / "tokens.json"
    if new_token is not None:
        say(_new_token(token_file, new_token, scope or ["read", "decide"], days))
        return EXIT_CLEAR

    from compliance.service.serving import serve as answer
    from compliance.service.settings import ServiceSettings

    settings = ServiceSettings(
        out=out.absolute(),
        blocklist=blocklist_folder(config, out).absolute(),
        tokens=token_file.absolute(),
        log=(log or out / "ledger" / "decisions.sqlite").absolute(),
        ledger_folder=config.ledger.folder.absolute() if config.ledger.folder else None,
        ledger_url=config.ledger.url,
        ledger_keys=config.ledger.keys.absolute() if config.ledger.keys else None,
        policy=config.policy_file,
        policy_beside=config.policy_beside,
        language=language(),
        as_of=as_of.date() if as_of else None,
        requests_a_second=rate,
    )
    answer(settings, host=host, port=port, workers=workers)
    return EXIT_CLEAR


def _new_token(path: Path, name: str, scopes: list[str], days: int) -> str:
    from compliance.service.tokens import SCOPES, new_token

    if wrong := [scope for scope in scopes if scope not in SCOPES]:
        raise ConfigurationError(BAD_SCOPE(scope=wrong[0]))
    chosen: Any = tuple(dict.fromkeys(scopes))
    return new_token(path, name, chosen, clock.now() + timedelta(days=days))
