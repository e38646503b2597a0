"""Text written from top to bottom, laid on its side: characters are cut apart and put in a row, each upright."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from compliance.labels.lines import Line
from compliance.labels.models import Image
from compliance.permits.patterns import WORDS_BY_SPELLING

_BARE = re.compile(rf"([^0-9（(一]{{1,8}})一?({'|'.join(WORDS_BY_SPELLING)})一?([0-9]{{4}})一?(第?[0-9]+号)")
_SIDE = 48


def laid_flat(image: Image, column: Line) -> Image | None:
    """The column as a row, by the likeliest distance between its characters; None where it is none."""
    left, top, right, bottom = column.box
    width = right - left
    top, bottom = max(0, top - width // 3), min(image.shape[0], bottom + width // 3)
    strip = image[top:bottom, max(0, left) : right]
    if strip.shape[0] < 4 * strip.shape[1] or strip.shape[1] < 5:
        return None
    return _row(strip, *_pitch(_ink(strip), width))


def bracketed(text: str) -> str:
    """A number read from a column, with the brackets that lie on their side there and are not read."""
    return _BARE.sub(r"（\1）\2（\3）\4", text)


def _ink(strip: Image) -> NDArray[np.float64]:
    """How much is drawn in each row of pixels: the strength of its edges from side to side."""
    grey = strip.astype(np.float64).mean(axis=2)
    ink: NDArray[np.float64] = np.abs(np.diff(grey, axis=1)).mean(axis=1)
    return ink


def _pitch(ink: NDArray[np.float64], width: int) -> tuple[float, float]:
    """Distance and offset at which cuts meet the least ink beside the most."""
    total = np.concatenate(([0.0], ink.cumsum()))
    found = []
    for pitch in np.arange(0.6 * width, 1.35 * width, 0.5):
        phases = np.arange(0, pitch, max(1.0, pitch / 12))
        half = max(1.0, pitch * 0.08)
        cuts = phases[:, None] + np.arange(0, len(ink) // pitch) * pitch
        low = np.clip(np.round(cuts - half), 0, len(ink)).astype(np.intp)
        high = np.clip(np.round(cuts + half), 0, len(ink)).astype(np.intp)
        empty = (total[high] - total[low]).sum(axis=1) / np.maximum(1, (high - low).sum(axis=1))
        best = int(empty.argmin())
        found.append((float(empty[best]), float(pitch), float(phases[best])))
    _, pitch, phase = min(found)
    return pitch, phase


def _row(strip: Image, pitch: float, phase: float) -> Image:
    import cv2

    cells = []
    begin = phase - pitch if phase > 0.4 * pitch else phase
    while begin + pitch <= strip.shape[0] + 0.3 * pitch:
        cell = strip[max(0, round(begin)) : round(begin + pitch)]
        if cell.shape[0] >= 3:
            scale = _SIDE / strip.shape[1]
            cells.append(cv2.resize(cell, (_SIDE, max(1, round(cell.shape[0] * scale)))))
        begin += pitch
    height = max(cell.shape[0] for cell in cells)
    padded = [cv2.copyMakeBorder(cell, 0, height - cell.shape[0], 0, 0, cv2.BORDER_REPLICATE) for cell in cells]
    return np.ascontiguousarray(np.hstack(padded), np.uint8)
