"""Small catalogs that keep the contract in every row and try everything else: odd numbers, near names, edges of days.

Values come from short lists, so that titles meet each other's numbers, register rows and names again and again.
"""

# ruff: noqa: DTZ001, E501 - wall time in Asia/Shanghai, as the contract wants it; Han characters are two columns wide

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from tests.catalogs import write_catalog

Value = TypeVar("Value")

AS_OF = date(2026, 11, 23)

_DAYS = [
    date(1990, 1, 1), date(2022, 5, 31), date(2022, 6, 1), date(2024, 5, 31), date(2024, 6, 1), date(2024, 7, 1),
    date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 1),
    date(2026, 11, 22), AS_OF, date(2026, 11, 24), date(2100, 12, 31),
]  # fmt: skip
_TIMES = [timedelta(0), timedelta(hours=12), timedelta(days=1) - timedelta(microseconds=1)]
_AMOUNTS = [0, 299_999, 300_000, 799_999, 800_000, 999_999, 1_000_000, 2_999_999, 3_000_000, 2**62, None]
_SUBJECTS = [
    None, "都市", "都市,军事", " 司法 ，公安、政治", "军事迷", "，,、", "军 事", "民族　", "外交\u200b", '["军事", "爱情"]',
]  # fmt: skip

_NAMES = [
    "归来之后", "归来之后！", "归来 之后", "歸來之後", "《归来之后》", "归来之后第1季", "Ｄａｎｃｅ", "dance", "DANCE", "Straße",
    "STRASSE", "İstanbul", "istanbul", "é", "e\u0301", "！", "——", "\u200b归来之后", "归来之后\u3000", "🎬归来", "\u202e归来之后",
    "乾坤", "干坤", "（归来之后）", "归来·之后", "a'b\"c\\d", "ﬁlm", "film", "１２", "12", "后", "後",
]  # fmt: skip
_STATUSES = ["active", "active", "pending", "suspended", "revoked", "expired"]
_PRODUCERS = [None, "某某影视有限公司", "某某影視有限公司", "某某影视 有限公司。", "另一家", "ＡＢＣ", "abc"]

_OPEN, _CLOSE = "（([【〔［", "）)]】〕］"
_ISSUERS = [
    "总局", "總局", "沪", "滬", "京", "兵团", "番茄", "抖音", "快手", "某某台", "七猫", "红果", "甲", "乙", "丙", "丁", "番 茄", "审网",
]  # fmt: skip
_WORDS = ["网微剧审字", "网微剧备字", "網微劇備字", "网微剧备案字", "网剧审字", "网影审字", "网动审字", "网 微剧备字"]
_YEARS = ["2020", "2021", "2022", "2024", "2026", "２０２６", "2027", "1999", "0000", "9999"]
_SERIALS = ["1", "01", "12", "012", "１２", "O12", "1O", "0", "000", "847205", "9" * 20, "12 3"]
_ODD = [
    None, None, None, " ", "\u200b", "　", "无", "-", "暂无", "N/A", "网微剧备字", "（番茄）网微剧备字", "番茄网微剧备字（2026）第1号",
    "沪网微剧备字〔2026〕0123号", "备案号：（番茄）网微剧备字（2026）第12号", "（番茄）网微剧备字（2026）第12号（抖音）网微剧备字（2026）第1号",
    "V00000000000000", "V11004342001101", "v11004342001101", "Ｖ１１００４３４２００１１０１", "V123456788888888", "V1234", "影剧备字[2014]第653号",
    "(粤)字第03212号", "1234567", "京ICP备12345678号", "（番茄）网微剧备字（2026）第号", "（番茄）网微剧备字第12号", "网微剧备字（2026）第12号",
    "（抖音）网微剧备字（2024）第1号", "(抖音)网微剧备字(2024)第1号", "x" * 10_000, "（番茄）网微剧备字（2026）第12号\n", "（）网微剧备字（2026）第1号",
    "（番茄）网微剧审字（2026）第7号", "（番茄）网剧审字（2022）第7号", "a'b", "%", "（番茄）网微剧备字（２０２６）第１２号。",
]  # fmt: skip


class Nasty:
    """Draws one catalog; the same seed gives the same."""

    def __init__(self, seed: int, titles: int) -> None:
        self._random = Random(seed)
        self._count = titles
        self.numbers = [self._number() for _ in range(max(6, titles // 4))]

    def write(self, folder: Path) -> Path:
        """Write all relations as Parquet and return the folder."""
        return write_catalog(
            folder,
            titles=[self._title(place) for place in range(self._count)],
            register=self._register(),
            platforms=self._platforms(),
            issuers=[
                {"short_name": "甲", "level": "platform", "operator": self._one(["甲公司", None, "未知"])},
                {"short_name": "乙", "level": "province", "operator": None},
                {"short_name": "滬", "level": self._one(["province", "platform"]), "operator": "沪公司"},
                {"short_name": "快手", "level": "platform", "operator": self._one(["快手公司", "甲公司", ""])},
            ],
            labels=[self._label() for _ in range(2 * self._count)],
            episodes=[self._episode(place) for place in range(2 * self._count)],
            placements=[self._placement() for _ in range(self._count)],
        )

    def _one(self, values: Sequence[Value]) -> Value:
        return self._random.choice(values)

    def _instant(self) -> datetime:
        day = self._one(_DAYS)
        return datetime(day.year, day.month, day.day) + self._one(_TIMES)

    def _instant_or_null(self) -> datetime | None:
        return self._one([None, self._instant()])

    def _title_id(self) -> str:
        return f"t{self._random.randrange(self._count)}"

    def _number(self) -> str:
        issuer, words = self._one(_ISSUERS), self._one(_WORDS)
        position = self._random.randrange(len(_OPEN)) if self._random.random() < 0.3 else 0
        other = self._random.randrange(len(_CLOSE)) if self._random.random() < 0.1 else position
        year = f"{_OPEN[position]}{self._one(_YEARS)}{_CLOSE[other]}"
        serial = f"{self._one(['第', '第', '第', ''])}{self._one(_SERIALS)}{self._one(['号', '号', '號', ''])}"
        return f"{_OPEN[position]}{issuer}{_CLOSE[other]}{words}{year}{serial}"

    def _raw(self) -> str | None:
        return self._one(_ODD) if self._random.random() < 0.3 else self._one(self.numbers)

    def _title(self, place: int) -> dict[str, Any]:
        status = self._one(["draft", "scheduled", "online", "online", "offline"])
        return {
            "title_id": f"t{place}",
            "platform": self._one(["p1", "p2", "p3", "p4", "p5"]),
            "name": self._one(_NAMES),
            "kind": self._one(["micro_drama"] * 6 + ["drama", "other"]),
            "form": self._one(["live_action", "ai", "animation"]),
            "producer": self._one(_PRODUCERS),
            "uploader": self._one(["institution", "individual"]),
            "investment_yuan": self._one(_AMOUNTS),
            "subjects": self._one(_SUBJECTS),
            "promoted": self._one([True, False]),
            "voluntary_tier": self._one([None, None, 1, 2]),
            "declared_tier": self._one([None, 1, 2, 3]),
            "episode_count": self._one([0, 1, 2, 3, 80]),
            "longest_episode_s": self._one([0, 60, 1199, 1200, 7200]),
            "status": status,
            "online_at": self._instant() if status in ("online", "scheduled") else self._instant_or_null(),
            "taken_down_at": self._instant_or_null(),
            "reshown_at": self._instant_or_null(),
            "reviewed_at": self._instant_or_null(),
            "permit_number": self._raw(),
        }

    def _register(self) -> list[dict[str, Any]]:
        """Some rows have a twin that only who filed it and perhaps the status tell apart."""
        rows = [self._register_row() for _ in range(self._count)]
        twins = [row | {"filing_org": "甲", "status": self._one(_STATUSES)} for row in rows[::4]]
        return [*rows, *twins]

    def _register_row(self) -> dict[str, Any]:
        return {
            "permit_number": self._raw() or "无",
            "title_name": self._one(_NAMES),
            "alt_name": self._one([None, self._one(_NAMES)]),
            "producer": self._one(_PRODUCERS),
            "filing_org": self._one([None, "番茄"]),
            "platform": self._one([None, "p1"]),
            "status": self._one(_STATUSES),
            "issued_on": self._one([None, self._one(_DAYS)]),
            "system": self._one(["key", "ordinary", "other"]),
            "reported_at": self._instant_or_null(),
            "updated_at": self._updated_at(),
        }

    def _updated_at(self) -> datetime:
        """Old rows alone leave a system stale, which should be seen now and then."""
        newest = datetime(2026, 11, 16) if self._count % 2 else datetime(2026, 11, 15, 23, 59)
        return self._one([newest, newest - timedelta(days=30), self._instant() if self._count % 3 else newest])

    def _platforms(self) -> list[dict[str, Any]]:
        return [
            {"platform": "p1", "short_names": "番茄，红果,抖音", "operator": "番茄公司"},
            {"platform": "p2", "short_names": "抖音", "operator": self._one(["番茄公司", "抖音公司"])},
            {"platform": "p3", "short_names": "丁、 某某台 ", "operator": self._one([None, "未知", "unknown"])},
            {"platform": "p4", "short_names": None, "operator": "甲公司", "av_licence": None},
            {
                "platform": "p5",
                "short_names": "快手,七猫",
                "operator": "快手公司",
                "av_licence": self._one([None, "1"]),
                "registration_no": self._one([None, "2"]),
                "valid_until": self._one([None, date(2026, 11, 22), AS_OF]),
            },
        ]

    def _label(self) -> dict[str, Any]:
        number = self._raw()
        around = self._one(["{}", "{}", "《归来之后》{}出品", "备案号:{}", "第3集 {}"])
        return {
            "title_id": self._title_id(),
            "channel": self._one(["burned_in", "overlay", "detail_page"]),
            "text": self._one([None, " \u3000", "\u200b", "归来之后"]) if number is None else around.format(number),
            "title_text": self._one([None, " ", "！", self._one(_NAMES)]),
            "confidence": self._one([None, 0.0, 0.49999, 0.5, 1.0]),
            "media_hash": self._one([None, None, "a", "b", "c"]),
        }

    def _episode(self, place: int) -> dict[str, Any]:
        return {
            "title_id": self._title_id(),
            "episode_no": place,
            "duration_s": 60,
            "media_hash": self._one([None, "a", "b"]),
            "ai_notice": self._one([None, True, True, False]),
        }

    def _placement(self) -> dict[str, Any]:
        return {
            "title_id": self._title_id(),
            "slot": self._one(["first_screen", "banner", "push"]),
            "starts_at": self._instant(),
            "ends_at": self._instant_or_null(),
        }
