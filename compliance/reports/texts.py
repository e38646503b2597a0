"""The words of the reports in both languages, and text from a catalog made fit to be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from compliance.rules.model import Bilingual

_TABLE = {
    "report": ("微短剧合规审核报告", "Micro-drama compliance report"),
    "as_of": ("判定日", "As of"),
    "run": ("审核批次", "Run"),
    "policy": ("政策版本", "Policy revision"),
    "block": ("拦截", "Blocked"),
    "hold": ("待审", "Held"),
    "allow": ("放行", "Allowed"),
    "warn": ("提醒", "Warning"),
    "judged": ("已判定", "Judged"),
    "titles": ("剧目", "Titles"),
    "of_titles": ("共 {titles} 部剧目", "of {titles} titles"),
    "offline": ("已下线（不判定）", "Offline, not judged"),
    "other": ("非微短剧（不判定）", "Other kinds, not judged"),
    "quarantined": ("隔离的数据行", "Quarantined rows"),
    "repeated": ("重复的剧目行", "Repeated title rows"),
    "nameless": ("缺少剧目编号的行", "Rows without a title id"),
    "on_air": ("在播", "On air"),
    "prepublish": ("待播", "Before publication"),
    "first": ("先处理", "First of all"),
    "block_on_air": ("部在播剧目须下架或补正", "titles on air must come down or be put right"),
    "block_before": ("部待播剧目不得上线", "titles must not go online"),
    "hold_before": ("部待播剧目须人工决定后方可上线", "titles wait for a person before they may go online"),
    "hold_on_air": ("部在播剧目进入复核", "titles on air go to review"),
    "placements_now": ("个推荐位或引流位正在推被拦截的剧目", "active placements promote blocked titles"),
    "nothing": ("没有需要处理的剧目。", "Nothing to act on."),
    "rules": ("按规则", "By rule"),
    "rule": ("规则", "Rule"),
    "clause": ("依据", "Clause"),
    "remedy": ("如何整改", "Remedy"),
    "fail": ("不合规", "Failed"),
    "unknown": ("无法判定", "Unknown"),
    "evaluated": ("适用", "Applied to"),
    "action": ("处置", "Action"),
    "outcome": ("结果", "Outcome"),
    "quiet_rules": ("没有发现的规则", "Rules without findings"),
    "rules_off": ("停用的规则", "Rules that are off"),
    "reason": ("理由", "Reason"),
    "regimes": ("按制度", "By regime"),
    "regime": ("制度", "Regime"),
    "tiers": ("按类别", "By tier"),
    "tier": ("类别", "Tier"),
    "platforms": ("按平台（拦截与待审）", "By platform (blocked and held)"),
    "platform": ("平台", "Platform"),
    "none_regime": ("（无：未标为微短剧或被隔离）", "(none: not marked, or quarantined)"),
    "none_tier": ("（无：金额不明、未标为微短剧或被隔离）", "(none: amount unknown, not marked, or quarantined)"),
    "none_platform": ("（不明）", "(unknown)"),
    "reasons": ("最常见的原因", "Most frequent reasons"),
    "reason_hint": ("因同一组规则被拦截或待审的剧目", "titles blocked or held by the same set of rules"),
    "placements": ("被拦截剧目的在投推荐位", "Active placements of blocked titles"),
    "slot": ("位置", "Slot"),
    "count": ("数量", "Count"),
    "title_table": ("被拦截与待审的剧目", "Blocked and held titles"),
    "title_id": ("剧目编号", "Title id"),
    "name": ("剧名", "Name"),
    "producer": ("制作机构", "Producer"),
    "decision": ("判定", "Decision"),
    "stage": ("阶段", "Stage"),
    "permit": ("许可或备案号", "Permit number"),
    "findings": ("发现", "Findings"),
    "evidence": ("规则所见", "Values seen"),
    "first_listed": ("首次列入", "First listed"),
    "search": ("搜索编号、剧名、平台、规则…", "search id, name, platform, rule …"),
    "everything": ("全部", "all"),
    "shown": ("显示", "shown"),
    "left_out": (
        "本页只列出前 {listed} 部，另有 {left_out} 部未列出；全部见 report.xlsx 与 verdicts.parquet。",
        "This page lists the first {listed}; {left_out} more are left out: see report.xlsx and verdicts.parquet.",
    ),
    "health": ("审核情况", "About this run"),
    "stale": ("备案库过期或缺失", "Register stale or absent"),
    "note": ("说明", "Note"),
    "inputs": ("输入行数", "Input rows"),
    "relation": ("关系", "Relation"),
    "rows": ("行数", "Rows"),
    "engine": ("引擎", "Engine"),
    "seconds": ("用时（秒）", "Seconds"),
    "quarantine": ("被隔离的数据行", "Quarantined rows"),
    "quarantine_hint": (
        "这些行不符合片库约定，其剧目一律待审，审核因此不完整。",
        "These rows break the catalog's contract; their titles are held, and the run is incomplete.",
    ),
    "summary": ("概览", "Summary"),
    "block_list": ("拦截名单", "Block list"),
    "share": ("占比", "Share"),
    "none": ("无", "none"),
}

TEXTS: Mapping[str, Bilingual] = {key: Bilingual(*texts) for key, texts in _TABLE.items()}

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither XML 1.0 nor a reader has a use for."""


def clean(text: str, limit: int | None = None) -> str:
    """A text without control characters, cut to `limit` characters."""
    fit = _UNFIT.sub("", text)
    return fit if limit is None or len(fit) <= limit else fit[: limit - 1] + "…"


def evidence_text(evidence: Mapping[str, object]) -> str:
    """The values that a rule saw as `fact: value`, parted by semicolons."""
    return "; ".join(f"{fact}: {_value(value)}" for fact, value in evidence.items())


def _value(value: object) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
