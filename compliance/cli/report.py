"""`gate report`: the reports of a run again, in another language or as a PDF."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from compliance.cli import options
from compliance.cli.audit import NO_OUT, given
from compliance.cli.config import load_config
from compliance.cli.console import progress, say
from compliance.cli.evidence import folder_for, say_unread
from compliance.cli.language import Message, language
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR, ConfigurationError

HELP = Message(
    "重新生成一次审核的报告：HTML、Excel，加 --pdf 另出 PDF。",
    "Write the reports of a run again: HTML and Excel, with --pdf a PDF too.",
)
RUN = Message(
    "输出文件夹、某次审核的文件夹，或 --out 中某次审核的编号；默认为配置的输出文件夹的最近一次",
    "an out folder, a run's own folder, or the id of a run kept in --out; default: the last run of the configured out",
)
PDF = Message(
    "另出 PDF（需 pip install 'microdrama-gate[pdf]'）", "a PDF too (needs pip install 'microdrama-gate[pdf]')"
)
TO = Message("写入此文件夹；默认写回该次审核", "write into this folder; default: into the run")
PACK = Message("另写检查包（ZIP）到此文件", "also write an inspection pack, a ZIP, to this file")
TITLE = Message("检查包只含这部剧目（及其历次判定）", "the pack is about this title, through all its runs")
MONTH = Message("检查包含这个月的每次审核（YYYY-MM）", "the pack is about the runs of this month (YYYY-MM)")
NOTICES = Message(
    "另为每个制作机构写整改通知（Excel 与邮件正文）到此文件夹",
    "also write a notice for each producer, Excel and mail text, into this folder",
)
BAD_MONTH = Message("--month {month} 无法识别", "--month {month} is not understood")
MONTH_REMEDY = Message("写成 2026-11", "write it like 2026-11")
PACK_FIRST = Message("--title 与 --month 说明检查包的范围", "--title and --month say what a pack is about")
PACK_REMEDY = Message("同时给出 --pack FILE；两者只能选一", "give --pack FILE too, and only one of the two")
PACKED = Message("检查包：{path}", "the inspection pack is {path}")
OTHER_POLICY = Message(
    "注意：包中的政策是 {said} 版，该次审核依据的是 {judged} 版；用 gate --config 指定当时的配置可放入当时的版本",
    "note: the pack's policy is revision {said}, the run was judged by {judged}; name the configuration of that day"
    " with gate --config to pack its policy",
)
NO_FOLDER = Message("{path} 不能用作文件夹：{error}", "{path} cannot be used as a folder: {error}")
NO_FOLDER_REMEDY = Message("换一个可写的文件夹", "name a folder that can be written to")
NOTIFIED = Message("{number:,} 个制作机构的整改通知在 {path}", "notices to {number:,} producers are in {path}")
WRITING = Message("生成报告", "writing the reports")
WROTE = Message("报告在 {path}", "the reports are in {path}")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def report(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=RUN())] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help=PDF())] = False,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help=TO())] = None,
    pack: Annotated[Path | None, typer.Option("--pack", metavar="FILE", help=PACK())] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TITLE_ID", help=TITLE())] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help=MONTH())] = None,
    notices: Annotated[Path | None, typer.Option("--notices", metavar="DIR", help=NOTICES())] = None,
    out: options.Out = None,
) -> int:
    """Exit 0: that something is blocked was told by the audit."""
    from compliance import reports
    from compliance.kept_runs import amended, find_run
    from compliance.rules.loading import load_rules
    from compliance.run_files import read_summary

    _refuse_bad_scope(pack, title, month)
    config = load_config()
    where = out or config.out
    named = find_run(run or str(given(out, config.out, NO_OUT, option="RUN", key="out")), where)
    ledger = ledger_for(config, named.out) if named.out is not None else None
    ledger = ledger if ledger is not None and ledger.exists() else None
    summary = read_summary(named.folder)
    evidence = folder_for(config, named.out)
    background = reports.background_of(ledger, summary["run_id"], evidence)
    for folder in (to, notices):
        if folder is not None:
            _make(folder)
    with progress() as tell, amended(named) if to is None else nullcontext(to) as target:
        tell(WRITING())
        unread = reports.render_reports(
            named.folder, load_rules(), config.policy, language(), background=background, into=target, pdf=pdf
        )
    say(WROTE(path=to or named.out or named.folder))
    if pack is not None:
        scope = reports.Scope(title=title, month=month)
        unpacked = reports.write_pack(
            pack, named.folder, load_rules(), config.policy, ledger, scope, evidence=background.evidence
        )
        unread = unread or unpacked
        say(PACKED(path=pack))
        if (revision := reports.judged_by(named.folder)) != config.policy.revision:
            say(OTHER_POLICY(said=config.policy.revision, judged=revision))
    if notices is not None:
        number = reports.write_notices(named.folder, notices, load_rules(), language())
        say(NOTIFIED(number=number, path=notices))
    if unread is not None:
        say_unread(unread)
    return EXIT_CLEAR


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(NO_FOLDER(path=folder, error=error), remedy=NO_FOLDER_REMEDY()) from None


def _refuse_bad_scope(pack: Path | None, title: str | None, month: str | None) -> None:
    if (title or month) and (pack is None or (title and month)):
        raise ConfigurationError(PACK_FIRST(), remedy=PACK_REMEDY())
    if month is not None and not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise ConfigurationError(BAD_MONTH(month=month), remedy=MONTH_REMEDY())
