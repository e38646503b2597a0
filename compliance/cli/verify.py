"""`gate verify`: prove that the ledger is what was written, and the register's own numbers what the ledger says."""

from __future__ import annotations

from dataclasses import replace

import typer

from compliance.cli.config import load_config
from compliance.cli.console import say, say_json
from compliance.cli.language import Message
from compliance.cli.ledgers import existing_ledger
from compliance.cli.options import AsJson, Out
from compliance.cli.register import Database, database
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE

HELP = Message(
    "离线验证台账：哈希链、签名、每次审核的判定、登记库中本平台分配的编号；指出第一处断点。",
    "Prove the ledger offline: hash chain, signed head, the verdicts of each run, the own numbers in the register;"
    " names the first broken link.",
)
HOLDS = Message("台账完好：{entries:,} 条，{runs:,} 次审核", "the ledger holds: {entries:,} entries, {runs:,} runs")
BROKEN = Message(
    "台账有 {count:,} 处与写入时不符，第一处：", "the ledger is not what was written, at {count:,} places:"
)
AT = Message("第 {seq} 条：{says}", "entry {seq}: {says}")
SHOWN = 20

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def verify(out: Out = None, at: Database = None, as_json: AsJson = False) -> int:
    """Exit 0 where everything holds, 3 where something does not."""
    config = load_config()
    ledger = existing_ledger(config, out)

    from compliance.ledger.verification import verify_ledger
    from compliance.register.recording import unlike_numbers

    found = verify_ledger(ledger)
    found += unlike_numbers(ledger, database(at, replace(config, out=out or config.out)))
    entries = ledger.entries()
    runs = sum(entry.kind == "run" for entry in entries)
    if as_json:
        breaks = [{"seq": one.seq, "says": one.says} for one in found]
        say_json({"holds": not found, "entries": len(entries), "runs": runs, "breaks": breaks})
    elif not found:
        say(HOLDS(entries=len(entries), runs=runs))
    else:
        say(BROKEN(count=len(found)))
        for one in found[:SHOWN]:
            say("  " + (one.says if one.seq is None else AT(seq=one.seq, says=one.says)))
    return EXIT_INCOMPLETE if found else EXIT_CLEAR
