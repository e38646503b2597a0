"""`gate explain`: every rule at one title, with the values it saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from compliance.cli import options
from compliance.cli.console import say
from compliance.cli.evidence import evidence_of, kept_json, kept_text
from compliance.cli.language import Message, language
from compliance.cli.singles import (
    ACTIONS,
    STALE,
    Catalog,
    State,
    decider,
    exit_code_of,
    say_line,
    say_verdict,
    values_text,
)

if TYPE_CHECKING:
    from compliance.engines.single.deciding import Explanation
    from compliance.labels.store import Evidence
    from compliance.labels.tasks import Kept
    from compliance.rules.model import Outcome

HELP = Message(
    "逐条说明一部剧目：每条规则的结果、依据的值、条款与办法。",
    "Explain one title: every rule with its outcome, the values it saw, its clause and the way out.",
)
TITLE_ID = Message("剧目编号", "id of the title")
FRAMES = Message("画面标注证据（{count}）", "label evidence from the videos ({count})")
OFF = Message("停用的规则：", "rules that are off:")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def explain(
    title_id: Annotated[str, typer.Argument(metavar="TITLE_ID", help=TITLE_ID())],
    state: State = None,
    catalog: Catalog = None,
    mapping: options.Mapping = None,
    as_of: options.AsOf = None,
    as_json: options.AsJson = False,
) -> int:
    """Print the explanation, and return the exit code that `gate check` has for the title."""
    from compliance.engines.single.wording import explanation_json

    asked = [title_id] if title_id.isprintable() or catalog is None else []
    with decider(state, catalog, as_of, mapping=mapping, title_ids=asked) as deciding:
        explanation = deciding.explain(title_id)
        off = dict(deciding.bench.policy.rules.off)
        store, kept = evidence_of(title_id, state)
        if as_json:
            frames = {"label_evidence": [kept_json(one, store) for one in kept]} if kept else {}
            say_line({**explanation_json(explanation, language()), "off": off, **frames})
        else:
            if deciding.stale:
                say(STALE(state=deciding.state.as_of, as_of=deciding.as_of))
            _say(explanation, off)
            _say_evidence(kept, store)
    return exit_code_of(explanation.verdict)


_ORDER: Final[tuple[Outcome, ...]] = ("fail", "unknown", "pass", "not_applicable")


def _say(explanation: Explanation, off: dict[str, str]) -> None:
    """The verdict, then every rule: what failed or is unknown first, each with its values."""
    from compliance.engines.single.wording import OUTCOMES, values_json

    say_verdict(explanation.verdict)
    for outcome in _ORDER:
        rulings = [(rule, ruling) for rule, ruling in explanation.rulings if ruling.outcome == outcome]
        if rulings:
            say(f"\n{OUTCOMES[outcome][language()]} ({len(rulings)})")
        for rule, ruling in rulings:
            action = f"  {ACTIONS[ruling.action]()}" if ruling.action else ""
            say(f"  {rule.id}{action}: {rule.says(outcome)[language()]}  [{rule.clause}]")
            say(f"    {values_text(values_json({name: explanation.facts[name] for name in rule.facts}))}")
            if ruling.action:
                say(f"    → {rule.cure(outcome)[language()]}")
    if off:
        say(f"\n{OFF()}")
        for rule_id, reason in off.items():
            say(f"  {rule_id}: {reason}")


def _say_evidence(kept: Sequence[Kept], store: Evidence) -> None:
    """What was read from the title's own videos, and where the frames are."""
    if kept:
        say(f"\n{FRAMES(count=len(kept))}")
    for one in kept:
        say(f"  {kept_text(one, store)}")
