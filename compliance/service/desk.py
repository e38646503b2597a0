"""The state in force and the decisions by it: reloaded when an audit publishes, remembered until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog

from compliance import clock
from compliance.engines.program import judged_by
from compliance.engines.single.deciding import Decider
from compliance.engines.single.errors import StateError
from compliance.engines.single.judging import Reason, Verdict
from compliance.engines.single.state import State, open_state
from compliance.engines.single.wording import verdict_json
from compliance.errors import GateError
from compliance.outputs import current_run
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

REMEMBERED = 200_000
"""Verdicts kept: a state never changes, so a title's verdict is the same until the next state or day."""

_REVISION_LENGTH = 16

_log = structlog.get_logger(__name__)


class Decided(NamedTuple):
    """A verdict as it is answered and as it is logged."""

    body: bytes
    """One JSON object."""
    logged: str
    """One JSON object."""
    kind: tuple[str, str]
    """Decision and reason, as they are counted."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A decider with what it has decided: while state, day and waivers stay, so does every verdict."""

    decider: Decider
    remembered: dict[tuple[str, str], tuple[bytes, str, tuple[str, str]]] = field(default_factory=dict)
    """Plain tuples of plain values, which the garbage collector lets go after the first look: 200,000 objects to go
    through now and then would keep everybody waiting."""

    def decide(self, title_id: str, language: str) -> Decided:
        """A title of the state."""
        key = (title_id, language)
        remembered = self.remembered.get(key)
        if remembered is not None:
            return Decided(*remembered)
        verdict = _guarded(lambda: self.decider.decide(title_id), title_id)
        decided = _decided(verdict, language)
        if verdict.reason is not Reason.INNER_ERROR:
            if len(self.remembered) >= REMEMBERED:
                self.remembered.clear()
            self.remembered[key] = (decided.body, decided.logged, decided.kind)
        return decided

    def decide_row(self, row: Mapping[str, Any], language: str) -> Decided:
        """A title given as a row."""
        title_id = row.get("title_id")
        shown = title_id if isinstance(title_id, str) else ""
        return _decided(_guarded(lambda: self.decider.decide_row(row), shown), language)


class Desk:
    """Decides titles by the state of the last audit in a folder, after the waivers in force."""

    def __init__(
        self,
        out: Path,
        rules: Sequence[Rule],
        policy: Policy,
        as_of: date | None = None,
        read_waivers: Callable[[], Waivers] = lambda: NO_WAIVERS,
    ) -> None:
        self.out = out
        self.rules = rules
        self.policy = policy
        self._mark = judged_by(policy)
        self.revision = self._mark[:_REVISION_LENGTH]
        """Identifies the rules, the policy and the program together: equal revisions decide equally."""
        self._as_of = as_of
        self._read_waivers = read_waivers
        self._waivers = NO_WAIVERS
        self._run: Path | None = None
        self._sitting: Sitting | None = None

    def look(self) -> None:
        """Take up what is new: the state that the last audit left, waivers granted or revoked.

        A state that cannot be read is logged; the one before serves on, and grows stale.
        """
        state = self._new_state()
        waivers = self._present_waivers()
        before = self._sitting
        if state is None and (before is None or waivers.all == self._waivers.all):
            return
        self._waivers = waivers
        if state is None and before is not None:
            state = before.decider.state
        if state is not None:
            self._sitting = self._sit(state)
            _log.info("decides by", run=state.run_id, as_of=state.as_of.isoformat(), waivers=len(waivers.all))

    def sitting(self) -> Sitting:
        """Who decides now. Raises StateError where there is no state."""
        sitting = self._sitting
        if sitting is None:
            raise StateError(f"{self.out} holds no state that can be used", remedy="run `gate audit --out` with it")
        if sitting.decider.as_of != self.day():
            sitting = self._sitting = self._sit(sitting.decider.state)
        return sitting

    def _sit(self, state: State) -> Sitting:
        return Sitting(Decider(state, self.rules, self.policy, self.day(), self._waivers, self._mark))

    def day(self) -> date:
        """The day judged."""
        return self._as_of or clock.today()

    def _new_state(self) -> State | None:
        run = current_run(self.out)
        if run is None or run == self._run:
            return None
        self._run = run  # a state that cannot be used is told once
        try:
            return open_state(run)
        except StateError as error:
            _log.error("the new state cannot be used", run=run.name, problem=error.message)
            return None

    def _present_waivers(self) -> Waivers:
        """The waivers of the ledger; none while it cannot be read: then everything found counts."""
        try:
            return self._read_waivers()
        except GateError as error:
            _log.error("the waivers cannot be read: none is applied", problem=error.message)
            return NO_WAIVERS


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
