"""What one frame shows: lines that look like a number, and the words of the AI notice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from compliance.labels.columns import bracketed, laid_flat
from compliance.labels.deciding import Sighting
from compliance.labels.lines import Line, below, cut, lines_of, stretched
from compliance.labels.media import Frame
from compliance.labels.models import Image, Models
from compliance.labels.notices import notice_in
from compliance.labels.scoring import Posteriors, characters_of, fit
from compliance.permits.parsing import Permit, find

_MOST_ROWS, _MOST_COLUMNS = 16, 2
_SEEN = re.compile(r"[网網微剧劇备備审審字].{0,3}[微剧劇备備审審字第]|第.?[0-9]{3}|[0-9]{5}|备案")
"""What a reading must hold, in any order and however misread the rest, to be looked at as a number's."""
_EDGE = 0.3
"""Of a line's height: so near to its end the picture's edge may have cut it."""
_GLIMPSE = 0.35
"""Share of the worst deficit up to which a line may be the number expected, whatever it seems to say."""
_WORST = 11.5


@dataclass(frozen=True, slots=True)
class _Way:
    """How a line is cut out: another cut is another opinion."""

    loose: float = 0.0
    """Margin, in heights."""
    stretched: bool = False
    """As long as the number expected: often only a part of a faint one is found."""
    sharpened: bool = False
    widened: float = 1.0
    """Drawn out sideways, so that the recogniser has steps enough for each digit."""


_WAYS = (
    _Way(),
    _Way(0.05),
    _Way(0.05, stretched=True),
    _Way(0.4, widened=1.7),
    _Way(0.4, stretched=True, widened=1.7),
    _Way(0.05, stretched=True, sharpened=True),
)
"""A wide margin makes characters smaller for the recogniser, and blurred ones clearer."""
STRETCHED = (2, 4, 5)
"""Turns that stretch the line."""
_USUAL_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading and the lines that it was read from, so that the next frame need not be searched."""

    sighting: Sighting
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """The AI notice in one frame."""

    at_s: float
    text: str
    confidence: float
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class View:
    """All that was found in one frame."""

    seen: tuple[Seen, ...]
    notices: tuple[Notice, ...]


class Looker:
    """Reads frames with one number in mind; None where no number is expected."""

    def __init__(self, models: Models, expected: Permit | None) -> None:
        self._models, self._expected = models, expected
        self._length = _USUAL_LENGTH if expected is None else len(characters_of(expected))

    def search(self, frame: Frame, *, longest: int = 960, thorough: bool = False) -> View:
        """Find the text of a frame, read its lines, and keep what looks like a number or a notice."""
        lines = lines_of(self._models.detect(frame.image, longest=longest, thorough=thorough))
        rows = [line for line in lines if not line.column][:_MOST_ROWS]
        columns = [line for line in lines if line.column][:_MOST_COLUMNS]
        read = [(row, steps) for row in rows if (steps := self._read(frame, row, _WAYS[0])) is not None]
        seen = [self._judge(frame, [read[place] for place in places]) for places in _orders([row for row, _ in read])]
        seen += [self._judge_column(frame, column) for column in columns]
        return View(_best(one for one in seen if one is not None), self._notices(frame, read))

    def again(self, frame: Frame, seen: Seen, *, turn: int = 0) -> Seen | None:
        """Read just the lines of that reading in another frame; each turn cuts them out in another way."""
        lines = seen.lines
        if lines[0].column:
            return self._judge_column(frame, lines[0])
        way = _WAYS[turn % len(_WAYS)]
        if way.stretched and len(lines) == 1:
            lines = (stretched(lines[0], seen.sighting.text, self._length),)
        read = [(line, self._read(frame, line, way)) for line in lines]
        if any(steps is None for _, steps in read):
            return None
        return self._judge(frame, [(line, steps) for line, steps in read if steps is not None])

    def _read(self, frame: Frame, line: Line, way: _Way) -> Posteriors | None:
        image = cut(frame.image, line, loose=way.loose)
        if image is None:
            return None
        return self._models.recognise(sharpened(image) if way.sharpened else image, widened=way.widened)

    def _judge_column(self, frame: Frame, column: Line) -> Seen | None:
        image = laid_flat(frame.image, column)
        return None if image is None else self._judge(frame, [(column, self._models.recognise(image))])

    def _judge(self, frame: Frame, read: Sequence[tuple[Line, Posteriors]]) -> Seen | None:
        alphabet = self._models.alphabet
        texts = [alphabet.text(steps) for _, steps in read]
        column = read[0][0].column
        text = "".join(part for part, _ in texts)
        text = bracketed(text) if column else text
        steps = [steps for _, steps in read]
        number = self._number(text, read[-1][0], frame.image)
        laid = None if self._expected is None else fit(steps, self._expected, alphabet, column=column)
        deficit = float("inf") if laid is None else laid.deficit
        if number is None and not _SEEN.search(text) and deficit > _GLIMPSE * _WORST * len(text):
            return None
        even = laid.even if laid is not None and deficit <= _WORST else True
        if number is not None and even and (self._expected is None or number.canonical != self._expected.canonical):
            even = fit(steps, number, alphabet, column=column).even
        boxes = np.array([line.box for line, _ in read])
        sighting = Sighting(
            at_s=round(frame.at_s, 3),
            text=text,
            confidence=round(float(np.mean([sure for _, sure in texts])), 4),
            number=None if number is None else number.canonical,
            deficit=round(deficit, 3),
            even=even,
            open_ended=laid is not None and laid.open_ended,
            box=(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()),
            frame_sha256=frame.sha256,
            averaged=frame.averaged,
        )
        return Seen(sighting, tuple(line for line, _ in read))

    def _number(self, text: str, last: Line, image: Image) -> Permit | None:
        """The number in the text of lines; None where there is none, or more digits may follow that are not seen."""
        found = find(text)
        if not isinstance(found, Permit):
            return None
        hidden = self._expected is not None and begins(found, self._expected)
        return None if open_ended(found) and (hidden or _at_edge(last, image)) else found

    def _notices(self, frame: Frame, read: Sequence[tuple[Line, Posteriors]]) -> tuple[Notice, ...]:
        found = []
        for line, steps in read:
            text, sure = self._models.alphabet.text(steps)
            if notice_in(text):
                found.append(Notice(round(frame.at_s, 3), text, round(sure, 4), line.box))
        return tuple(found)


def open_ended(number: Permit) -> bool:
    """Whether nothing that was read says that the serial ends there."""
    return number.issuer is None or "no_hao" in number.deviations


def begins(number: Permit, expected: Permit) -> bool:
    """Whether it is the number expected without its last digits, as where something covers them."""
    return (
        (number.issuer, number.words, number.year) == (expected.issuer, expected.words, expected.year)
        and number.serial != expected.serial
        and expected.serial.startswith(number.serial.lstrip("0"))
    )


def _at_edge(line: Line, image: Image) -> bool:
    """Whether a line ends where the picture does: it may go on beyond it."""
    _, _, right, bottom = line.box
    high, wide = image.shape[:2]
    return bool((high - bottom if line.column else wide - right) < _EDGE * line.height)


def _orders(rows: Sequence[Line]) -> list[tuple[int, ...]]:
    """Each row alone, and each two that may be one number in two lines."""
    return [*((place,) for place in range(len(rows))), *below(rows)]


def _best(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """The most likely first: those that show the number expected, then those that hold any number."""
    return tuple(sorted(seen, key=lambda one: (one.sighting.deficit, one.sighting.number is None)))


def sharpened(image: Image) -> Image:
    """Edges made stronger: a blurred text is read better."""
    import cv2

    soft = cv2.GaussianBlur(image, (0, 0), 2.0)
    return np.asarray(cv2.addWeighted(image, 2.2, soft, -1.2, 0), np.uint8)
