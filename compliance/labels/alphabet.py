"""The characters that a recogniser knows, and which of them are taken for one another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.permits.folding import to_narrow, to_simplified
from compliance.permits.patterns import CLOSE, OPEN

DATA = Path(__file__).parent / "data"


@cache
def taken_for(*, column: bool = False) -> Mapping[str, str]:
    """By character of a number: what it is taken for on a picture."""
    said = tomllib.loads((DATA / "characters.toml").read_text(encoding="utf-8"))
    lying = said["taken_for_in_columns"] if column else {}
    return {one: said["taken_for"].get(one, "") + lying.get(one, "") for one in {*said["taken_for"], *lying}}


class Alphabet:
    """A recogniser's characters by their place in its output; place 0 is the blank."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        self._folded: dict[str, list[int]] = {}
        for place, one in enumerate(self.characters):
            if place:
                self._folded.setdefault(_plain(one), []).append(place)
        self._alike: dict[tuple[str, bool], NDArray[np.intp]] = {}
        self.blank = np.array([0, *(place for place, one in enumerate(characters) if one.isspace())], np.intp)
        """Places of what stands for no character."""
        self.han = np.array(["\u4e00" <= one <= "\u9fff" for one in characters], np.bool_)
        """For each place, whether it is a Chinese character."""

    def alike(self, one: str, *, column: bool = False) -> NDArray[np.intp]:
        """Places of all characters that may stand for this one on a picture."""
        if (one, column) not in self._alike:
            wanted = {_plain(one), *map(_plain, taken_for(column=column).get(one, ""))}
            places = {place for want in wanted for place in self._folded.get(want, [])}
            self._alike[one, column] = np.array(sorted(places), np.intp)
        return self._alike[one, column]

    def text(self, steps: NDArray[np.float32]) -> tuple[str, float]:
        """The plain reading of a line, and the mean probability of its characters."""
        best = steps.argmax(axis=1)
        new = (best != 0) & np.concatenate(([True], best[1:] != best[:-1]))
        if not new.any():
            return "", 0.0
        return "".join(self.characters[one] for one in best[new]), float(steps.max(axis=1)[new].mean())


def _plain(one: str) -> str:
    """A character as readings are compared: brackets alike, ASCII narrow, Chinese simplified."""
    if one in OPEN:
        return "（"
    if one in CLOSE:
        return "）"
    return to_simplified(to_narrow(one))
