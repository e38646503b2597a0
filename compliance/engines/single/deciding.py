"""Decide single titles by a state. Whatever cannot be judged, or not by a state of today, is held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from compliance.catalog.breaches import UNKNOWN_PLATFORM
from compliance.engines.single.evidence import Row
from compliance.engines.single.judging import Bench, Reason, Verdict, worst
from compliance.engines.single.numbers import BLANK, read_number
from compliance.engines.single.rows import BrokenRowError, read_title
from compliance.engines.single.state import State
from compliance.policy import Policy, Stage
from compliance.rules.model import Rule
from compliance.rules.to_python import Ruling
from compliance.verdicts.waivers import NO_WAIVERS, Waivers


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict with every rule that led to it, and what each saw."""

    verdict: Verdict
    rulings: tuple[tuple[Rule, Ruling], ...]
    """Empty where the title was not judged."""
    facts: dict[str, object]


class Decider:
    """Decides by one state, policy and as-of day. Safe to share between threads."""

    def __init__(
        self,
        state: State,
        rules: Sequence[Rule],
        policy: Policy,
        as_of: date,
        waivers: Waivers = NO_WAIVERS,
        judged_by: str | None = None,
    ) -> None:
        """`judged_by` marks this program and policy (`compliance.engines.program`).

        Where the audit that left the state judged by the same, and as of the same day, a title at which it found
        nothing is not judged once more. None: every title is.
        Raises ConfigurationError where the policy does not fit the rules.
        """
        self._as_audited = judged_by is not None and judged_by == state.judged_by and as_of == state.as_of
        self.state = state
        self.as_of = as_of
        self.bench = Bench(rules, policy, as_of, waivers)
        self._fresh_days = policy.number("state_fresh_days")
        self.stale = self._is_stale(state)
        """The state is too old to release anything by it, or of a day to come: it knows nothing of this one."""

    def decide(self, title_id: str) -> Verdict:
        """The verdict of a title of the state."""
        state = self.state.of(title_id)
        if self._as_audited and state is self.state and (cleared := state.cleared(title_id)) is not None:
            return Verdict(decision="allow", **cleared)
        title, refused = _look_up(state, title_id)
        if title is None or refused is not None:
            return refused or _hold(title_id, Reason.UNKNOWN_TITLE)
        return self._unless_stale(self.bench.verdict(title, state.evidence(title)), state)

    def decide_row(self, values: object) -> Verdict:
        """The verdict of a title given as a JSON object: the columns of `titles`, and rows of other relations if any.

        The state gives what did not come along: the register, the platform, the titles with the same number.
        """
        title_id = values.get("title_id") if isinstance(values, dict) else None
        shown = title_id if isinstance(title_id, str) else ""
        try:
            given = read_title(values)
        except BrokenRowError as error:
            return _hold(shown, Reason.BROKEN_ROW, str(error))
        own = self.state.of(given.row["title_id"])
        refused = _refused(own, given.row)
        if refused is not None:
            return refused
        if not self.state.knows_platform(given.row["platform"]):
            return _hold(shown, Reason.BROKEN_ROW, UNKNOWN_PLATFORM)
        evidence = self.state.evidence(
            given.row, own, labels=given.labels, episodes=given.episodes, placements=given.placements
        )
        return self._unless_stale(self.bench.verdict(given.row, evidence), self.state)

    def decide_number(self, text: str) -> Verdict:
        """What can be said of a number as typed, whatever title it stands on: `allow` releases no title."""
        state = self.state
        number = read_number(text, state.issuers)
        if number.reason == BLANK:
            return Verdict(title_id=None, decision="hold", stage="prepublish", reason=Reason.NO_NUMBER)
        permit = number.permit.canonical if number.permit is not None else None
        register = state.register(permit) if permit is not None else ()
        findings = self.bench.number_findings(text, number, register, state.extracts)
        return self._unless_stale(
            Verdict(title_id=None, decision=worst(findings), stage="prepublish", permit=permit, findings=findings),
            state,
        )

    def explain(self, title_id: str) -> Explanation:
        """The verdict of a title of the state, with all that led to it."""
        state = self.state.of(title_id)
        title, refused = _look_up(state, title_id)
        if title is None or refused is not None:
            return Explanation(refused or _hold(title_id, Reason.UNKNOWN_TITLE), (), {})
        evidence = state.evidence(title)
        facts = self.bench.facts(title, evidence)
        verdict = self._unless_stale(self.bench.verdict(title, evidence), state)
        return Explanation(verdict, tuple(self.bench.rulings(facts)), facts)

    def _is_stale(self, state: State) -> bool:
        return not 0 <= (self.as_of - state.as_of).days <= self._fresh_days

    def _unless_stale(self, verdict: Verdict, state: State) -> Verdict:
        """A block stands however old the state is; nothing is released by an old one."""
        if verdict.decision == "block" or not self._is_stale(state):
            return verdict
        detail = f"the state is as of {state.as_of}, the day judged is {self.as_of}"
        return replace(verdict, decision="hold", reason=Reason.STALE_STATE, detail=detail)


def _look_up(state: State, title_id: str) -> tuple[Row | None, Verdict | None]:
    title = state.title(title_id)
    if title is None:
        held = state.held(title_id)
        return None, _quarantined(held) if held is not None else None
    return title, _refused(state, title)


def _refused(state: State, title: Row) -> Verdict | None:
    """The verdict of a title that is not judged; None where it is."""
    title_id, stage = title["title_id"], _stage(title)
    if title["kind"] == "other":
        return _hold(title_id, Reason.OTHER_KIND, stage=stage)
    if title["status"] == "offline":
        return _hold(title_id, Reason.OFFLINE, stage=stage)
    held = state.held(title_id)
    return _quarantined(held) if held is not None else None


def _hold(title_id: str, reason: Reason, detail: str | None = None, stage: Stage = "prepublish") -> Verdict:
    return Verdict(title_id=title_id, decision="hold", stage=stage, reason=reason, detail=detail)


def _quarantined(held: Row) -> Verdict:
    stage: Stage = "on_air" if held["on_air"] else "prepublish"
    return _hold(held["title_id"], Reason.QUARANTINED, held["reason"], stage)


def _stage(title: Row) -> Stage:
    return "on_air" if title["status"] == "online" else "prepublish"
