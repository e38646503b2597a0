"""The state in force and the decisions by it: reloaded when an audit publishes, remembered until then."""

from __future__ import annotations

import threading
import time
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
from compliance.language import worded
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
        self._swapping = threading.Lock()
        """At midnight the day changes in one thread, perhaps while the other takes up a state: neither may be lost."""
        self._unseen: tuple[str, ...] = ()
        self._looked = time.monotonic()

    def look(self) -> None:
        """Take up what is new: the state that the last audit left, waivers granted or revoked.

        What cannot be read is logged, told by `blind` and tried again by the next look. Until one goes well the state
        before serves on, and grows stale; waivers that cannot be read are not applied.
        Raises ConfigurationError where the policy does not fit the rules.
        """
        unseen: list[str] = []
        run, state = self._new_state(unseen)
        waivers = self._present_waivers(unseen)
        before = self._sitting
        if state is None and before is not None and waivers.all != self._waivers.all:
            state = before.decider.state
        if state is not None:
            with self._swapping:
                self._sitting, self._waivers = self._sit(state, waivers), waivers
            _log.info("decides by", run=state.run, as_of=state.as_of.isoformat(), waivers=len(waivers.all))
        self._run = run
        self._note(unseen)

    def note_failure(self, error: Exception) -> None:
        """A look has ended in an error that nobody foresaw: it has seen nothing."""
        self._note([f"the look failed: {error!r}"], error)

    def blind(self, patience_s: float) -> bool:
        """Whether the last look could not see all there was, or none has ended for so long.

        Then nobody here knows whether anything was revoked since.
        """
        return bool(self._unseen) or time.monotonic() - self._looked > patience_s

    def _note(self, unseen: Sequence[str], error: Exception | None = None) -> None:
        """Log what could not be seen: once, not at every look, for there is one a second."""
        before, self._unseen, self._looked = self._unseen, tuple(unseen), time.monotonic()
        for problem in unseen:
            if problem not in before:
                _log.error("cannot see what is new", problem=problem, exc_info=error)
        if before and not unseen:
            _log.info("sees what is new again")

    def sitting(self) -> Sitting:
        """Who decides now. Raises StateError where there is no state."""
        sitting = self._sitting
        if sitting is None:
            raise StateError(
                worded(f"{self.out} 中没有可用的状态", f"{self.out} holds no state that can be used"),
                remedy=worded("对它运行 gate audit --out", "run `gate audit --out` with it"),
            )
        if sitting.decider.as_of != self.day():
            with self._swapping:
                latest = self._sitting or sitting
                sitting = self._sitting = self._sit(latest.decider.state, self._waivers)
        return sitting

    def _sit(self, state: State, waivers: Waivers) -> Sitting:
        decider = Decider(state, self.rules, self.policy, self.day(), waivers, self._mark)
        if decider.stale:
            days = {"as_of": state.as_of.isoformat(), "day": decider.as_of.isoformat()}
            _log.warning("releases nothing: the state is not of this day", run=state.run, **days)
        return Sitting(decider)

    def day(self) -> date:
        """The day judged."""
        return self._as_of or clock.today()

    def _new_state(self, unseen: list[str]) -> tuple[Path | None, State | None]:
        """The run whose state is in force, and its state where that is new. What goes wrong is added to `unseen`."""
        try:
            run = current_run(self.out)
            if run is None and self._run is not None:
                unseen.append(f"{self.out} names no run any more")
            if run is None or run == self._run:
                return self._run, None
            return run, open_state(run)
        except Exception as error:  # noqa: BLE001 - files half copied, or of any kind: the state before serves on
            unseen.append(f"the new state cannot be used: {_told(error)}")
            return self._run, None

    def _present_waivers(self, unseen: list[str]) -> Waivers:
        """The waivers of the ledger; none while it cannot be read: then everything found counts."""
        try:
            return self._read_waivers()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with them, nothing is released by them
            unseen.append(f"the waivers cannot be read, none is applied: {_told(error)}")
            return NO_WAIVERS


def _told(error: Exception) -> str:
    return error.message if isinstance(error, GateError) else repr(error)


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
