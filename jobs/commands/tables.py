"""`gate tables`: make the tables of the gate's own database ahead, by whoever owns them, or upgrade them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from compliance.cli.config import load_config
from compliance.cli.console import say
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

HELP = Message(
    "在 PostgreSQL 中建立台账、登记库和任务的表，已有的升级到本版本；由表的所有者执行，其他用户只需读写权限。",
    "Make the tables of ledger, register and jobs in PostgreSQL, or upgrade them to this version. For their owner: the"
    " gate itself then works as a user that may only read and write.",
)
DATABASE = Message(
    "所有者连接的数据库地址；默认取自配置的 [ledger] url",
    "the database's URL, with its owner's name; default: [ledger] url of the configuration",
)
NO_SERVER = Message("没有指定 PostgreSQL 数据库", "no PostgreSQL database is given")
NO_SERVER_REMEDY = Message(
    "用 --database postgresql://所有者@主机/数据库 指定；SQLite 的表由首次写入者建立",
    "name it with --database postgresql://OWNER@HOST/DATABASE; tables in SQLite are made by whoever first writes",
)
TABLES = Message("台账、登记库和任务的表", "the tables of ledger, register and jobs")
MADE = Message(
    "台账、登记库和任务的表已就绪：{place}",
    "the tables of ledger, register and jobs are as this version has them: {place}",
)

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def tables(
    database: Annotated[str | None, typer.Option("--database", metavar="URL", help=DATABASE())] = None,
) -> None:
    """Make what is not there yet; what is there keeps its rows."""
    said = database or load_config().ledger.url

    from compliance.ledger.store import Ledger
    from compliance.own_database import is_sqlite, own_url
    from compliance.register.store import Store
    from jobs.clockwork.database import Database

    if said is None or is_sqlite(own_url(said, TABLES)):
        raise ConfigurationError(NO_SERVER(), remedy=NO_SERVER_REMEDY())
    ledger, register, jobs = Ledger(Path(), url=said), Store(said), Database(said)
    ledger.make_tables()
    with register.writing():
        pass
    with jobs.transaction():
        pass
    say(MADE(place=ledger.place))
