"""`gate report`: the reports of a run again, in another language or as a PDF."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from compliance.cli import options
from compliance.cli.audit import NO_OUT, given
from compliance.cli.config import load_config
from compliance.cli.console import progress, say
from compliance.cli.language import Message, language
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR

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
WRITING = Message("生成报告", "writing the reports")
WROTE = Message("报告在 {path}", "the reports are in {path}")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def report(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help=RUN())] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help=PDF())] = False,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help=TO())] = None,
    out: options.Out = None,
) -> int:
    """Exit 0: that something is blocked was told by the audit."""
    from compliance import reports
    from compliance.outputs import amended, find_run
    from compliance.rules.loading import load_rules

    config = load_config()
    where = out or config.out
    named = find_run(run or str(given(out, config.out, NO_OUT, option="RUN", key="out")), where)
    background = None
    if named.out is not None and (ledger := ledger_for(config, named.out)).exists():
        summary = json.loads((named.folder / "summary.json").read_text(encoding="utf-8"))
        background = reports.background_of(ledger, summary["run_id"])
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
    with progress() as tell, amended(named) if to is None else nullcontext(to) as target:
        tell(WRITING())
        reports.render_reports(
            named.folder, load_rules(), config.policy, language(), background=background, into=target, pdf=pdf
        )
    say(WROTE(path=to or named.out or named.folder))
    return EXIT_CLEAR
