"""The facts that a rule may speak of: one row of them stands for one title.

This is the vocabulary of the law in this code. Rules name facts and nothing else; each engine gathers exactly these.
A fact that is not nullable is never NULL; a nullable one is NULL where its text says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum


class FactType(Enum):
    """What may be compared with what."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a title."""

    name: str
    type: FactType
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] = ()
    """The closed list of an enumerated text: a rule that compares with another word does not load."""
    shown_only: bool = False
    """It may be shown as evidence and not be asked in a condition: an audit gathers it only where a rule shows it."""


def _text(name: str, meaning: str, *values: str) -> Fact:
    return Fact(name, FactType.TEXT, meaning, values=values)


def _text_or_null(name: str, meaning: str, *values: str) -> Fact:
    return Fact(name, FactType.TEXT, meaning, nullable=True, values=values)


def _flag(name: str, meaning: str) -> Fact:
    return Fact(name, FactType.FLAG, meaning)


def _integer(name: str, meaning: str) -> Fact:
    return Fact(name, FactType.INTEGER, meaning)


def _integer_or_null(name: str, meaning: str) -> Fact:
    return Fact(name, FactType.INTEGER, meaning, nullable=True)


def _day_or_null(name: str, meaning: str) -> Fact:
    return Fact(name, FactType.DAY, meaning, nullable=True)


def _shown(fact: Fact) -> Fact:
    return replace(fact, shown_only=True)


def _instant_or_null(name: str, meaning: str) -> Fact:
    return Fact(name, FactType.INSTANT, meaning, nullable=True)


_TITLE = (
    _text("title_id", "titles.title_id"),
    _text("platform", "titles.platform"),
    _text("name", "titles.name"),
    _text("kind", "titles.kind; kind `other` is never judged", "micro_drama", "drama"),
    _text("form", "titles.form", "live_action", "ai", "animation"),
    _text_or_null("producer", "titles.producer"),
    _text("uploader", "titles.uploader", "institution", "individual"),
    _integer_or_null("investment_yuan", "titles.investment_yuan"),
    _flag("promoted", "titles.promoted: sponsor-promoted main push"),
    _integer_or_null("voluntary_tier", "titles.voluntary_tier: 1 or 2 where filed voluntarily"),
    _integer_or_null("declared_tier", "titles.declared_tier: what the supplier declared"),
    _integer("episode_count", "titles.episode_count"),
    _integer("longest_episode_s", "titles.longest_episode_s, seconds"),
    _text("status", "titles.status; offline titles are never judged", "draft", "scheduled", "online"),
    _text("stage", "`on_air` for online titles, `prepublish` for draft and scheduled ones", "prepublish", "on_air"),
    _instant_or_null("online_at", "titles.online_at; NULL for a draft without a date"),
    Fact("online_on", FactType.DAY, "the day of online_at; for a draft without a date the as-of day"),
    _instant_or_null("taken_down_at", "titles.taken_down_at"),
    _instant_or_null("reshown_at", "titles.reshown_at"),
    _instant_or_null("reviewed_at", "titles.reviewed_at"),
)

_LAW = (
    _text("regime", "the id of the regime in force on online_on for this form"),
    _flag("legacy", "online_on is before the day from which every title needs a document (2024-06-01)"),
    _integer_or_null("tier", "1, 2 or 3 by the regime; NULL where it cannot be derived"),
    _flag("special_subject", "one of the title's subject words is on the closed list of special subjects"),
    _text_or_null("special_subjects", "the special words found, in the list's order, joined by 、"),
    _flag("first_screen", "a first_screen placement of the title is active on the as-of day"),
    _flag("first_screen_triggers", "the regime makes a first-screen or sponsor-promoted title tier 1"),
    _integer_or_null("episode_bound_s", "from this length of an episode on a title is no micro-drama"),
    _integer_or_null("episode_count_bound", "above this count a title is no micro-drama; NULL: no bound"),
)

_PERMIT = (
    _text_or_null("permit_raw", "titles.permit_number as typed; NULL where empty"),
    _flag("permit_blank", "there is no number: NULL, empty, or white space and zero-width characters alone"),
    _flag("permit_parsed", "the number was understood, and its issuer may issue its family"),
    _text_or_null(
        "permit_reason",
        "why the number was not understood; NULL where it was",
        "blank",
        "prefix_only",
        "look_alike",
        "no_issuer",
        "no_year",
        "no_serial",
        "wrong_issuer",
        "not_a_number",
    ),
    _text_or_null("permit", "the canonical number N; NULL where not parsed"),
    _text_or_null("permit_family", "family of N", "licence", "filing", "series_licence", "online_filing"),
    _text_or_null("permit_words", "the words of N's family as written, such as 网微剧备字; NULL for a V number"),
    _integer_or_null("permit_year", "year of N; NULL for a V number"),
    _flag("permit_placeholder", "N is one of the listed examples, or its serial is 0"),
    _integer_or_null(
        "permit_rank", "1 licence, 2 regulator's filing, 3 platform's filing; NULL: not parsed or unknown"
    ),
    _text_or_null("issuer", "issuer of N; NULL for a V number"),
    _text_or_null("issuer_level", "NULL where N has no issuer or it is unknown", "national", "province", "platform"),
    _text_or_null("issuer_operator", "operator of a platform issuer; NULL where unknown"),
    _text_or_null("platform_operator", "operator of the title's platform; NULL where unknown"),
    _flag("issuer_is_own", "the issuer is among the short names of the title's platform"),
    _flag("platform_filing", "N is a filing whose issuer is a platform"),
)

_REGISTER = (
    _flag("registered", "the register has a row R with N's canonical number"),
    _flag("register_stale", "N's filing system has no rows, or its extract is too old; false without N"),
    _text_or_null("register_status", "R.status", "active", "pending", "suspended", "revoked", "expired"),
    _text_or_null("register_title", "R.title_name"),
    _text_or_null("register_alt_name", "R.alt_name"),
    _text_or_null("register_producer", "R.producer"),
    _shown(_day_or_null("register_issued_on", "R.issued_on")),
    _flag("register_issued_late", "R.issued_on is later than online_on; false without R or without that day"),
    _flag("register_name_equal", "the title's name equals R.title_name or R.alt_name (name equality); false without R"),
    _flag("producer_equal", "producer equals R.producer (name equality); false where either is NULL"),
    _flag("number_shared", "N stands on several micro-dramas (any status but offline) with different names"),
)

_PLATFORM = (
    _text_or_null("platform_av_licence", "platforms.av_licence"),
    _text_or_null("platform_registration_no", "platforms.registration_no"),
    _day_or_null("platform_valid_until", "platforms.valid_until, last valid day"),
)

_EVIDENCE = (
    _flag("label_present", "a label row with text stands in any channel"),
    _flag("label_fresh", "one of the label rows with text is fresh"),
    _flag("label_readable", "one of the fresh label rows with text shows a number"),
    _flag("label_differs_shown", "a fresh overlay or detail_page row shows another number than N"),
    _flag("label_differs_burned_in", "a fresh burned_in row shows another number than N"),
    _shown(_text_or_null("label_number", "the least (by code point) of the other numbers shown")),
    _flag("label_title_differs", "a fresh row, with or without text, shows a title not equal to the name"),
    _shown(_text_or_null("label_title", "the least (by code point) of the other titles shown")),
    _flag("notice_missing", "an episode has ai_notice false"),
    _flag("notice_unknown", "no episode has ai_notice false, but one has it empty, or the title has no episode rows"),
    _shown(_integer("episodes_seen", "rows in episodes for the title")),
    _shown(_integer("episodes_without_notice", "of these, ai_notice false")),
    _shown(_integer("episodes_notice_unknown", "of these, ai_notice empty")),
)

FACTS: Mapping[str, Fact] = {fact.name: fact for fact in (*_TITLE, *_LAW, *_PERMIT, *_REGISTER, *_PLATFORM, *_EVIDENCE)}

_OF_A_REGIME = ("regimes", "grandfathering", "animation_amounts_as")
_OF_LABELS = ("label_confidence_floor",)

HANGS_ON: Mapping[str, tuple[str, ...]] = {
    "regime": _OF_A_REGIME,
    "legacy": ("legacy_before",),
    "tier": (*_OF_A_REGIME, "special_subjects"),
    "special_subject": ("special_subjects",),
    "special_subjects": ("special_subjects",),
    "first_screen_triggers": _OF_A_REGIME,
    "episode_bound_s": _OF_A_REGIME,
    "episode_count_bound": _OF_A_REGIME,
    "permit_placeholder": ("placeholders",),
    "register_stale": ("register_fresh_days",),
    "label_present": _OF_LABELS,
    "label_fresh": _OF_LABELS,
    "label_readable": _OF_LABELS,
    "label_differs_shown": _OF_LABELS,
    "label_differs_burned_in": _OF_LABELS,
    "label_number": _OF_LABELS,
    "label_title_differs": _OF_LABELS,
    "label_title": _OF_LABELS,
}
"""What of the policy a fact is gathered by: settings, and the lists `regimes`, `special_subjects`, `placeholders`."""

PARAMETERS: Mapping[str, FactType] = {
    "as_of": FactType.DAY,
    "legacy_before": FactType.DAY,
    "legacy_deadline": FactType.DAY,
    "microdrama_first_year": FactType.INTEGER,
    "unmarked_longest_s": FactType.INTEGER,
    "unmarked_min_episodes": FactType.INTEGER,
    "label_title_from": FactType.DAY,
    "ai_notice_from": FactType.DAY,
}
"""What a rule may ask of the policy, written `:name`. Never NULL."""
