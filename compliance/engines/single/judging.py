"""Judge one title by the rules that the audit judges by, compiled to Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from compliance.engines.single.evidence import Evidence, Row
from compliance.engines.single.facts import Facts, gather, number_facts
from compliance.engines.single.numbers import Number
from compliance.engines.single.register import choose, register_facts
from compliance.policy import Action, Policy, Stage
from compliance.rules.model import Outcome, Rule
from compliance.rules.to_python import Ruling, compile_rules
from compliance.rules.under_policy import enabled_rules, parameter_values
from compliance.verdicts.waivers import NO_WAIVERS, Case, Waiver, Waivers, seen

Decision = Literal["allow", "hold", "block"]


NUMBER_FACTS = frozenset(
    {
        "permit_raw",
        "permit_blank",
        "permit_parsed",
        "permit_reason",
        "permit",
        "permit_family",
        "permit_words",
        "permit_year",
        "permit_placeholder",
        "permit_rank",
        "issuer",
        "issuer_level",
        "issuer_operator",
        "platform_filing",
        "registered",
        "register_stale",
        "register_status",
        "register_title",
        "register_alt_name",
        "register_producer",
        "register_issued_on",
    }
)
"""Facts of a number by itself. A rule that asks for no other judges a bare number, too."""


class Reason(StrEnum):
    """Why a title is held, whatever its findings."""

    UNKNOWN_TITLE = "unknown_title"
    """The state does not know it: it was never judged."""
    QUARANTINED = "quarantined"
    """A row of it breaks the contract."""
    OFFLINE = "offline"
    OTHER_KIND = "other_kind"
    """The catalog says that it is no micro-drama and no drama: it is never judged."""
    BROKEN_ROW = "broken_row"
    """The row given breaks the contract."""
    STALE_STATE = "stale_state"
    """The state is too old to release anything by it, or of a day to come."""
    NO_NUMBER = "no_number"
    """The bare number asked about is blank."""
    INNER_ERROR = "inner_error"
    """The program failed at this title."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that failed or is unknown at a title, with the values it saw."""

    rule: Rule
    outcome: Outcome
    action: Action
    evidence: Mapping[str, object]
    waiver: Waiver | None = None
    """The waiver that makes a warning of it."""
    days_left: int | None = None
    """Days on which that waiver still holds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one title."""

    title_id: str | None
    """None where a bare number was judged."""
    decision: Decision
    stage: Stage
    tier: int | None = None
    regime: str | None = None
    permit: str | None = None
    findings: tuple[Finding, ...] = ()
    reason: Reason | None = None
    """Why the decision is not that of the findings alone; None where it is."""
    detail: str | None = None
    """What the reason does not say by itself."""


class Bench:
    """The enabled rules under one policy and as-of day."""

    def __init__(self, rules: Sequence[Rule], policy: Policy, as_of: date, waivers: Waivers = NO_WAIVERS) -> None:
        """Raises ConfigurationError where the policy names rules that there are not, or lacks their settings."""
        self.waivers = waivers.honoured(policy.waivers)
        self.policy = policy
        self.as_of = as_of
        self.rules = enabled_rules(rules, policy)
        parameters = parameter_values(policy, as_of)
        self._judge = compile_rules(self.rules, parameters, policy.actions)
        self._number_rules = tuple(rule for rule in self.rules if NUMBER_FACTS.issuperset(rule.facts))
        self._judge_number = compile_rules(self._number_rules, parameters, policy.actions)

    def facts(self, title: Row, evidence: Evidence) -> Facts:
        """The facts of a title that is judged and whose row keeps the contract."""
        return gather(title, evidence, self.as_of, self.policy)

    def rulings(self, facts: Facts) -> list[tuple[Rule, Ruling]]:
        """What became of each enabled rule, in the order of the rules."""
        return list(zip(self.rules, self._judge(facts), strict=True))

    def findings(self, facts: Facts) -> tuple[Finding, ...]:
        """The rules that failed or are unknown."""
        return _findings(self.rules, self._judge(facts), facts)

    def verdict(self, title: Row, evidence: Evidence) -> Verdict:
        """Judge a title that is judged and whose row keeps the contract."""
        facts = self.facts(title, evidence)
        findings = self.findings(facts)
        # Of a drama that is not marked as micro-drama nothing is derived (contract, section 3).
        shown = facts if title["kind"] == "micro_drama" else dict.fromkeys(("tier", "regime", "permit"))
        if self.waivers:
            findings = tuple(self._after_waivers(finding, title, shown["permit"]) for finding in findings)
        return Verdict(
            title_id=title["title_id"],
            decision=worst(findings),
            stage="on_air" if title["status"] == "online" else "prepublish",
            tier=shown["tier"],  # type: ignore[arg-type]
            regime=shown["regime"],  # type: ignore[arg-type]
            permit=shown["permit"],  # type: ignore[arg-type]
            findings=findings,
        )

    def _after_waivers(self, finding: Finding, title: Row, permit: object) -> Finding:
        """The finding, as a warning where it is waived."""
        if finding.action == "warn":
            return finding
        case = Case(
            title_id=title["title_id"],
            platform=title["platform"],
            producer=title["producer"],
            rule=finding.rule.id,
            permit=permit if isinstance(permit, str) else None,
            evidence=seen(finding.evidence),
        )
        waiver = self.waivers.waiver_for(case, self.as_of)
        if waiver is None:
            return finding
        return replace(finding, action="warn", waiver=waiver, days_left=waiver.days_left(self.as_of))

    def number_findings(
        self, raw: str, number: Number, register: Sequence[Row], extracts: Mapping[str, date]
    ) -> tuple[Finding, ...]:
        """What the rules that ask about nothing but a number find at one by itself."""
        row = choose(register) if number.permit is not None else None
        facts: Facts = {
            "kind": "micro_drama",
            "stage": "prepublish",
            **number_facts(raw, number, self.policy),
            **register_facts(number, row, extracts, self.as_of, self.policy),
        }
        return _findings(self._number_rules, self._judge_number(facts), facts)


def _findings(rules: Sequence[Rule], rulings: Sequence[Ruling], facts: Facts) -> tuple[Finding, ...]:
    return tuple(
        Finding(rule, outcome, action, {name: facts[name] for name in rule.evidence})
        for rule, (outcome, action) in zip(rules, rulings, strict=True)
        if action is not None
    )


def worst(findings: Sequence[Finding]) -> Decision:
    """The worst action among the findings; warnings change nothing."""
    actions = {finding.action for finding in findings}
    return "block" if "block" in actions else "hold" if "hold" in actions else "allow"
