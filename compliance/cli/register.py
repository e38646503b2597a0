"""`gate register`: extracts of the filing systems in, upload lists out, the platform's own numbers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.config import Config, load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message, language
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.register.importing import Imported
    from compliance.register.store import Store

APP_HELP = Message("备案登记库：导入、导出、上报、编号", "the register: extracts in, upload lists out, own numbers")
IMPORT_HELP = Message(
    "把备案系统导出的 Excel 或 CSV 导入登记库：全部落定，或保持原样。",
    "Take Excel or CSV extracts of a filing system into the register: all of it or nothing.",
)
EXPORT_HELP = Message(
    "把登记库写成片库的 register 关系，供 gate audit 使用。",
    "Write the register as a catalog's relation, for gate audit.",
)
STATUS_HELP = Message("各备案系统的行数与新旧。", "How many rows of each filing system are held, and how old they are.")
FILES = Message("同一次导出的全部文件", "all files of one extract")
SYSTEM = Message("备案系统：key 重点、ordinary 普通、other 其他", "the filing system: key, ordinary or other")
DATABASE = Message(
    "登记库所在数据库（SQLite 或 PostgreSQL）；默认取自配置 [ledger] url，否则为台账文件夹中的 register.sqlite",
    "database (SQLite or PostgreSQL); default: [ledger] url of the configuration, else register.sqlite in the"
    " ledger's folder",
)
EXTRACTED_ON = Message(
    "导出日期；默认取自文件，否则为今天", "the day it was taken; default: what the files say, else today"
)
PARTIAL = Message(
    "只含部分行（增量或改正后的拒收行）：其余行不视为退出", "it holds only some of the rows: none of the others ends"
)
SHRUNKEN = Message("接受行数大减的数据", "accept that many rows are gone")
STALE = Message("接受过期或早于上一次的数据", "accept an extract that is old, or older than the one before")
MISPLACED = Message("接受多数备案号属于其他备案系统的数据", "accept that most numbers belong to another filing system")
COLUMN = Message(
    "指定某一列，如 permit_number=文号（可多次）", "name a column, such as permit_number=文号 (may be repeated)"
)
REJECTED = Message("拒收行写到哪里（.csv 或 .xlsx）", "where rejected rows are written (.csv or .xlsx)")
OUT_FILE = Message("写到哪个文件（.parquet、.csv、.xlsx）", "file to write (.parquet, .csv or .xlsx)")
ONLY = Message("只要这一系统", "only this system")
NO_SYSTEM = Message(
    "没有 {system} 这个备案系统；可选 key、ordinary、other",
    "there is no system {system}; there are key, ordinary, other",
)
NO_PLACE = Message("没有指定登记库所在的数据库", "no database for the register is given")
PLACE_REMEDY = Message(
    "用 --database 指定，或写入配置的 [ledger] url 或 out",
    "give --database, or set [ledger] url or out in the configuration",
)
LANDED = Message(
    "{rows:,} 行：新增 {imported:,} · 更新 {updated:,} · 未变 {unchanged:,}（重复 {repeated:,}）· 拒收 {rejected:,}；"
    "退出 {ended:,}。登记库现有 {held:,} 行（{systems}）。",
    "{rows:,} rows: {imported:,} imported · {updated:,} updated · {unchanged:,} unchanged"
    " ({repeated:,} repeated) · {rejected:,} rejected; {ended:,} ended. {held:,} rows are held of {systems}.",
)
REJECTS_AT = Message(
    "拒收行在 {path}，改正后用 --partial 再导入。",
    "The rejected rows are in {path}: correct them and import them with --partial.",
)
CONFLICT = Message(
    "同号异名：{number}  {system}《{title_name}》 / {other_system}《{other_title_name}》",
    "one number, two titles: {number}  {system}: {title_name} / {other_system}: {other_title_name}",
)
OVERRULED = Message("已按要求放行：{guards}", "accepted on request: {guards}")
EXPORTED = Message("{rows:,} 行写入 {path}", "{rows:,} rows written to {path}")
STATUS_HEADERS = (
    Message("系统", "system"),
    Message("行数", "rows"),
    Message("导出时间", "taken at"),
    Message("天数", "days"),
    Message("状态", "state"),
)
STATES = {
    "fresh": Message("有效", "fresh"),
    "stale": Message("过期：相关规则无法判定", "stale: its rules are unknown"),
    "absent": Message("没有：相关规则无法判定", "absent: its rules are unknown"),
    "ahead": Message(
        "日期在将来：新旧无从得知，请重新导入", "dated in the future: how old it is nobody can tell; import it anew"
    ),
}

app = typer.Typer(help=APP_HELP(), no_args_is_help=True, add_completion=False)

Database = Annotated[str | None, typer.Option("--database", metavar="URL", help=DATABASE())]


def database(said: str | None, config: Config) -> Store:
    """The gate's database. Raises ConfigurationError where nothing says where it is."""
    from compliance.register.store import Store, beside_ledger

    if url := said or config.ledger.url:
        return Store(url)
    if config.ledger.folder is None and config.out is None:
        raise ConfigurationError(NO_PLACE(), remedy=PLACE_REMEDY())
    return Store(beside_ledger(config.ledger.folder or (config.out or Path()) / "ledger"))


def known_system(system: str | None) -> str | None:
    """Raises ConfigurationError for a system that there is not."""
    from compliance.catalog.schema import SYSTEMS

    if system is not None and system not in SYSTEMS:
        raise ConfigurationError(NO_SYSTEM(system=system))
    return system


@app.command("import", help=IMPORT_HELP())
def import_(
    files: Annotated[list[Path], typer.Argument(help=FILES())],
    system: Annotated[str | None, typer.Option("--system", help=SYSTEM())] = None,
    extracted_on: Annotated[
        datetime | None, typer.Option("--extracted-on", formats=["%Y-%m-%d"], metavar="DATE", help=EXTRACTED_ON())
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help=PARTIAL())] = False,
    accept_shrunken: Annotated[bool, typer.Option("--accept-shrunken", help=SHRUNKEN())] = False,
    accept_stale: Annotated[bool, typer.Option("--accept-stale", help=STALE())] = False,
    accept_misplaced: Annotated[bool, typer.Option("--accept-misplaced", help=MISPLACED())] = False,
    column: Annotated[list[str] | None, typer.Option("--column", metavar="FIELD=HEADER", help=COLUMN())] = None,
    rejected: Annotated[Path | None, typer.Option("--rejected", metavar="FILE", help=REJECTED())] = None,
    at: Database = None,
    as_json: options.AsJson = False,
) -> int:
    """Import and tell where the rows landed; exit 3 where some were rejected."""
    config = load_config()
    store = database(at, config)

    from compliance.register import guards
    from compliance.register.headers import chosen_columns
    from compliance.register.importing import Extract, import_extract

    accepted = {
        guards.SHRUNKEN: accept_shrunken,
        guards.STALE: accept_stale,
        guards.MISPLACED: accept_misplaced,
    }
    extract = Extract(
        files,
        system=known_system(system),
        extracted_on=extracted_on.date() if extracted_on else None,
        partial=partial,
        accepted=frozenset(guard for guard, said in accepted.items() if said),
        columns=chosen_columns(column or ()),
        rejected=rejected,
        language=language(),
    )
    imported = import_extract(
        store, extract, policy=config.policy, now=clock.wall_time(), memory=config.memory or "2GB"
    )
    if as_json:
        say_json(imported.as_json())
    else:
        _tell(imported)
    return EXIT_INCOMPLETE if imported.counts.rejected else EXIT_CLEAR


def _tell(imported: Imported) -> None:
    told: dict[str, Any] = imported.as_json()
    for note in imported.notes:
        say(note)
    say(LANDED(**told | {"systems": ", ".join(imported.systems)}))
    if imported.rejected_file:
        say(REJECTS_AT(path=imported.rejected_file))
    for conflict in told["conflicts"]:
        say(CONFLICT(**conflict))
    if imported.overruled:
        say(OVERRULED(guards=", ".join(imported.overruled)))


@app.command("export", help=EXPORT_HELP())
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help=OUT_FILE())],
    system: Annotated[str | None, typer.Option("--system", help=ONLY())] = None,
    at: Database = None,
) -> None:
    """Write the register's rows, those that have left their extract with status `expired`."""
    config = load_config()
    store = database(at, config)

    from compliance.register.exporting import export_register

    only = known_system(system)
    say(EXPORTED(rows=export_register(store, out, None if only is None else [only]), path=out))


@app.command("status", help=STATUS_HELP())
def status(at: Database = None, as_json: options.AsJson = False) -> int:
    """Tell how fresh each system is; exit 1 where one is stale, absent or dated in the future."""
    config = load_config()
    store = database(at, config)

    from compliance.register.held import freshness

    days = int(config.policy.number("register_fresh_days"))
    rows = freshness(store, clock.today(), days)
    if as_json:
        say_json(rows)
    else:
        say_table(
            [header() for header in STATUS_HEADERS],
            [
                (row["system"], f"{row['rows']:,}", row["extracted_at"], row["days"], STATES[row["state"]]())
                for row in rows
            ],
            numbers=(1, 3),
        )
    return EXIT_CLEAR if all(row["state"] == "fresh" for row in rows) else EXIT_FOUND
