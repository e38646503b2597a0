"""`gate demo`: a sample catalog, audited from end to end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.audit import say_summary
from compliance.cli.console import progress, say, say_json
from compliance.cli.language import Message, language
from compliance.errors import ConfigurationError

if TYPE_CHECKING:
    from compliance.verdicts.summary import Summary

HELP = Message(
    "生成样例片库（含每条规则的违规）并审核，最后说明拦截名单和报告在哪里。",
    "Make a sample catalog with violations of every rule, audit it, and say where block list and report are.",
)
OUT = Message("输出文件夹", "folder for the sample and the outputs")
TITLES = Message("样例剧目数", "titles in the sample")
MAKING = Message("生成 {titles:,} 部样例剧目", "making a sample of {titles:,} titles")
SAMPLE = Message("样例片库", "sample catalog")
BLOCK_LIST = Message("拦截名单", "block list")
REPORT = Message("报告", "report")
NEXT = Message(
    "审核自己的片库：gate audit --catalog 片库 --out 输出文件夹",
    "To audit your own catalog: gate audit --catalog URI --out DIR",
)

NOT_MINE = Message("{path} 中已有并非样例的文件", "{path} holds files that are no sample")
ELSEWHERE = Message("用 --out 指定别的文件夹", "name another folder with --out")
_MARK = ".sample"
"""Stands in the folder of a sample: only that may be written over."""

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help=OUT())] = Path("demo-out"),
    titles: Annotated[int, typer.Option("--titles", min=1, metavar="N", help=TITLES())] = 20_000,
    as_json: options.AsJson = False,
) -> None:
    """Exit 0 whatever the audit found: finding it is what the sample is for."""
    from compliance import runs
    from compliance.out_folder import prepare
    from compliance.policy import load_policy
    from compliance.sample import write_sample

    policy = load_policy()
    # Before the newest regime is in force, the sample shows the day on which it comes into force.
    newest = max(period.from_ for regime in policy.regimes for period in regime.periods)
    catalog, as_of = _catalog(out), max(clock.today(), newest)
    prepare(out)
    _claim(catalog)
    with runs.telling_what_stands(out, None):
        with progress() as tell:
            tell(MAKING(titles=titles))
            write_sample(catalog, titles, as_of=as_of)
            wanted = runs.Audit(catalog=str(catalog), out=out, as_of=as_of, policy=policy, language=language())
            summary = runs.audit(wanted, progress=tell)
        _say(summary, out, as_json=as_json)


def _say(summary: Summary, out: Path, *, as_json: bool) -> None:
    made = {
        "catalog": (SAMPLE, _catalog(out)),
        "block_list": (BLOCK_LIST, out / "block_list.csv"),
        "report_html": (REPORT, out / "report.html"),
        "report_xlsx": (REPORT, out / "report.xlsx"),
    }
    if as_json:
        say_json({**summary.as_json(), "paths": {name: str(path) for name, (_, path) in made.items()}})
        return
    say_summary(summary)
    say()
    for what, path in made.values():
        say(f"{what()}: {path}")
    say(NEXT())


def _catalog(out: Path) -> Path:
    return out / "catalog"


def _claim(catalog: Path) -> None:
    """Take a folder for the sample, and mark it. Raises ConfigurationError where it holds anything else."""
    mark = catalog / _MARK
    if catalog.is_dir() and any(catalog.iterdir()) and not mark.exists():
        raise ConfigurationError(NOT_MINE(path=catalog), remedy=ELSEWHERE())
    catalog.mkdir(exist_ok=True)
    mark.touch()
