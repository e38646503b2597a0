"""The eight relations of a catalog as typed schemas (contract, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

SYSTEMS = ("key", "ordinary", "other")
"""The filing systems that extracts of the register come from."""


class Type(Enum):
    """Column types; the value is the DuckDB type that a checked column has."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    SMALL = "INTEGER"
    REAL = "DOUBLE"
    FLAG = "BOOLEAN"
    INSTANT = "TIMESTAMP"  # wall time in Asia/Shanghai
    DAY = "DATE"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a relation."""

    name: str
    type: Type
    nullable: bool = False
    values: tuple[str, ...] = ()
    """The closed list of an enumerated text; empty where any text may stand."""
    floor: float | None = None
    """The least number allowed: a smaller one breaks the row."""
    ceiling: float | None = None
    """The greatest number allowed: a larger one breaks the row."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation: its columns in order, and its key, if rows must not repeat one."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


def _text(name: str, *values: str) -> Column:
    return Column(name, Type.TEXT, values=values)


def _text_or_null(name: str) -> Column:
    return Column(name, Type.TEXT, nullable=True)


def _instant_or_null(name: str) -> Column:
    return Column(name, Type.INSTANT, nullable=True)


TITLES = Relation(
    "titles",
    (
        _text("title_id"),
        _text("platform"),
        _text("name"),
        _text("kind", "micro_drama", "drama", "other"),
        _text("form", "live_action", "ai", "animation"),
        _text_or_null("producer"),
        _text("uploader", "institution", "individual"),
        Column("investment_yuan", Type.INTEGER, nullable=True, floor=0),
        _text_or_null("subjects"),
        Column("promoted", Type.FLAG),
        Column("voluntary_tier", Type.SMALL, nullable=True, floor=1, ceiling=2),
        Column("declared_tier", Type.SMALL, nullable=True, floor=1, ceiling=3),
        Column("episode_count", Type.SMALL, floor=0),
        Column("longest_episode_s", Type.SMALL, floor=0),
        _text("status", "draft", "scheduled", "online", "offline"),
        _instant_or_null("online_at"),
        _instant_or_null("taken_down_at"),
        _instant_or_null("reshown_at"),
        _instant_or_null("reviewed_at"),
        _text_or_null("permit_number"),
        Column("updated_at", Type.INSTANT),
    ),
    key="title_id",
)

REGISTER = Relation(
    "register",
    (
        _text("permit_number"),
        _text("title_name"),
        _text_or_null("alt_name"),
        _text_or_null("producer"),
        _text_or_null("filing_org"),
        _text_or_null("platform"),
        _text("status", "active", "pending", "suspended", "revoked", "expired"),
        Column("issued_on", Type.DAY, nullable=True),
        _text("system", *SYSTEMS),
        _instant_or_null("reported_at"),
        Column("updated_at", Type.INSTANT),
    ),
)

PLATFORMS = Relation(
    "platforms",
    (
        _text("platform"),
        _text("name"),
        _text_or_null("short_names"),
        _text_or_null("operator"),
        _text_or_null("av_licence"),
        _text_or_null("registration_no"),
        Column("valid_until", Type.DAY, nullable=True),
    ),
    key="platform",
)

ISSUERS = Relation(
    "issuers",
    (
        _text("short_name"),
        _text("level", "national", "province", "platform"),
        _text_or_null("operator"),
    ),
)

LABELS = Relation(
    "labels",
    (
        _text("title_id"),
        Column("episode_no", Type.SMALL, nullable=True),
        _text("channel", "burned_in", "overlay", "detail_page"),
        _text_or_null("text"),
        _text_or_null("title_text"),
        Column("confidence", Type.REAL, nullable=True, floor=0, ceiling=1),
        _text_or_null("media_hash"),
        Column("read_at", Type.INSTANT),
    ),
)

EPISODES = Relation(
    "episodes",
    (
        _text("title_id"),
        Column("episode_no", Type.SMALL),
        Column("duration_s", Type.SMALL, floor=0),
        _text_or_null("media_hash"),
        Column("ai_notice", Type.FLAG, nullable=True),
    ),
)

PLACEMENTS = Relation(
    "placements",
    (
        _text("placement_id"),
        _text("title_id"),
        _text("slot", "first_screen", "banner", "feed", "search", "push", "paid_traffic", "mini_program"),
        Column("starts_at", Type.INSTANT),
        _instant_or_null("ends_at"),
    ),
)

DOSSIERS = Relation(
    "dossiers",
    (
        _text("title_id"),
        _text_or_null("title_name"),
        Column("episode_duration_s", Type.SMALL, nullable=True, floor=0),
        Column("episode_count", Type.SMALL, nullable=True, floor=0),
        _text_or_null("producer"),
        _text_or_null("creators"),
        _text_or_null("synopsis"),
        _text_or_null("review_opinion"),
        _text_or_null("cost_breakdown"),
        _text_or_null("platform_commitment"),
    ),
)

RELATIONS: Mapping[str, Relation] = {
    relation.name: relation
    for relation in (TITLES, REGISTER, PLATFORMS, ISSUERS, LABELS, EPISODES, PLACEMENTS, DOSSIERS)
}

ALWAYS_REQUIRED = ("titles", "register", "platforms")
"""Nothing can be judged without these; the others are required by the rules that need them."""

EARLIEST_YEAR, LATEST_YEAR = 1990, 2100
"""A day or instant outside these years breaks its row."""
