"""The platforms and issuers of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

_BYTEDANCE = "字节跳动/抖音集团"
_TENCENT = "腾讯"


@dataclass(frozen=True, slots=True)
class Platform:
    """One row of the relation `platforms`."""

    platform: str
    name: str
    short_names: tuple[str, ...]
    operator: str
    qualified: bool = True
    """Holds a licence or a registration at all."""
    lapsed: bool = False
    """What it holds is no longer valid."""


PLATFORMS: tuple[Platform, ...] = (
    Platform("hongguo", "红果免费短剧", ("番茄", "红果"), _BYTEDANCE),
    Platform("douyin", "抖音", ("抖音",), _BYTEDANCE),
    Platform("xigua", "西瓜视频", ("西瓜", "今日头条"), _BYTEDANCE),
    Platform("qimao", "七猫短剧", ("七猫",), "七猫"),
    Platform("wechat", "微信小程序", ("微信",), _TENCENT),
    Platform("channels", "微信视频号", ("视频号",), _TENCENT),
    Platform("tencent_video", "腾讯视频", ("腾讯视频", "火龙"), _TENCENT),
    Platform("kuaishou", "快手", ("快手", "喜番"), "快手"),
    Platform("youku", "优酷", ("优酷",), "阿里巴巴"),
    Platform("iqiyi", "爱奇艺", ("爱奇艺",), "爱奇艺"),
    Platform("mango", "芒果TV", ("芒果TV",), "芒果超媒"),
    Platform("hema", "河马剧场", ("河马剧场", "点众"), "点众科技（北京点众科技股份有限公司）"),
    Platform("chenxing", "晨星短剧（样例）", ("晨星",), "晨星文化（样例）", qualified=False),
    Platform("feilu", "飞鹿剧场（样例）", ("飞鹿",), "飞鹿传媒（样例）", lapsed=True),
)
"""The last two are made up: the only ones that lack a valid qualification, used by planted titles alone."""

QUALIFIED = tuple(range(len(PLATFORMS) - 2))
UNQUALIFIED, LAPSED = len(PLATFORMS) - 2, len(PLATFORMS) - 1

REGULATORS: tuple[str, ...] = (
    "总局",
    *"京津冀晋辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新",
    "内蒙古",
    "兵团",
)
_LISTED = ("支付宝", "哔哩哔哩", "小红书", "百度")
"""Issuers of the shipped table that are nobody's short name here."""
_ADDED = ("麦芽样例", "南瓜样例")
"""Issuers that the relation `issuers` adds."""
_UNKNOWN = ("云朵", "青柚", "万象")

ISSUERS: tuple[str, ...] = (
    *REGULATORS,
    *(short_name for platform in PLATFORMS for short_name in platform.short_names),
    *_LISTED,
    *_ADDED,
    *_UNKNOWN,
)
FIRST_UNKNOWN, UNKNOWN_COUNT = len(ISSUERS) - len(_UNKNOWN), len(_UNKNOWN)

OWN: tuple[tuple[int, ...], ...] = tuple(
    tuple(ISSUERS.index(short_name) for short_name in platform.short_names) for platform in PLATFORMS
)
"""Platform → its own issuers."""


def _siblings(platform: Platform) -> tuple[int, ...]:
    kin = (other for other in PLATFORMS if other.operator == platform.operator and other is not platform)
    return tuple(ISSUERS.index(short_name) for other in kin for short_name in other.short_names)


SIBLINGS: tuple[tuple[int, ...], ...] = tuple(_siblings(platform) for platform in PLATFORMS)
"""Platform → issuers of the same operator that are not its own."""

FOREIGN: tuple[tuple[int, ...], ...] = tuple(
    tuple(
        issuer
        for issuer in range(len(REGULATORS), FIRST_UNKNOWN)
        if issuer not in OWN[number] and issuer not in SIBLINGS[number]
    )
    for number in range(len(PLATFORMS))
)
"""Platform → platform issuers of other operators."""

WITH_SIBLINGS = tuple(number for number in QUALIFIED if SIBLINGS[number])


def platforms_table(as_of: date) -> pa.Table:
    """The relation `platforms`."""
    rows = [
        {
            "platform": platform.platform,
            "name": platform.name,
            "short_names": ",".join(platform.short_names),
            "operator": platform.operator,
            "av_licence": f"01{number:05d}" if platform.qualified and number % 3 else None,
            "registration_no": f"网视备{number:06d}" if platform.qualified and not number % 3 else None,
            "valid_until": as_of - timedelta(days=1) if platform.lapsed else as_of + timedelta(days=30 * number),
        }
        for number, platform in enumerate(PLATFORMS)
    ]
    texts = ("platform", "name", "short_names", "operator", "av_licence", "registration_no")
    return pa.Table.from_pylist(
        rows, pa.schema([(name, pa.string()) for name in texts] + [("valid_until", pa.date32())])
    )


def issuers_table() -> pa.Table:
    """The relation `issuers`: what the shipped table does not know."""
    rows = [{"short_name": name, "level": "platform", "operator": f"{name}运营公司"} for name in _ADDED]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in ("short_name", "level", "operator")]))
