"""From boxes round text to lines worth reading: what stands in a row is joined, columns are laid on their side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from compliance.labels.models import Image, Quad

_LEAST_HEIGHT = 7
_ROW_SHAPE = 2.2
"""A row is at least so many times as wide as it is high: a number in two lines has eight characters in one."""
_COLUMN_SHAPE = 1.8
_WIDTH = 0.62
"""Of a character of a number, in heights of its line's box, which is higher than the characters are."""
_TILTED = 1.5
"""Degrees from which a row is cut out along its slope."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text on a picture."""

    quad: tuple[tuple[float, float], ...]
    """Its corners, from the left upper one clockwise."""
    column: bool = False
    """Written from top to bottom."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels."""
        xs, ys = zip(*self.quad, strict=True)
        return int(min(xs)), int(min(ys)), int(np.ceil(max(xs))), int(np.ceil(max(ys)))

    @property
    def height(self) -> float:
        """Of its characters."""
        a, b, _, d = (np.array(corner) for corner in self.quad)
        return float(np.linalg.norm(b - a) if self.column else np.linalg.norm(d - a))

    @property
    def length(self) -> float:
        """From its beginning to its end."""
        a, b, _, d = (np.array(corner) for corner in self.quad)
        return float(np.linalg.norm(d - a) if self.column else np.linalg.norm(b - a))

    @property
    def tilt(self) -> float:
        """Degrees by which a row falls."""
        (ax, ay), (bx, by), *_ = self.quad
        return float(np.degrees(np.arctan2(by - ay, bx - ax)))


def lines_of(quads: Iterable[Quad]) -> list[Line]:
    """The rows, joined, the longest for its height first; then the columns."""
    lines = [Line(tuple((float(x), float(y)) for x, y in quad)) for quad in quads]
    flat = [line for line in lines if line.length >= line.height * 0.9 or line.length * _COLUMN_SHAPE > line.height]
    rows = [row for row in _joined(flat) if row.height >= _LEAST_HEIGHT and row.length >= _ROW_SHAPE * row.height]
    columns = _columns([line for line in lines if line not in flat or line.length < 1.6 * line.height])
    return sorted(rows, key=lambda row: -min(row.length / row.height, 20)) + columns


def _joined(rows: Sequence[Line]) -> list[Line]:
    """Boxes that stand side by side at one height are one line."""
    joined: list[Line] = []
    for row in sorted(rows, key=lambda row: row.box[0]):
        for place, before in enumerate(joined):
            if _continues(before, row):
                joined[place] = _around([before, row])
                break
        else:
            joined.append(row)
    return joined


def _continues(before: Line, row: Line) -> bool:
    left, top, right, bottom = before.box
    x, y, _, z = row.box
    lower, higher = sorted((before.height, row.height))
    overlap = min(bottom, z) - max(top, y)
    return (
        abs(before.tilt) < _TILTED * 2
        and higher < 1.7 * lower
        and overlap > 0.55 * min(bottom - top, z - y)
        and -0.6 * lower < x - right < 1.8 * lower
        and x > left
    )


def _columns(narrow: Sequence[Line]) -> list[Line]:
    """Boxes that stand on top of each other are one column."""
    groups: list[list[Line]] = []
    for line in sorted(narrow, key=lambda line: line.box[1]):
        left, top, right, _ = line.box
        for group in groups:
            x, _, z, above = _around(group).box
            wide = max(right - left, z - x)
            if min(right, z) - max(left, x) > 0.5 * min(right - left, z - x) and top - above < 8 * wide:
                group.append(line)
                break
        else:
            groups.append([line])
    columns = []
    for group in groups:
        left, top, right, bottom = _around(group).box
        if right - left >= _LEAST_HEIGHT and bottom - top >= 4 * (right - left):
            columns.append(_box(left, top, right, bottom, column=True))
    return sorted(columns, key=lambda column: -column.length)


def _around(lines: Sequence[Line]) -> Line:
    """A line round several."""
    if len(lines) == 1:
        return lines[0]
    boxes = np.array([line.box for line in lines])
    return _box(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())


def _box(left: float, top: float, right: float, bottom: float, *, column: bool = False) -> Line:
    return Line(((left, top), (right, top), (right, bottom), (left, bottom)), column)


def below(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Places of lines that may be read one after the other, as a number broken into two is."""
    pairs = []
    for first, upper in enumerate(lines):
        for second, lower in enumerate(lines):
            if first == second or upper.column or lower.column:
                continue
            left, top, right, bottom = upper.box
            x, y, z, _ = lower.box
            height = min(upper.height, lower.height)
            if (
                max(upper.height, lower.height) < 1.8 * height
                and top < y
                and y - bottom < 1.3 * height
                and min(right, z) - max(left, x) > 0.3 * min(right - left, z - x)
            ):
                pairs.append((first, second))
    return pairs


def stretched(line: Line, text: str, characters: int) -> Line:
    """A row of which only a part was found, made as long as so many characters, to the side where they are missing."""
    if line.column:
        return line
    missing = max(0.0, characters * line.height * _WIDTH - line.length) + line.height
    a, b, c, d = (np.array(corner) for corner in line.quad)
    along = (b - a) / max(1e-6, float(np.linalg.norm(b - a)))
    left = 0.3 * line.height if text[:1] in ("（", "(", "〔", "[") else missing
    right = 0.3 * line.height if text.endswith("号") else missing
    corners = (a - along * left, b + along * right, c + along * right, d - along * left)
    return Line(tuple((float(x), float(y)) for x, y in corners))


def cut(image: Image, line: Line, *, loose: float = 0.0) -> Image | None:
    """The line's own picture, lying flat, with a margin of so many heights; None where nothing of it is there."""
    import cv2

    margin = loose * line.height
    if not line.column and abs(line.tilt) >= _TILTED:
        length, height = line.length + 2 * margin, line.height + 2 * margin
        goal = np.array([(0, 0), (length, 0), (length, height), (0, height)], np.float32)
        middle = np.array(line.quad, np.float32).mean(axis=0)
        grown = middle + (np.array(line.quad, np.float32) - middle) * np.array(
            [length / line.length, height / line.height], np.float32
        )
        matrix = cv2.getPerspectiveTransform(grown.astype(np.float32), goal)
        return np.asarray(cv2.warpPerspective(image, matrix, (round(length), round(height))), np.uint8)
    left, top, right, bottom = line.box
    high, wide = image.shape[:2]
    left, top = max(0, round(left - margin)), max(0, round(top - margin))
    right, bottom = min(wide, round(right + margin)), min(high, round(bottom + margin))
    return image[top:bottom, left:right] if right - left > 3 and bottom - top > 3 else None
