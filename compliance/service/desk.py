"""The state in force and the decisions by it: reloaded when an audit publishes, remembered until then."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import structlog

from compliance import clock
from compliance.engines.single.deciding import Decider
from compliance.engines.single.judging import Reason, Verdict
from compliance.engines.single.state import State, StateError, open_state
from compliance.engines.single.wording import verdict_json
from compliance.outputs import current_run
from compliance.policy import Policy
from compliance.rules.model import Rule

REMEMBERED = 200_000
"""Verdicts kept: a state never changes, so a title's verdict is the same until the next state or day."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Decided:
    """A verdict as it is answered and as it is logged."""

    body: bytes
    """One JSON object."""
    logged: str
    """One JSON object."""
    kind: tuple[str, str]
    """Decision and reason, as they are counted."""


class Desk:
    """Decides titles by the state of the last audit in a folder."""

    def __init__(self, out: Path, rules: Sequence[Rule], policy: Policy, as_of: date | None = None) -> None:
        self.out = out
        self.rules = rules
        self.policy = policy
        self.revision = rules_revision(rules, policy)
        self._as_of = as_of
        self._run: Path | None = None
        self._decider: Decider | None = None
        self._remembered: dict[tuple[str, str], Decided] = {}

    def look(self) -> None:
        """Open the state that the last audit left, if it is not open yet. The one before serves until then.

        A state that cannot be read is logged; the one before serves on, and grows stale.
        """
        run = current_run(self.out)
        if run is None or run == self._run:
            return
        try:
            state = open_state(run)
        except StateError as error:
            _log.error("the new state cannot be used", run=run.name, problem=error.message)
            self._run = run  # told once
            return
        self._take(state)
        self._run = run
        _log.info("a state is open", run=state.run_id, as_of=state.as_of.isoformat())

    def decider(self) -> Decider:
        """Who decides now. Raises StateError where there is no state."""
        decider = self._decider
        if decider is None:
            raise StateError(f"{self.out} holds no state that can be used", remedy="run `gate audit --out` with it")
        if decider.as_of != (day := self.day()):
            decider = self._take(decider.state, day)
        return decider

    def day(self) -> date:
        """The day judged."""
        return self._as_of or clock.today()

    def decide(self, decider: Decider, title_id: str, language: str) -> Decided:
        """A title of the state."""
        key = (title_id, language)
        found = self._remembered.get(key)
        if found is not None and self._decider is decider:
            return found
        verdict = _guarded(lambda: decider.decide(title_id), title_id)
        decided = _decided(verdict, language)
        if verdict.reason is not Reason.INNER_ERROR and self._decider is decider:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = decided
        return decided

    def decide_row(self, decider: Decider, row: Mapping[str, Any], language: str) -> Decided:
        """A title given as a row."""
        title_id = row.get("title_id")
        shown = title_id if isinstance(title_id, str) else ""
        return _decided(_guarded(lambda: decider.decide_row(row), shown), language)

    def _take(self, state: State, day: date | None = None) -> Decider:
        decider = Decider(state, self.rules, self.policy, day or self.day())
        self._remembered = {}
        self._decider = decider
        return decider


def rules_revision(rules: Sequence[Rule], policy: Policy) -> str:
    """What identifies the rules, the policy and the program together: equal revisions decide equally."""
    digest = hashlib.sha256(version("microdrama-gate").encode())
    for rule in rules:
        digest.update(rule.path.read_bytes() if rule.path is not None else repr(rule).encode())
    digest.update(policy.model_dump_json().encode())
    return digest.hexdigest()[:16]


def _guarded(decide: Any, title_id: str) -> Verdict:  # noqa: ANN401 - a function without arguments
    """A title at which the program fails is held, and the failure logged: it must not take others along."""
    try:
        verdict: Verdict = decide()
    except Exception:  # noqa: BLE001 - the last resort of one title: it is held
        _log.exception("a title could not be decided", title_id=title_id)
        return Verdict(title_id=title_id, decision="hold", stage="prepublish", reason=Reason.INNER_ERROR)
    return verdict


def _decided(verdict: Verdict, language: str) -> Decided:
    reason = verdict.reason.value if verdict.reason is not None else None
    logged = {
        "title_id": verdict.title_id,
        "decision": verdict.decision,
        "permit": verdict.permit,
        "findings": {finding.rule.id: finding.action for finding in verdict.findings},
        "reason": reason,
    }
    return Decided(
        msgspec.json.encode(verdict_json(verdict, language)),
        msgspec.json.encode(logged).decode(),
        (verdict.decision, reason or ""),
    )
