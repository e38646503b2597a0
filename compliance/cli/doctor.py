"""`gate doctor`: is everything there that a run needs?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from compliance.cli import options
from compliance.cli.config import load_config
from compliance.cli.console import progress, say, say_json
from compliance.cli.language import Message

HELP = Message(
    "检查配置、政策、规则、时钟、输出文件夹、片库和备案库是否可用，并说明该怎么办。",
    "Check configuration, policy, rules, clock, outputs, catalog and register, and say what to do.",
)
READING = Message("读取片库", "reading the catalog")
LEVELS = {"ok": Message("正常", "ok"), "warn": Message("注意", "warn"), "fail": Message("不行", "FAIL")}

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def doctor(
    catalog: options.Catalog = None,
    out: options.Out = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> int:
    """Print one line for each thing looked at. Exit 0 unless something fails: then 2 or 3, as a run would."""
    config = load_config()

    from compliance.cli.checkup import checkup

    with progress() as tell:
        tell(READING())
        lines = list(
            checkup(
                config,
                catalog=catalog or config.catalog,
                out=out or config.out,
                mapping=mapping or config.mapping,
            )
        )
    if as_json:
        say_json([asdict(line) for line in lines])
    else:
        for line in lines:
            say(f"{LEVELS[line.level]():<4}  {line.about}: {line.says}")
            if line.remedy:
                say(f"      → {line.remedy}")
    return max(line.exit_code for line in lines)
