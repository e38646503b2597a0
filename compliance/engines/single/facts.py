"""The facts of one title in plain Python (contract, sections 2, 4 and 5).

An independent twin of the SQL steps in `sql/facts/`: a property test holds the two together, so neither leans on the
other.
"""

from __future__ import annotations

from datetime import date, datetime

from compliance.engines.single.evidence import Evidence, Row
from compliance.engines.single.labels import label_facts
from compliance.engines.single.numbers import BLANK, Number, read_number
from compliance.engines.single.register import choose, comparison_facts, register_facts
from compliance.permits import rank, split_short_names, stated
from compliance.policy import Policy
from compliance.policy.tiers import derive_tier, special_words

Facts = dict[str, object]

_AS_THEY_STAND = (
    "title_id",
    "platform",
    "name",
    "kind",
    "form",
    "producer",
    "uploader",
    "investment_yuan",
    "promoted",
    "voluntary_tier",
    "declared_tier",
    "episode_count",
    "longest_episode_s",
    "status",
    "online_at",
    "taken_down_at",
    "reshown_at",
    "reviewed_at",
)
"""Columns of `titles` that are facts unchanged."""


def gather(title: Row, evidence: Evidence, as_of: date, policy: Policy) -> Facts:
    """Every fact of `compliance.rules.facts` for one title that is judged and whose row keeps the contract.

    `title` is a row of `titles`; `as_of` is the day judged, in Asia/Shanghai.
    """
    number = read_number(title["permit_number"], evidence.issuers)
    registered = choose(evidence.register) if number.permit is not None else None
    return {
        **{column: title[column] for column in _AS_THEY_STAND},
        "stage": "on_air" if title["status"] == "online" else "prepublish",
        "online_on": _online_on(title, as_of),
        **_law_facts(title, evidence, as_of, policy),
        **number_facts(title["permit_number"], number, policy),
        **_platform_facts(number.permit.issuer if number.permit is not None else None, evidence.platform),
        **register_facts(number, registered, evidence.extracts, as_of, policy),
        **comparison_facts(title, _online_on(title, as_of), number, registered, evidence.namesakes),
        **label_facts(title, number.permit, evidence, policy),
        **_episode_facts(evidence),
    }


def _online_on(title: Row, as_of: date) -> date:
    online_at: datetime | None = title["online_at"]
    return as_of if online_at is None else online_at.date()


def _law_facts(title: Row, evidence: Evidence, as_of: date, policy: Policy) -> Facts:
    online_on = _online_on(title, as_of)
    law_day = online_on if policy.setting("grandfathering") else max(online_on, as_of)
    regime, period = policy.regime_on(law_day, title["form"])
    special = special_words(title["subjects"], policy.special_subjects)
    first_screen = any(row["slot"] == "first_screen" and is_active(row, as_of) for row in evidence.placements)
    return {
        "regime": regime.id,
        "legacy": online_on < policy.day("legacy_before"),
        "tier": derive_tier(
            regime,
            period,
            investment_yuan=title["investment_yuan"],
            special_subject=bool(special),
            promoted=title["promoted"],
            first_screen=first_screen,
            voluntary_tier=title["voluntary_tier"],
        ),
        "special_subject": bool(special),
        "special_subjects": "、".join(special) or None,
        "first_screen": first_screen,
        "first_screen_triggers": regime.promotion,
        "episode_bound_s": regime.episode_bound_s,
        "episode_count_bound": regime.episode_count_bound,
    }


def is_active(placement: Row, as_of: date) -> bool:
    """Whether a placement stands on some moment of the as-of day, whose end is exclusive."""
    starts_at: datetime = placement["starts_at"]
    ends_at: datetime | None = placement["ends_at"]
    return starts_at.date() <= as_of and (ends_at is None or ends_at.date() >= as_of)


def number_facts(raw: str | None, number: Number, policy: Policy) -> Facts:
    """The facts of a number by itself, whatever title it stands on."""
    permit = number.permit
    return {
        "permit_raw": raw or None,
        "permit_blank": number.reason == BLANK,
        "permit_parsed": permit is not None,
        "permit_reason": number.reason,
        "permit": permit.canonical if permit is not None else None,
        "permit_family": permit.family if permit is not None else None,
        "permit_words": permit.words if permit is not None else None,
        "permit_year": permit.year if permit is not None else None,
        "permit_placeholder": permit is not None
        and (permit.canonical in policy.placeholders or not permit.serial.strip("0")),
        "permit_rank": rank(permit.family, number.level) if permit is not None else None,
        "issuer": permit.issuer if permit is not None else None,
        "issuer_level": number.level,
        "issuer_operator": number.operator,
        "platform_filing": number.platform_filing,
    }


def _platform_facts(issuer: str | None, platform: Row) -> Facts:
    return {
        "platform_operator": stated(platform["operator"]),
        "issuer_is_own": issuer is not None and issuer in split_short_names(platform["short_names"]),
        "platform_av_licence": stated(platform["av_licence"]),
        "platform_registration_no": stated(platform["registration_no"]),
        "platform_valid_until": platform["valid_until"],
    }


def _episode_facts(evidence: Evidence) -> Facts:
    notices = [row["ai_notice"] for row in evidence.episodes]
    return {
        "notice_missing": False in notices,
        "notice_unknown": False not in notices and (None in notices or not notices),
        "episodes_seen": len(notices),
        "episodes_without_notice": notices.count(False),
        "episodes_notice_unknown": notices.count(None),
    }
