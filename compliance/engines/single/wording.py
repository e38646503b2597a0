"""Verdicts in JSON and in words: the same for the command line and for the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from compliance.engines.single.deciding import Explanation
from compliance.engines.single.judging import Finding, Reason, Verdict
from compliance.rules.model import Bilingual, Rule

REASONS: Mapping[Reason, Bilingual] = {
    Reason.UNKNOWN_TITLE: Bilingual("没有该剧目：从未判定", "there is no such title: it was never judged"),
    Reason.QUARANTINED: Bilingual(
        "该剧目的数据违反约定，已隔离", "a row of this title breaks the contract and is in quarantine"
    ),
    Reason.OFFLINE: Bilingual("该剧目已下线，不作判定", "this title is offline and is not judged"),
    Reason.OTHER_KIND: Bilingual("该内容不是剧集，不作判定", "this is no drama and is not judged"),
    Reason.BROKEN_ROW: Bilingual("提交的数据违反约定", "the row given breaks the contract"),
    Reason.STALE_STATE: Bilingual(
        "审核状态过期，或属于将来的日期，不据以放行",
        "the state is too old, or of a day to come: nothing is released by it",
    ),
    Reason.NO_NUMBER: Bilingual("没有填写编号", "there is no number"),
    Reason.INNER_ERROR: Bilingual("程序出错，未能判定", "the program failed and judged nothing"),
}

OUTCOMES: Mapping[str, Bilingual] = {
    "pass": Bilingual("通过", "passed"),
    "fail": Bilingual("不合规", "failed"),
    "unknown": Bilingual("无法判定", "unknown"),
    "not_applicable": Bilingual("不适用", "not applicable"),
}


def verdict_json(verdict: Verdict, language: str) -> dict[str, Any]:
    """The object of contract, section 3; `reason` is there only where findings alone do not give the decision."""
    shown: dict[str, Any] = {
        "title_id": verdict.title_id,
        "decision": verdict.decision,
        "stage": verdict.stage,
        "tier": verdict.tier,
        "regime": verdict.regime,
        "permit": verdict.permit,
        "findings": [finding_json(finding, language) for finding in verdict.findings],
    }
    if verdict.reason is not None:
        shown["reason"] = verdict.reason.value
        shown["detail"] = reason_text(verdict, language)
    return shown


def finding_json(finding: Finding, language: str) -> dict[str, Any]:
    """One finding; the remedy in the language asked for; `waived` is there only where it is."""
    shown: dict[str, Any] = {
        "rule": finding.rule.id,
        "outcome": finding.outcome,
        "action": finding.action,
        "clause": finding.rule.clause,
        "evidence": values_json(finding.evidence),
        "remedy": finding.rule.cure(finding.outcome)[language],
    }
    if finding.waiver is not None:
        waiver = finding.waiver
        shown["waived"] = {
            "waiver": waiver.waiver_id,
            "until": waiver.last_on.isoformat(),
            "days_left": finding.days_left,
        }
    return shown


def explanation_json(explanation: Explanation, language: str) -> dict[str, Any]:
    """The verdict with every rule, whatever its outcome, and the values that it asked for."""
    return {
        **verdict_json(explanation.verdict, language),
        "rules": [
            {
                "rule": rule.id,
                "title": rule.says(ruling.outcome)[language],
                "outcome": ruling.outcome,
                "action": ruling.action,
                "clause": rule.clause,
                "values": values_json({name: explanation.facts[name] for name in rule.facts}),
                "remedy": rule.cure(ruling.outcome)[language],
            }
            for rule, ruling in explanation.rulings
        ],
    }


def values_json(values: Mapping[str, object]) -> dict[str, object]:
    """Facts as JSON values; days and instants as the audit writes them: 2026-11-23, 2026-11-23 08:00:00.5."""
    return {name: _written(value) if isinstance(value, date) else value for name, value in values.items()}


def _written(value: date) -> str:
    """Without zeros at a fraction's end."""
    text = str(value)
    return text.rstrip("0") if "." in text else text


def reason_text(verdict: Verdict, language: str) -> str:
    """Why the title is held, in words; empty where the findings say it."""
    if verdict.reason is None:
        return ""
    text = REASONS[verdict.reason][language]
    return f"{text}: {verdict.detail}" if verdict.detail else text


def rule_json(rule: Rule, language: str) -> dict[str, Any]:
    """What a rule demands."""
    return {
        "rule": rule.id,
        "title": rule.title[language],
        "action": rule.action,
        "clause": rule.clause,
        "kinds": list(rule.kinds),
        "needs": list(rule.needs),
        "remedy": rule.remedy[language],
    }
