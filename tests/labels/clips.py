"""Clips that show a permit number as episodes do, with everything about them known.

A clip is drawn by Pillow with a CJK font, over a background that moves, and encoded as H.264 by PyAV. The same clip
comes out of the same description every time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.labels.fonts import find_font


@dataclass(frozen=True, slots=True)
class Label:
    """A text on the picture."""

    text: str
    place: str = "bottom_left"
    """top_left, top_right, bottom_left, bottom_right, centre, bottom."""
    size: int = 24
    """Height of a Chinese character in pixels."""
    opacity: float = 1.0
    colour: str = "white"
    outline: int = 0
    shadow: bool = False
    plate: bool = False
    """A dark plate behind it."""
    two_lines: bool = False
    vertical: bool = False
    begins_s: float = 0.0
    ends_s: float | None = None
    """None: to the end."""
    tilt: float = 0.0
    blur: float = 0.0
    serif: bool = False
    spacing: int = 0
    """Extra pixels between characters."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A video and what it shows."""

    labels: tuple[Label, ...] = ()
    seconds: float = 4.0
    width: int = 720
    height: int = 1280
    rate: int = 25
    background: str = "busy"
    """plain, dark, bright, busy, faces: what the picture is made of; `cuts` changes it every two seconds."""
    subtitles: bool = True
    crf: int = 26
    bitrate: int | None = None
    """Bits a second instead of a constant quality."""
    gop: int = 250
    codec: str = "libx264"
    pixels: str = "yuv420p"
    rotation: int = 0
    """Degrees by which the frames lie on their side, to the left, as a phone films upright."""
    variable_rate: bool = False
    seed: int = 1

    def with_label(self, **changes: Any) -> Clip:
        """The same clip with its first label changed."""
        return replace(self, labels=(replace(self.labels[0], **changes), *self.labels[1:]))


@lru_cache(maxsize=64)
def _font(size: int, serif: bool) -> ImageFont.FreeTypeFont:
    path = find_font(serif=serif)
    if path is None:
        raise FileNotFoundError("no CJK font: install fonts-noto-cjk, or name one in GATE_CJK_FONT")
    index = 2 if path.suffix == ".ttc" else 0  # Noto's collections hold JP, KR, SC, TC, HK in this order
    return ImageFont.truetype(str(path), size, index=index)


def draw(label: Label) -> Image.Image:
    """The label as a picture with transparency, cut to its own size and a margin."""
    lines = _split(label.text) if label.two_lines else [label.text]
    ink = _vertical(label) if label.vertical else _stacked([_line(line, label) for line in lines])
    if label.plate:
        plate = Image.new("RGBA", ink.size, (0, 0, 0, 170))
        plate.alpha_composite(ink)
        ink = plate
    if label.shadow:
        dark = Image.new("RGBA", ink.size)
        dark.paste(Image.new("RGBA", ink.size, (0, 0, 0, 200)), (2, 2), ink)
        dark.alpha_composite(ink)
        ink = dark
    if label.tilt:
        ink = ink.rotate(label.tilt, expand=True, resample=Image.Resampling.BICUBIC)
    if label.blur:
        ink = ink.filter(ImageFilter.GaussianBlur(label.blur))
    if label.opacity < 1:
        ink.putalpha(ink.getchannel("A").point(lambda alpha: round(alpha * label.opacity)))
    return ink


def _split(text: str) -> list[str]:
    """Before the year, where people break the line."""
    at = max(text.rfind("（20"), text.rfind("(20"), text.rfind("〔20"), len(text) // 2 if "20" not in text else 0)
    return [text[:at], text[at:]]


def _line(text: str, label: Label) -> Image.Image:
    font = _font(label.size, label.serif)
    margin = 6 + label.outline
    width = round(sum(font.getlength(one) + label.spacing for one in text)) if label.spacing else font.getlength(text)
    image = Image.new("RGBA", (round(width) + 2 * margin, round(label.size * 1.5) + 2 * label.outline))
    pen = ImageDraw.Draw(image)
    fill, edge = (label.colour, "white" if label.colour == "black" else "black")
    left = float(margin)
    for piece in text if label.spacing else [text]:
        pen.text((left, label.outline), piece, font=font, fill=fill, stroke_width=label.outline, stroke_fill=edge)
        left += font.getlength(piece) + label.spacing
    return image


def _vertical(label: Label) -> Image.Image:
    """Characters on top of each other, each upright; brackets lie on their side as in print."""
    font = _font(label.size, label.serif)
    pitch = round(label.size * 1.12)
    image = Image.new("RGBA", (label.size + 12, pitch * len(label.text) + 12))
    edge = "white" if label.colour == "black" else "black"
    for place, one in enumerate(label.text):
        cell = Image.new("RGBA", (label.size + 12, label.size + 12))
        ImageDraw.Draw(cell).text(
            (cell.width / 2, cell.height / 2), one, font=font, fill=label.colour, anchor="mm",
            stroke_width=label.outline, stroke_fill=edge,
        )  # fmt: skip
        if one in "（）()〔〕[]【】":
            cell = cell.rotate(-90)
        image.alpha_composite(cell, (0, place * pitch))
    return image


def _stacked(lines: list[Image.Image]) -> Image.Image:
    image = Image.new("RGBA", (max(line.width for line in lines), sum(line.height for line in lines)))
    top = 0
    for line in lines:
        image.alpha_composite(line, (0, top))
        top += line.height
    return image


def corner(label: Label, ink: Image.Image, width: int, height: int) -> tuple[int, int]:
    """Where the label's left upper corner stands."""
    left, right = 20, max(0, width - ink.width - 20)
    top, bottom = 40, max(0, height - ink.height - 60)
    middle = max(0, (width - ink.width) // 2)
    places = {
        "top_left": (left, top),
        "top_right": (right, top),
        "bottom_left": (left, bottom),
        "bottom_right": (right, bottom),
        "centre": (middle, max(0, (height - ink.height) // 2)),
        "bottom": (middle, bottom),
    }
    return places[label.place]


@lru_cache(maxsize=16)
def _scene(kind: str, seed: int, width: int, height: int) -> np.ndarray:
    """A picture larger than the frame, over which the frame moves."""
    random = np.random.default_rng(seed)
    size = (height + 160, width + 160)
    if kind in ("plain", "dark", "bright"):
        level = {"plain": 96, "dark": 18, "bright": 225}[kind]
        ramp = np.linspace(-14, 14, size[0])[:, None, None]
        return np.clip(level + ramp + np.zeros((*size, 3)), 0, 255).astype(np.uint8)
    image = Image.new("RGB", (size[1], size[0]), tuple(random.integers(30, 200, 3).tolist()))
    pen = ImageDraw.Draw(image)
    for _ in range(260 if kind == "busy" else 60):
        x, y = random.integers(0, size[1]), random.integers(0, size[0])
        w, h = random.integers(10, 260, 2)
        colour = tuple(random.integers(0, 256, 3).tolist())
        draw_shape = pen.ellipse if random.random() < 0.5 else pen.rectangle
        draw_shape((x, y, x + w, y + h), fill=colour)
    image = image.filter(ImageFilter.GaussianBlur(1.2 if kind == "busy" else 6))
    grain = random.normal(0, 9, (*size, 1))
    return np.clip(np.asarray(image, dtype=np.float32) + grain, 0, 255).astype(np.uint8)


_SPOKEN = (
    "你到底想要怎么样",
    "三年前的事我都知道了",
    "别再来找我",
    "总裁今天不在公司",
    "原来一直是你",
    "这份合同必须签",
)


def write(clip: Clip, path: Path) -> Path:
    """Encode the clip into that file."""
    inks = [(label, np.asarray(draw(label), dtype=np.float32)) for label in clip.labels]
    with av.open(str(path), "w") as container:
        stream = _stream(container, clip)
        time = Fraction(0)
        step = Fraction(1, clip.rate)
        number = 0
        while time < clip.seconds:
            picture = _picture(clip, float(time), inks)
            if clip.rotation:
                picture = np.ascontiguousarray(np.rot90(picture, clip.rotation // 90))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(time * 90_000), Fraction(1, 90_000)
            container.mux(stream.encode(frame))
            number += 1
            time += step * (1 + number % 3) if clip.variable_rate else step
        container.mux(stream.encode(None))
    return path


def _stream(container: Any, clip: Clip) -> Any:
    stream = container.add_stream(clip.codec, rate=clip.rate)
    on_side = clip.rotation % 180 != 0
    stream.width, stream.height = (clip.height, clip.width) if on_side else (clip.width, clip.height)
    stream.pix_fmt = clip.pixels
    stream.time_base = Fraction(1, 90_000)
    stream.codec_context.time_base = Fraction(1, 90_000)
    stream.codec_context.thread_count = 1
    stream.gop_size = clip.gop
    if clip.bitrate:
        stream.bit_rate = clip.bitrate
        stream.options = {"preset": "veryfast"}
    else:
        stream.options = {"preset": "veryfast", "crf": str(clip.crf)}
    return stream


def background(clip: Clip, time: float) -> np.ndarray:
    """What the picture shows at a time, without any text."""
    cut = int(time // 2) if clip.background == "cuts" else 0
    scene = _scene("busy" if clip.background == "cuts" else clip.background, clip.seed + cut, clip.width, clip.height)
    dx, dy = int(80 + 75 * np.sin(time * 0.9 + clip.seed)), int(80 + 75 * np.cos(time * 0.7))
    return scene[dy : dy + clip.height, dx : dx + clip.width]


def _picture(clip: Clip, time: float, inks: list[tuple[Label, np.ndarray]]) -> np.ndarray:
    picture = background(clip, time).copy()
    if clip.subtitles:
        spoken = Label(_SPOKEN[int(time // 1.6 + clip.seed) % len(_SPOKEN)], size=40, outline=2, place="bottom")
        ink = _spoken(spoken)
        lay(picture, ink, ((clip.width - ink.shape[1]) // 2, int(clip.height * 0.74)))
    for label, ink in inks:
        if label.begins_s <= time < (clip.seconds if label.ends_s is None else label.ends_s):
            image = Image.fromarray(ink.astype(np.uint8))
            lay(picture, ink, corner(label, image, clip.width, clip.height))
    return picture


def first_picture(clip: Clip) -> np.ndarray:
    """The first frame of a clip."""
    return _picture(clip, 0.0, [(label, np.asarray(draw(label), dtype=np.float32)) for label in clip.labels])


@lru_cache(maxsize=32)
def _spoken(label: Label) -> np.ndarray:
    return np.asarray(draw(label), dtype=np.float32)


def lay(picture: np.ndarray, ink: np.ndarray, at: tuple[int, int]) -> None:
    """Lay a label over a picture; what stands beyond its edge is cut."""
    x, y = at
    part = picture[y : y + ink.shape[0], x : x + ink.shape[1]]
    ink = ink[: part.shape[0], : part.shape[1]]
    alpha = ink[..., 3:] / 255
    part[:] = (part * (1 - alpha) + ink[..., :3] * alpha).astype(np.uint8)
