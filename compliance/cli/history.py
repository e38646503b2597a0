"""`gate history`: every change of a title's verdict, or its verdict on a past night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.ledgers import existing_ledger
from compliance.cli.options import AsJson, Out
from compliance.errors import EXIT_CLEAR

if TYPE_CHECKING:
    from compliance.ledger import history as past

HELP = Message(
    "列出一部剧目判定的每次变化及原因；--as-of-run 问某次审核当时的判定。",
    "Every change of a title's verdict and why; --as-of-run asks what a past run had.",
)
TITLE = Message("剧目 ID", "the title's id")
AS_OF_RUN = Message("某次审核的 run_id", "the run_id of a past run")
NONE = Message("台账中没有 {title_id}，从未判定", "the ledger does not know {title_id}: it was never judged")
NOT_JUDGED = Message("{run_id} 没有判定 {title_id}", "run {run_id} did not judge {title_id}")
HEADERS = (
    Message("审核日", "as of"),
    Message("审核", "run"),
    Message("此前", "before"),
    Message("此后", "after"),
    Message("原因", "why"),
)
VERDICT = Message("{run_id}：{title_id} {decision}（{rules}）", "{run_id}: {title_id} {decision} ({rules})")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def history(
    title_id: Annotated[str, typer.Argument(help=TITLE())],
    as_of_run: Annotated[str | None, typer.Option("--as-of-run", metavar="RUN", help=AS_OF_RUN())] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Print what the ledger knows of one title."""
    ledger = existing_ledger(load_config(), out)

    from compliance.ledger import history as past

    if as_of_run is not None:
        verdict = past.verdict_as_of(ledger, title_id, as_of_run)
        if as_json:
            say_json({"title_id": title_id, "run_id": as_of_run, "verdict": verdict})
        elif verdict is None:
            say(NOT_JUDGED(run_id=as_of_run, title_id=title_id))
        else:
            rules = "、".join(verdict["rules"])
            say(VERDICT(run_id=as_of_run, title_id=title_id, decision=verdict["decision"], rules=rules))
        return EXIT_CLEAR
    changes = past.history(ledger, title_id)
    if as_json:
        say_json([_change_json(change) for change in changes])
    elif not changes:
        say(NONE(title_id=title_id))
    else:
        rows = [(c.run.as_of, c.run.run_id, _decision(c.before), _decision(c.after), "; ".join(c.why)) for c in changes]
        say_table([header() for header in HEADERS], rows)
    return EXIT_CLEAR


def _change_json(change: past.Change) -> dict[str, object]:
    return {
        "run_id": change.run.run_id,
        "as_of": change.run.as_of,
        "before": change.before,
        "after": change.after,
        "why": list(change.why),
    }


def _decision(verdict: past.Verdict | None) -> str:
    return "–" if verdict is None else str(verdict["decision"])
