"""`gate audit`: the nightly audit of a whole catalog."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.config import MEMORY_PATTERN, Config, load_config
from compliance.cli.console import progress, say, say_json, say_table
from compliance.cli.language import Message, language
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_HELD, ConfigurationError

if TYPE_CHECKING:
    from compliance.verdicts.summary import Summary

HELP = Message(
    "审核整个片库，写出判定、拦截名单与报告；要么全部更新，要么保持原样。",
    "Judge a whole catalog; write verdicts, block list and reports, all together or not at all.",
)
ENGINE = Message(
    "执行引擎：duckdb（本机）、spark（集群）、postgres（在数据库内）；默认取自配置，否则为 duckdb",
    "engine: duckdb (this machine), spark (a cluster), postgres (inside the database);"
    " default: the configuration's, else duckdb",
)
MASTER = Message(
    "Spark 集群地址，如 spark://host:7077 或 local[*]；默认取自配置",
    "Spark's cluster, such as spark://host:7077 or local[*]; default: the configuration's",
)
INCREMENTAL = Message(
    "只审核上次运行以来可能受变化影响的剧目，其余沿用上次判定；结果与全量审核逐行相同。没有可用的上次状态时做全量审核",
    "judge only what changes since the last run may touch and carry the rest; the outputs equal a full audit's, row by"
    " row. Where the last run left nothing to carry on from, judge everything",
)
PROVE = Message(
    "全量审核，并逐行核对增量审核的结果是否相同；差异写入 summary.json",
    "judge everything, and tell in summary.json whether an incremental audit says the same, row by row",
)
NO_REPORTS = Message("不生成 HTML 与 Excel 报告", "leave out the HTML and Excel reports")
NO_PUBLISH = Message(
    "不发布拦截名单的新版本（gate blocklist publish 可补发）",
    "publish no new version of the block list (gate blocklist publish does it later)",
)
STATE = Message(
    "是否留下单剧目判定（gate check、gate serve）所需的状态；默认仅在片库不超过 20 万部时留下",
    "whether to leave the state by which gate check and gate serve decide; by default for up to 200,000 titles",
)
EXIT_ZERO = Message("有拦截或待审时也返回 0", "exit 0 also where titles are blocked or held")
NO_CATALOG = Message("没有指定片库", "no catalog is given")
NO_OUT = Message("没有指定输出文件夹", "no folder for the outputs is given")
SAY_IT = Message("用 {option} 指定，或写入配置的 {key}", "give {option}, or set {key} in the configuration")
BAD_MEMORY = Message("内存上限 {value} 无法识别", "the memory limit {value} is not understood")
MEMORY_REMEDY = Message("写成 3GB、512MB 这样", "write it like 3GB or 512MB")

JUDGED = Message(
    "按 {as_of} 判定 {judged:,} 部：放行 {allow:,} · 待审 {hold:,} · 拦截 {block:,}"
    "（已下线 {offline:,}，非微短剧 {other:,}，隔离 {quarantined:,} 行）",
    "as of {as_of}, {judged:,} titles judged: {allow:,} allowed · {hold:,} held · {block:,} blocked"
    " ({offline:,} offline, {other:,} of another kind, {quarantined:,} rows quarantined)",
)
RULE_HEADERS = (
    Message("规则", "rule"),
    Message("不合规", "fail"),
    Message("无法判定", "unknown"),
    Message("已判定", "evaluated"),
)
STALE = Message(
    "登记库过期或缺失：{systems}；需要它们的规则无法判定 → 导入最新导出",
    "stale or absent in the register: {systems}; the rules that need them are unknown → import new extracts",
)
RULES_OFF = Message("停用的规则：{rules}", "rules that are off: {rules}")
PUBLISHING = Message("发布拦截名单", "publishing the block list")
WROTE = Message("结果在 {path}", "the outputs are in {path}")

T = TypeVar("T")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def audit(
    catalog: options.Catalog = None,
    out: options.Out = None,
    as_of: options.AsOf = None,
    engine: Annotated[str | None, typer.Option("--engine", metavar="NAME", help=ENGINE())] = None,
    master: Annotated[str | None, typer.Option("--master", metavar="URL", help=MASTER())] = None,
    incremental: Annotated[bool, typer.Option("--incremental", help=INCREMENTAL())] = False,
    prove: Annotated[bool, typer.Option("--prove-incremental", help=PROVE())] = False,
    no_reports: Annotated[bool, typer.Option("--no-reports", help=NO_REPORTS())] = False,
    state: Annotated[bool | None, typer.Option("--state/--no-state", help=STATE())] = None,
    no_publish: Annotated[bool, typer.Option("--no-publish", help=NO_PUBLISH())] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help=EXIT_ZERO())] = False,
    as_json: options.AsJson = False,
    mapping: options.Mapping = None,
    memory: options.Memory = None,
    threads: options.Threads = None,
) -> int:
    """Judge the catalog, print what was found, and return the exit code of the contract (section 3)."""
    config = load_config()
    where = given(out, config.out, NO_OUT, option="--out", key="out")

    from compliance import runs
    from compliance.cli.evidence import folder_for
    from compliance.cli.ledgers import ledger_for
    from compliance.cli.publishing import publication_json, publisher_for, say_publication

    publisher = None if no_publish else publisher_for(config, where)
    wanted = runs.Audit(
        catalog=given(catalog, config.catalog, NO_CATALOG, option="--catalog", key="catalog"),
        out=where,
        as_of=as_of.date() if as_of else clock.today(),
        policy=config.policy,
        mapping=mapping or config.mapping,
        memory=memory_limit(memory, config),
        threads=threads or config.threads,
        engine=engine or config.engine,
        cluster=replace(config.cluster, master=master) if master else config.cluster,
        reports=not no_reports,
        incremental=incremental,
        prove=prove,
        state=state,
        language=language(),
        ledger=ledger_for(config, where),
        evidence=folder_for(config, where),
        publisher=publisher,
    )
    with runs.telling_what_stands(where, publisher):
        with progress() as tell:
            summary = runs.audit(wanted, progress=tell)
            publication = None
            if publisher is not None:
                tell(PUBLISHING())
                publication = runs.publish(publisher, where, config.policy)
        if as_json:
            say_json({**summary.as_json(), "publication": publication_json(publication)})
        else:
            say_summary(summary)
            say(WROTE(path=where))
            say_publication(publication)
    code = EXIT_HELD if publication is not None and publication.held else summary.exit_code()
    return EXIT_CLEAR if exit_zero and code == EXIT_FOUND else code


def given(said: T | None, configured: T | None, missing: Message, *, option: str, key: str) -> T:
    """What the command line says, else the configuration. Raises ConfigurationError where neither says it."""
    value = configured if said is None else said
    if value is None:
        raise ConfigurationError(missing(), remedy=SAY_IT(option=option, key=key))
    return value


def memory_limit(said: str | None, config: Config) -> str:
    """The memory limit in DuckDB's spelling. Raises ConfigurationError for what is not one."""
    if said is not None and not re.fullmatch(MEMORY_PATTERN, said):
        raise ConfigurationError(BAD_MEMORY(value=said), remedy=MEMORY_REMEDY())
    return said or config.memory or "3GB"


def say_summary(summary: Summary) -> None:
    """Print the counts, then every rule that found something, the most frequent first."""
    say(JUDGED(as_of=summary.as_of, **summary.counts))
    found = sorted(
        ((rule, counts) for rule, counts in summary.rules.items() if counts.fail or counts.unknown),
        key=lambda pair: (-pair[1].fail - pair[1].unknown, pair[0]),
    )
    if summary.stale_systems:
        say(STALE(systems=", ".join(summary.stale_systems)))
    for note in summary.notes:
        say(note)
    if found:
        say_table(
            [header() for header in RULE_HEADERS],
            [(rule, f"{c.fail:,}", f"{c.unknown:,}", f"{c.evaluated:,}") for rule, c in found],
            numbers=(1, 2, 3),
        )
    if off := [rule for rule, counts in summary.rules.items() if counts.off]:
        say(RULES_OFF(rules=", ".join(off)))
