"""The words of the reports in both languages, and text from a catalog made fit to be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from compliance.reports.words import CATALOG_ZH, FACTS_ZH
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
    "block_means": ("不得发布；在播的须下架或补正", "not to be published; on air: take down or put right"),
    "hold_means": ("须由人工决定", "a person must decide"),
    "allow_means": ("未发现须处置的问题", "nothing found that stops it"),
    "judged": ("已判定", "Judged"),
    "titles": ("剧目", "Titles"),
    "of_titles": ("共 {titles} 部剧目", "of {titles} titles"),
    "offline": ("已下线（不判定）", "Offline, not judged"),
    "other": ("非微短剧（不判定）", "Other kinds, not judged"),
    "quarantined": ("隔离的数据行", "Quarantined rows"),
    "repeated": ("重复的剧目行", "Repeated title rows"),
    "unjudged": ("未判定的剧目", "Titles not judged"),
    "nameless": ("缺少剧目编号的行", "Rows without a title id"),
    "on_air": ("在播", "On air"),
    "prepublish": ("待播", "Before publication"),
    "first": ("先处理", "First of all"),
    "block_on_air": ("部在播剧目须下架或补正", "titles on air must come down or be put right"),
    "block_before": ("部待播剧目不得上线", "titles must not go online"),
    "hold_before": ("部待播剧目须人工决定后方可上线", "titles wait for a person before they may go online"),
    "hold_on_air": ("部在播剧目进入复核", "titles on air go to review"),
    "placements_now": ("个推荐位或引流位正在推被拦截的剧目", "active placements promote blocked titles"),
    "on_first_screen": ("部被拦截的剧目正在首页首屏", "blocked titles are on the first screen"),
    "list_held": (
        "项熔断检查超限：新的拦截名单待批准，尚未生效",
        "bounds of the guard are crossed: the new block list waits for approval",
    ),
    "waivers_ending": ("项豁免将在 14 天内到期", "waiver(s) end within 14 days"),
    "platforms_ending": ("个平台的资质将在 30 天内到期", "platform(s) lose their registration within 30 days"),
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
    "frame": ("画面证据", "Frame"),
    "episode": ("集", "episode"),
    "verified": ("一致", "verified"),
    "contradicted": ("另一编号", "another number"),
    "unreadable": ("无法辨认", "unreadable"),
    "absent": ("未见标注", "absent"),
    "failed": ("未能读取", "failed"),
    "frames_left_out": (
        "另有 {number} 张画面证据因篇幅未放入本页，见证据文件夹。",
        "{number} more frames are left out of this page: see the folder of label evidence.",
    ),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "rules_off": ("停用的规则", "Rules that are off"),
    "reason": ("理由", "Reason"),
    "regimes": ("按制度", "By regime"),
    "regime": ("制度", "Regime"),
    "tiers": ("按类别", "By tier"),
    "tier": ("类别", "Tier"),
    "platforms": ("按平台", "By platform"),
    "platform": ("平台", "Platform"),
    "tier_1": ("一类（重点）", "1 (key)"),
    "tier_2": ("二类（普通）", "2 (ordinary)"),
    "tier_3": ("三类（其他）", "3 (other)"),
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
        "本页列出最紧要的 {listed} 部，另有 {left_out} 部未列出；全部见 report.xlsx 与 verdicts.parquet。",
        "This page lists the {listed} most urgent; {left_out} more are left out: see report.xlsx, verdicts.parquet.",
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
    "groups": ("按阶段、制度、类别、时间", "By stage, regime, tier, age"),
    "breakdown": ("划分", "By"),
    "none_stage": ("（不明）", "(unknown)"),
    "scope": ("范围", "Scope"),
    "column": ("列", "Column"),
    "before": ("此前", "Before"),
    "after": ("此后", "After"),
    "share": ("占比", "Share"),
    "since_last": ("较上次（{as_of}）", "since the run before ({as_of})"),
    "first_run": ("首次审核，无可比较", "first run: nothing to compare with"),
    "changes": ("较上次的变化", "Changes since the run before"),
    "fresh": ("新增", "New"),
    "new_or_not": ("新旧：全部", "new or not: all"),
    "standing": ("仍未整改", "Still open"),
    "cured": ("已整改", "Cured"),
    "gone": ("剧目已不再判定", "No longer judged"),
    "since": ("首次发现", "Found on"),
    "trend": ("历次审核", "Trend over runs"),
    "ages": ("问题存续时间", "How long findings have stood"),
    "age": ("存续", "Standing"),
    "age_first": ("当天", "this day"),
    "age_between": ("{begin}–{end} 天", "{begin}–{end} days"),
    "age_on": ("{begin} 天以上", "{begin} days and more"),
    "producers": ("按制作机构", "By producer"),
    "producers_hint": (
        "拦截与待审最多的 {listed} 家，共 {all} 家；全部见 report.xlsx。",
        "the {listed} with the most blocked and held titles, of {all}; all of them are in report.xlsx",
    ),
    "unknown_producer": ("（未填制作机构）", "(no producer given)"),
    "leakage": ("推荐与引流", "Placements"),
    "active": ("在投", "Active"),
    "blocked_part": ("其中推被拦截剧目", "of blocked titles"),
    "held_part": ("其中推待审剧目", "of held titles"),
    "leak_rules": ("漏出的原因（按规则）", "Why they leak, by rule"),
    "no_plays": (
        "片库约定不含播放量，影响面以在投位置计。",
        "the catalog holds no plays: exposure is told by active placements",
    ),
    "coverage": ("片头标注", "Labels"),
    "channel": ("渠道", "Channel"),
    "with_text": ("有文字", "With text"),
    "newest": ("最新", "Newest"),
    "labelled": ("标注了许可或备案号的剧目", "Titles whose label shows a number"),
    "register": ("备案登记库", "Register"),
    "system": ("系统", "System"),
    "state": ("状态", "State"),
    "is_stale": ("过期", "stale"),
    "is_fresh": ("有效", "fresh"),
    "coming": ("今后的日期", "Days to come"),
    "on": ("日期", "Day"),
    "what": ("事项", "What changes"),
    "no_coming": (
        "现行政策中没有 {as_of} 之后生效的变化。",
        "The policy knows of no change of the law after {as_of}.",
    ),
    "forecast": ("法规预测", "Forecast of the law"),
    "forecast_changed": ("{number} 部剧目的判定有变", "{number} titles change"),
    "forecast_listed": (
        "列出 {listed} 部（首页首屏的在前），共 {changed} 部",
        "{listed} of {changed} titles, those on the first screen first",
    ),
    "why": ("原因", "Why"),
    "other_regime": ("适用的制度或类别不同", "another regime or tier"),
    "law": ("法规", "Law"),
    "form": ("形式", "Form"),
    "online_on": ("上线日", "Online on"),
    "slots": ("在投位置", "Active placements"),
    "incomplete": (
        "本次审核以 --no-reports 运行，剧名、制作机构、在投位置与备案库情况不在本报告中。",
        "The run was made with --no-reports: names, producers, placements and register are not in this report.",
    ),
    "never_applied": ("未适用于任何剧目的规则", "Rules that applied to no title"),
    "title": ("剧目", "Title"),
    "guard": ("发布熔断：离界限多近", "The guard of the block list: how near each bound was"),
    "guard_short": ("发布熔断", "Guard"),
    "guard_reading": ("检查项", "Reading"),
    "guard_held": ("超限，等待批准", "beyond: held until approved"),
    "guard_passed": ("未超限", "within"),
    "guard_still": (
        "另有 {number} 项与生效名单相比没有变化",
        "{number} more readings show no change against the list in force",
    ),
    "value": ("本次", "This run"),
    "bound": ("界限", "Bound"),
    "catalog_shrunk": ("片库缩小", "Catalog shrunk"),
    "register_shrunk": ("备案库缩小", "Register shrunk"),
    "register_stale": ("备案库过期致无法判定", "Unknown by a register gone stale"),
    "fill_fallen": ("填写率下降", "Fill rate fallen"),
    "added": ("名单新增", "Entries added"),
    "removed": ("名单移除", "Entries removed"),
    "placements_hit": ("被拦截的在投推荐位", "Active placements of blocked titles"),
    "waivers": ("豁免", "Waivers"),
    "waiver": ("豁免", "Waiver"),
    "subject": ("对象", "For"),
    "approved_by": ("批准人", "Approved by"),
    "last_on": ("最后一日", "Last day"),
    "used": ("用于（处）", "Used on findings"),
    "in_use": ("使用中", "in use"),
    "expiring": ("即将到期", "expiring"),
    "unused": ("未使用", "unused"),
    "expired": ("已到期", "expired"),
    "revoked": ("已撤销", "revoked"),
    "correction": ("整改回执", "Corrections"),
    "wrong": ("问题", "What is wrong"),
    "new_permit": ("【填写】正确的许可或备案号", "[fill in] right permit number"),
    "new_name": ("【填写】备案剧名", "[fill in] name as filed"),
    "done_on": ("【填写】整改完成日", "[fill in] cured on"),
    "comment": ("【填写】说明", "[fill in] comment"),
    "cured_list": ("已整改", "Cured"),
    "how": ("方式", "How"),
    "by_platform": ("按平台", "By platform"),
    "mail_subject": ("主题：微短剧合规整改通知（{titles} 部）", "Subject: micro-dramas to be put right ({titles})"),
    "mail_dear": ("{producer}：", "Dear {producer},"),
    "mail_counts": (
        "贵方有 {block} 部剧目被拦截、{hold} 部待审，问题与整改方法如下。",
        "{block} of your titles are blocked and {hold} wait for review. What is wrong, and how to cure it:",
    ),
    "mail_ask": (
        "请在附件 {file} 的黄色栏中填写更正内容后发回。",
        "Please fill in the yellow columns of the attached {file} and send it back.",
    ),
    "mail_more": ("另有 {number} 部，见附件 {file}。", "{number} more are in the attached {file}."),
    "to_do": ("处置", "To do"),
    "all_platforms": ("全部平台", "all platforms"),
    "all_stages": ("全部阶段", "all stages"),
    "all_rules": ("全部规则", "all rules"),
    "earlier": ("上一页", "previous"),
    "later": ("下一页", "next"),
    "no_script": (
        "剧目清单需要脚本；请用浏览器打开本页，或看 report.xlsx。",
        "The list of titles needs scripts: open this page in a browser, or see report.xlsx.",
    ),
    "none": ("无", "none"),
}

TEXTS: Mapping[str, Bilingual] = {key: Bilingual(*texts) for key, texts in _TABLE.items()}

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that neither XML 1.0 nor a reader has a use for."""


def clean(text: str, limit: int | None = None) -> str:
    """A text without control characters, cut to `limit` characters."""
    fit = _UNFIT.sub("", text)
    return fit if limit is None or len(fit) <= limit else fit[: limit - 1] + "…"


def evidence_text(evidence: Mapping[str, object], language: str) -> str:
    """The values that a rule saw as `fact: value`, parted by semicolons."""
    names = FACTS_ZH if language == "zh" else {}
    return "; ".join([f"{names.get(fact, fact)}: {value_text(value)}" for fact, value in evidence.items()])


def fact_name(fact: str) -> Bilingual:
    """What a fact is called in a report; its own name in English."""
    return Bilingual(FACTS_ZH.get(fact, fact), fact)


def catalog_word(word: str) -> Bilingual:
    """A word of the catalog's closed lists, such as a slot or a channel."""
    return Bilingual(CATALOG_ZH.get(word, word), word)


def value_text(value: object) -> str:
    """A value of the evidence as text; a dash for none."""
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
