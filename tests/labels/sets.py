"""The sets of clips that labels are measured on. A set is the same every time: nothing in it is drawn by chance.

`normal`: what the bar is about: at least 16 pixels, 40 % opacity, one second in the opening or in the last 3 seconds.
`stress`: smaller, fainter, blurred, squeezed, tilted, shorter. `near`: a number that differs by a digit or the issuer.
`spelt`: numbers in the other forms that are accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from tests.labels.clips import Clip, Label

ISSUERS = (
    "番茄",
    "快手",
    "抖音",
    "七猫",
    "河马",
    "爱奇艺",
    "腾讯视频",
    "优酷",
    "芒果TV",
    "总局",
    "沪",
    "粤",
    "浙",
    "星芽",
)
BACKGROUNDS = ("busy", "faces", "plain", "dark", "bright", "cuts")
CORNERS = ("bottom_left", "top_right", "top_left", "bottom_right", "bottom")


@dataclass(frozen=True, slots=True)
class Case:
    """A clip, the number that it should show, and what is special about it."""

    condition: str
    clip: Clip
    expected: str


def number(place: int) -> str:
    """A number as one is printed; another for each place."""
    issuer = ISSUERS[place % len(ISSUERS)]
    serial = (place * 7919 + 13) * 104_729 % 10 ** (3 + place % 5) + 1
    words = "网微剧审字" if place % 9 == 4 and issuer in ("总局", "沪", "粤", "浙") else "网微剧备字"
    return f"（{issuer}）{words}（{2024 + place % 3}）第{serial}号"


BARE = ("总局", "沪", "京", "浙", "粤", "苏", "湘", "川", "渝", "鲁", "豫", "津", "云", "甘", "宁", "新")
"""Issuers that may stand without brackets."""


def spelt(place: int) -> tuple[str, str]:
    """A number and how it is written in another accepted form: one of seven, in turn."""
    form = place % 7
    issuer = BARE[place % len(BARE)] if form < 4 else ISSUERS[place % len(ISSUERS)]
    serial = (place * 6007 + 29) * 104_729 % 10 ** (2 + place % 6) + 1
    words = "网微剧审字" if issuer in BARE and form in (1, 6) and place % 4 == 1 else "网微剧备字"
    year = 2024 + place % 3
    before = issuer if form < 4 else f"（{issuer}）"
    written = words.replace("备", "备案") if form in (2, 4) else words
    serial_written = f"0{serial}号" if form == 0 else f"第{serial}" + ("" if form in (3, 5, 6) else "号")
    brackets = "〔〕" if form < 2 else "（）"
    shown = f"{before}{written}{brackets[0]}{year}{brackets[1]}{serial_written}"
    return f"（{issuer}）{words}（{year}）第{serial}号", shown


def _cases(conditions: dict[str, list[tuple[dict[str, object], dict[str, object]]]], seconds: float) -> Iterator[Case]:
    grounds, corners = cycle(BACKGROUNDS), cycle(CORNERS)
    place = 0
    for condition, variants in conditions.items():
        for label, clip in variants:
            place += 1
            ground, corner = next(grounds), next(corners)
            shown = number(place)
            colour = "black" if clip.get("background", ground) == "bright" else "white"
            drawn = Label(**{"text": shown, "place": corner, "colour": colour, **label})  # type: ignore[arg-type]  # whatever fields a variant has
            made = Clip(**{"labels": (drawn,), "seconds": seconds, "background": ground, "seed": place, **clip})  # type: ignore[arg-type]  # whatever fields a variant has
            yield Case(condition, made, shown)


def _variants(
    labels: list[dict[str, object]], times: int, **clip: object
) -> list[tuple[dict[str, object], dict[str, object]]]:
    return [(label, dict(clip)) for _ in range(times) for label in labels]


def normal() -> list[Case]:
    """Clips within the bar's bounds."""
    outlined: dict[str, object] = {"outline": 1}
    return list(
        _cases(
            {
                "corner, 16 px": _variants([{"size": 16}, {"size": 16, **outlined}], 5),
                "corner, 18–20 px": _variants([{"size": 18}, {"size": 20}, {"size": 20, **outlined}], 4),
                "corner, 24–32 px": _variants([{"size": 24}, {"size": 28}, {"size": 32, **outlined}], 4),
                "opacity 40 %": _variants([{"size": 24, "opacity": 0.4, **outlined}, {"size": 28, "opacity": 0.4}], 5),
                "opacity 60 %": _variants([{"size": 20, "opacity": 0.6}, {"size": 24, "opacity": 0.6, **outlined}], 5),
                "shadow or plate": _variants([{"size": 20, "shadow": True}, {"size": 20, "plate": True}], 4),
                "two lines": _variants(
                    [{"size": 22, "two_lines": True}, {"size": 28, "two_lines": True, **outlined}], 5
                ),
                "vertical": _variants(
                    [
                        {"size": 24, "vertical": True, **outlined, "place": "top_left"},
                        {"size": 28, "vertical": True, "place": "top_right"},
                    ],
                    5,
                ),
                "card in the centre": _variants(
                    [{"size": 34, "place": "centre"}, {"size": 30, "place": "centre", "serif": True}],
                    3,
                    background="dark",
                    subtitles=False,
                ),
                "serif, spaced": _variants([{"size": 24, "serif": True}, {"size": 22, "spacing": 4}], 4),
                "one second of the opening": _variants(
                    [
                        {"size": 22, "begins_s": 0.0, "ends_s": 1.0},
                        {"size": 22, "begins_s": 0.9, "ends_s": 1.9},
                        {"size": 22, "begins_s": 1.6, "ends_s": 2.6},
                    ],
                    3,
                ),
                "last 3 seconds": [
                    ({"size": 24, "begins_s": begins, "ends_s": ends}, {"seconds": 12.0})
                    for begins, ends in ((9.0, 10.0), (10.0, 11.0), (10.9, 12.0), (9.5, 12.0)) * 2
                ],
            },
            4.0,
        )
    )


def stress() -> list[Case]:
    """Clips beyond them."""
    return list(
        _cases(
            {
                "12 px": _variants([{"size": 12}, {"size": 12, "outline": 1}], 4),
                "14 px": _variants([{"size": 14}], 5),
                "opacity 30 %": _variants(
                    [{"size": 24, "opacity": 0.3, "outline": 1}, {"size": 28, "opacity": 0.3}], 3
                ),
                "opacity 20 %, outlined": _variants([{"size": 26, "opacity": 0.2, "outline": 1}], 5),
                "opacity 20 %": _variants([{"size": 26, "opacity": 0.2}], 4),
                "blur 1.5 px": _variants([{"size": 24, "blur": 1.5}], 5),
                "blur 2.5 px": _variants([{"size": 24, "blur": 2.5}], 4),
                "tilt 4°": _variants([{"size": 24, "tilt": 4.0, "outline": 1}], 4),
                "tilt 10°": _variants([{"size": 24, "tilt": 10.0, "outline": 1}], 4),
                "400 kb/s": _variants([{"size": 20, "outline": 1}], 5, bitrate=400_000),
                "150 kb/s": _variants([{"size": 20, "outline": 1}], 4, bitrate=150_000),
                "flash of 0.6 s in the opening": _variants([{"size": 24, "begins_s": 0.8, "ends_s": 1.4}], 4),
                "flash of 0.6 s at 8 s": _variants([{"size": 24, "begins_s": 8.0, "ends_s": 8.6}], 2, seconds=16.0),
            },
            4.0,
        )
    )


_CLOSE = {"0": "8", "1": "7", "2": "7", "3": "8", "4": "1", "5": "6", "6": "5", "7": "1", "8": "3", "9": "0"}
_PARTNER = dict(zip(BARE, (*BARE[1:], BARE[0]), strict=True)) | dict(
    zip(ISSUERS, (*ISSUERS[1:], ISSUERS[0]), strict=True)
)


def near_misses(shown: str) -> list[str]:
    """Numbers other than the one shown: a digit, one dropped, added, doubled, two swapped, the year, the issuer."""
    head, _, rest = shown.rpartition("第")
    serial = rest.removesuffix("号")
    issuer = head[1 : head.index("）")]
    middle = len(serial) // 2
    close = serial[:middle] + _CLOSE[serial[middle]] + serial[middle + 1 :]
    last = serial[:-1] + _CLOSE[serial[-1]]
    doubled = serial[: middle + 1] + serial[middle:]
    year = head[-5:-1]
    others = [
        f"{head}第{close}号",
        f"{head}第{last}号",
        f"{head}第{doubled}号",
        f"{head.replace(year, str(int(year) - 1))}第{serial}号",
        shown.replace(issuer, _PARTNER[issuer], 1),
        f"{head}第{serial}1号",
    ]
    if len(serial) > 1:
        others.append(f"{head}第{serial[:-1]}号")
    if len(serial) > 2:
        others.append(f"{head}第{serial[:middle] + serial[middle + 1 :]}号")
    swapped = serial[:-2] + serial[-1] + serial[-2] if len(serial) > 1 else serial
    if swapped != serial and not swapped.startswith("0"):
        others.append(f"{head}第{swapped}号")
    return [other for other in dict.fromkeys(others) if other != shown]
