"""How well a line of text shows a number that is expected: a question put to the recogniser's probabilities.

The recogniser gives, for each step along a line, a probability for each character it knows (CTC). The number expected
is laid over these steps in the best way there is, and compared with the best reading of the same steps: the
difference, in nats, says how much worse the picture shows the number than what it seems to show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from compliance.labels.alphabet import Alphabet
from compliance.permits.parsing import Permit, parse
from compliance.permits.patterns import LABEL_WORD, WORDS_BY_SPELLING

Posteriors = NDArray[np.float32]
"""Steps × characters: a probability each; character 0 is the blank between two characters."""

_FLOOR = 1e-5
"""No character is less likely than this: one step costs 11.5 nats at most."""
_SKIP = 0.7
"""Nats for a bracket or a 第 that is not seen: they say nothing about which number it is."""
_DENSE = "微剧"
"""The characters that blur first. Where 备 stands after them they say nothing about which number it is: one of the two
may be another Chinese character that the number does not have, or be missing; not both, and no other character."""
_UNCLEAR = 1.05
"""Nats for that."""
_WIDEST_GAP = 1.7
"""Between two digits, in widths of a digit: where it is wider, a repeated digit may have been swallowed."""
_LEAST_PITCH = 1.75
"""Steps to a digit: where there are fewer, two like digits cannot be told from one."""
_CLEAR = 1.7
"""Widths of a digit that must be empty after a serial that no 号 ends: there the next digit would stand."""
_EMPTY = 0.9
"""Probability of no character from which there is none."""
_PLAIN, _HOPELESS = 1.0, 60.0
"""Nats up to which no other spelling is tried, and from which none could help."""
_UNSEEN = 0.05
"""Probability of a Chinese character from which one may stand where none was read."""
_NEVER = np.float32(1e6)
_LABEL_BEFORE = re.compile(f"{LABEL_WORD}$")


@dataclass(frozen=True, slots=True)
class Fit:
    """How the number expected lies over a line."""

    deficit: float
    """Nats by which it is worse than the best reading of the same steps; 0 where it is the best reading."""
    begins: int
    ends: int
    """First and last step of the number."""
    even: bool
    """Its digits stand at even distances: none was swallowed between two of them."""
    open_ended: bool = False
    """No 号 ends it."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One of the forms in which a number may be written (contract, section 4)."""

    words: str
    bare: bool = False
    """The issuer stands without brackets."""
    open_ended: bool = False
    """Without 号."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """The characters of a number in order, as the states of an automaton: even ones are blanks."""

    characters: tuple[str, ...]
    moves: NDArray[np.float32]
    """Cost of going from one state to another; `_NEVER` where that cannot be."""
    serial: tuple[int, int]
    """States of the first and the last digit of the serial."""
    may_blur: bool
    """One of the dense characters may be unclear."""
    column: bool
    """Brackets lie on their side; the first may be missing where nothing stands before it."""
    spelling: _Spelling


def fit(lines: Sequence[Posteriors], expected: Permit, alphabet: Alphabet, *, column: bool = False) -> Fit:
    """Lay the number over the lines, read one after the other, in the best way and the best of its spellings.

    In a column brackets lie on their side, and none is read: there the issuer may begin the line instead.
    """
    steps = np.concatenate(lines)
    official, *others = (_pattern(expected, spelling, column) for spelling in _spellings(expected, column))
    laid = _laid(steps, official, alphabet)
    if _PLAIN < laid.deficit < _HOPELESS:
        ways = [laid, *(_laid(steps, other, alphabet) for other in others)]
        laid = min(ways, key=lambda one: one.deficit)
    return laid


def characters_of(expected: Permit) -> tuple[str, ...]:
    """The characters by which a number is known on the screen."""
    return _written(expected, _Spelling(expected.words or ""))


def _written(expected: Permit, spelling: _Spelling) -> tuple[str, ...]:
    if expected.issuer is None:
        return tuple(expected.canonical)
    issuer = expected.issuer if spelling.bare else f"（{expected.issuer}）"
    ends = "" if spelling.open_ended else "号"
    return tuple(f"{issuer}{spelling.words}（{expected.year}）第{expected.serial}{ends}")


@lru_cache(maxsize=64)
def _spellings(expected: Permit, column: bool) -> tuple[_Spelling, ...]:
    """The official one first, then the others that are parsed as the same number."""
    official = _Spelling(expected.words or "")
    words = [one for one, family in WORDS_BY_SPELLING.items() if family.words == expected.words]
    ways = [_Spelling(one, bare, open_ended) for bare in (False, True) for open_ended in (False, True) for one in words]
    others = [one for one in ways if one != official and not (one.bare and column)]
    return (official, *(one for one in others if _is_number(_written(expected, one), expected)))


def _is_number(written: Sequence[str], expected: Permit) -> bool:
    found = parse("".join(written))
    return isinstance(found, Permit) and found.canonical == expected.canonical


def _laid(steps: Posteriors, pattern: _Pattern, alphabet: Alphabet) -> Fit:
    """The number in one spelling over the steps in the best way."""
    costs = _costs(steps, pattern, alphabet)
    entries = np.zeros(len(steps), np.float32)
    if pattern.spelling.bare:
        entries[~_may_begin(steps, alphabet, pattern.characters[0])] = _NEVER
    least, back, begun = _walk(costs, pattern, entries)
    last = len(pattern.characters) * 2 - 1
    ways_out = least[:, last]
    if pattern.characters[-1] != "号":  # what ends it is that no digit follows
        ways_out = np.where(_digit_follows(steps, alphabet), _NEVER, ways_out)
    ends = int(ways_out.argmin())
    peaks = _peaks(back, costs, ends, last)
    deficit = float(ways_out[ends])
    if pattern.spelling.open_ended and not _ends_clear(steps, peaks, pattern, alphabet):
        deficit = float(_NEVER)
    return Fit(deficit, int(begun[ends, last]), ends, _even(peaks, pattern), pattern.spelling.open_ended)


@lru_cache(maxsize=256)
def _pattern(expected: Permit, spelling: _Spelling, column: bool) -> _Pattern:
    characters = list(_written(expected, spelling))
    at = len(characters) - len(expected.serial) - (characters[-1] == "号")
    zero: int | None = None
    if expected.issuer is not None:
        zero = at
        characters.insert(at, "0")  # zeros before the serial change nothing
        at += 1
    skips = {place: _SKIP for place, one in enumerate(characters) if one in "（）第" and place > 0}
    if column:
        skips |= {place: 0.0 for place in skips if characters[place] != "第"}
    if _may_blur(expected):
        skips |= {place: _UNCLEAR for place, one in enumerate(characters) if one in _DENSE}
    if zero is not None:
        skips[zero] = 0.0
    last = at + len(expected.serial) - 1
    moves = _moves(characters, skips, zero)
    return _Pattern(tuple(characters), moves, (2 * at + 1, 2 * last + 1), _may_blur(expected), column, spelling)


def _moves(characters: Sequence[str], skips: Mapping[int, float], zero: int | None) -> NDArray[np.float32]:
    moves = np.full((2 * len(characters) + 1,) * 2, _NEVER, np.float32)
    np.fill_diagonal(moves, 0)
    for place, one in enumerate(characters):
        state = 2 * place + 1
        moves[state, state + 1] = moves[state - 1, state] = 0
        cost = 0.0
        for after in range(place + 1, len(characters)):
            if characters[after] != one:
                moves[state, 2 * after + 1] = cost
            moves[state + 1, 2 * after + 1] = cost
            if after not in skips:
                break
            cost += skips[after]
    if zero is not None:
        moves[2 * zero + 2, 2 * zero + 1] = 0
    return moves


def _may_blur(expected: Permit) -> bool:
    """网微剧审字 and 网剧审字 are two families: there 微 tells which."""
    return "微剧备" in (expected.words or "")


def _costs(steps: Posteriors, pattern: _Pattern, alphabet: Alphabet) -> NDArray[np.float32]:
    """Steps × states: nats by which a state is less likely than the likeliest character of its step."""
    kinds = sorted(set(pattern.characters))
    folded = np.stack(
        [steps[:, alphabet.alike(one, column=pattern.column)].sum(axis=1) for one in kinds]
        + [steps[:, alphabet.blank].sum(axis=1)],
        axis=1,
    )
    best = np.maximum(steps.max(axis=1), folded.max(axis=1))
    costs = np.log(best)[:, None] - np.log(np.maximum(folded, _FLOOR))
    stranger = alphabet.han[steps.argmax(axis=1)] & (folded.max(axis=1) < best)
    for number, one in enumerate(kinds):
        if one in _DENSE and pattern.may_blur:
            costs[:, number] = np.where(stranger, np.minimum(costs[:, number], _UNCLEAR), costs[:, number])
    place: Mapping[str, int] = {one: number for number, one in enumerate(kinds)}
    states = [len(kinds)]
    for one in pattern.characters:
        states += [place[one], len(kinds)]
    chosen: NDArray[np.float32] = costs[:, states].astype(np.float32)
    return chosen


def _walk(
    costs: NDArray[np.float32], pattern: _Pattern, begins: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.intp]]:
    """The least cost of being in each state at each step, where it was before, and where that way began.

    `begins` has for each step what it costs to begin there.
    """
    steps, states = costs.shape
    before = np.concatenate(([0], costs[:, 0].cumsum()))
    least = np.full((steps, states), _NEVER, np.float32)
    back = np.full((steps, states), -1, np.intp)
    begun = np.zeros((steps, states), np.intp)
    everywhere = np.arange(states)
    for step in range(steps):
        if step:
            ways = least[step - 1][:, None] + pattern.moves
            back[step] = ways.argmin(axis=0)
            least[step] = ways[back[step], everywhere]
            begun[step] = begun[step - 1][back[step]]
        entries = [(1, float(begins[step]))]  # what stands before the number costs nothing
        if pattern.column and pattern.characters[0] == "（":
            entries.append((3, float(before[step])))
        for state, cost in entries:
            if least[step, state] > cost:
                least[step, state], back[step, state], begun[step, state] = cost, -1, step
        least[step] = np.minimum(least[step] + costs[step], _NEVER)
    return least, back, begun


def _digit_follows(steps: Posteriors, alphabet: Alphabet) -> NDArray[np.bool_]:
    """For each step, whether the next character after that of the step is a digit."""
    best = steps.argmax(axis=1)
    follows = np.zeros(len(best), np.bool_)
    upcoming = False
    for step in range(len(best) - 2, -1, -1):
        after = best[step + 1]
        if after != best[step] and after != 0:
            upcoming = alphabet.characters[after].isdecimal()
        follows[step] = upcoming
    return follows


def _may_begin(steps: Posteriors, alphabet: Alphabet, first: str) -> NDArray[np.bool_]:
    """For each step, whether an issuer without brackets may begin there: no other Chinese character stands before it.

    Not even one that was not read, but is likelier than `_UNSEEN`. Words that mean "number" may stand there.
    """
    best = steps.argmax(axis=1)
    others = alphabet.han.copy()
    others[alphabet.alike(first)] = False
    unseen = steps[:, others].sum(axis=1) > _UNSEEN
    may = np.ones(len(best), np.bool_)
    text, clear = "", True
    for step, one in enumerate(best):
        may[step] = clear
        if one in alphabet.blank:
            clear = clear and not unseen[step]
        elif step == 0 or one != best[step - 1]:
            text += alphabet.characters[one]
            clear = not alphabet.han[one] or _LABEL_BEFORE.search(text) is not None
    return may


def _ends_clear(steps: Posteriors, peaks: Mapping[int, float], pattern: _Pattern, alphabet: Alphabet) -> bool:
    """Whether the picture is empty where one more digit would stand: a line may be cut out too short."""
    first, last = pattern.serial
    places = [peaks[state] for state in range(first, last + 1, 2) if state in peaks]
    if last not in peaks:
        return False
    spread = peaks.values() if len(places) < 2 else places
    pitch = (max(spread) - min(spread)) / max(1, len(spread) - 1)
    end = round(peaks[last])
    best = steps.argmax(axis=1)
    begin = end
    while begin < len(best) and best[begin] == best[end]:
        begin += 1
    after = steps[begin : end + math.ceil(_CLEAR * pitch) + 1]
    whole = end + math.ceil(_CLEAR * pitch) < len(steps)
    return whole and bool(after[:, alphabet.blank].sum(axis=1).min(initial=1.0) >= _EMPTY)


def _peaks(back: NDArray[np.intp], costs: NDArray[np.float32], ends: int, last: int) -> dict[int, float]:
    """For each state of the way, the step at which it is likeliest; of several the middle one."""
    at: dict[int, list[int]] = {}
    step, state = ends, last
    while step >= 0 and state >= 0:
        at.setdefault(state, []).append(step)
        step, state = step - 1, int(back[step, state])
    peaks = {}
    for state, steps in at.items():
        least = min(costs[step, state] for step in steps)
        peaks[state] = float(np.mean([step for step in steps if costs[step, state] <= least + 0.1]))
    return peaks


def _even(peaks: Mapping[int, float], pattern: _Pattern) -> bool:
    first, last = pattern.serial
    places = [peaks[state] for state in range(first, last + 1, 2) if state in peaks]
    if len(places) < 2:
        return True
    gaps = np.diff(places)
    return bool(gaps.mean() >= _LEAST_PITCH and gaps.max() <= _WIDEST_GAP * np.median(gaps))
