"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from compliance.catalog.schema import EARLIEST_YEAR, LATEST_YEAR
from compliance.cli.language import Message
from compliance.errors import ConfigurationError

JSON = Message("以 JSON 输出", "print JSON")
CATALOG = Message(
    "片库：Parquet 文件夹，或 SQLAlchemy URL；默认取自配置",
    "a folder of Parquet files, or an SQLAlchemy URL; default: the configuration's",
)
OUT = Message("输出文件夹；默认取自配置", "folder for the outputs; default: the configuration's")
AS_OF = Message(
    "按这一天判定（YYYY-MM-DD）；默认为上海时间的今天",
    "judge as of this day (YYYY-MM-DD); default: today in Asia/Shanghai",
)
MAPPING = Message(
    "把本平台的表映射为片库的 SQL 文件夹（每个关系一个文件）",
    "folder with one SQL file a relation that maps your own tables",
)
MEMORY = Message("内存上限，如 3GB；超出部分写临时文件", "memory limit such as 3GB; beyond it the run spills to disk")
THREADS = Message("线程数；默认用全部处理器", "threads; default: all processors")

OUT_OF_RANGE = Message(
    "--as-of {day} 不在 {first} 年至 {last} 年之间", "--as-of {day} lies outside the years {first} to {last}"
)


def _within_the_years_of_a_catalog(as_of: datetime | None) -> datetime | None:
    """Raises ConfigurationError for a day that no row of a catalog could have: it is a slip of the pen."""
    if as_of is not None and not EARLIEST_YEAR <= as_of.year <= LATEST_YEAR:
        raise ConfigurationError(OUT_OF_RANGE(day=as_of.date(), first=EARLIEST_YEAR, last=LATEST_YEAR))
    return as_of


AsJson = Annotated[bool, typer.Option("--json", help=JSON())]
Catalog = Annotated[str | None, typer.Option("--catalog", metavar="URI", help=CATALOG())]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help=OUT())]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        help=AS_OF(),
        callback=_within_the_years_of_a_catalog,
    ),
]
Mapping = Annotated[Path | None, typer.Option("--mapping", metavar="DIR", help=MAPPING())]
Memory = Annotated[str | None, typer.Option("--memory", metavar="SIZE", help=MEMORY())]
Threads = Annotated[int | None, typer.Option("--threads", min=1, metavar="N", help=THREADS())]
