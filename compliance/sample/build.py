"""One chunk of titles, with what is planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from compliance.sample import law
from compliance.sample import titles as t
from compliance.sample.cases import Case, cases
from compliance.sample.changes import Change, Rows
from compliance.sample.draw import Draws, Ints
from compliance.sample.places import FOREIGN
from compliance.sample.titles import Titles, one_of

_STRIDE, _OFFSET = 20, 7
"""One title in twenty is planted: those whose index leaves this remainder."""
_SERIAL_STEP = 7_368_787
"""A prime that shares no factor with the number of serials, so that each title has a serial of its own."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Titles, the draws they came from, and the case planted in each (-1: none)."""

    titles: Titles
    draws: Draws
    case: Ints


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes any chunk of one sample."""

    seed: int
    size: int
    as_of: date

    def chunk(self, first: int, last: int) -> Chunk:
        """The titles first … last - 1."""
        index = np.arange(first, last, dtype=np.int64)
        planted = cases(self.as_of)
        case, turn = self._planted(index, planted)
        copied = np.array([*(one.copies for one in planted), False])[case]
        source = np.where(copied, index - _STRIDE, index)
        draws = Draws(self.seed, source.astype(np.uint64))
        titles = t.sketch(draws, self.as_of)
        t.plain(titles, case >= 0, draws)
        self._go_online(titles, planted, case, draws)
        self._change(titles, draws, case, turn, [_before(planted, number) for number in range(len(planted))])
        t.complete(titles, draws, self.serials(source))
        _blemish(titles, draws, case)
        self._change(titles, draws, case, turn, [_after(planted, number) for number in range(len(planted))])
        titles.index = index
        return Chunk(titles, Draws(self.seed, index.astype(np.uint64)), case)

    def serials(self, index: Ints) -> Ints:
        """A serial for each index, all different up to twice the size of the sample, none below 1,000."""
        digits = max(6, len(str(4 * self.size)))
        serials: Ints = 1_000 + index * _SERIAL_STEP % (10**digits - 1_000)
        return serials

    def _planted(self, index: Ints, planted: tuple[Case, ...]) -> tuple[Ints, Ints]:
        """The case of each title, and how often it was planted before."""
        turn = index // _STRIDE
        case = np.where(index % _STRIDE == _OFFSET, turn % len(planted), -1)
        turn = turn // len(planted)
        for number, one in enumerate(planted):
            if one.at_most is not None:
                case[(case == number) & (turn >= one.at_most)] = -1
            if one.copies:
                case[(case == number - 1) & (index + _STRIDE >= self.size)] = -1
        return case, turn

    def _go_online(self, titles: Titles, planted: tuple[Case, ...], case: Ints, draws: Draws) -> None:
        """Give planted titles a day of their case's era."""
        today = titles.as_of
        first = np.array([law.day_number(one.era.first) for one in planted])[case]
        last = np.array([law.day_number(min(one.era.last or self.as_of, self.as_of)) for one in planted])[case]
        closed = np.array([one.on_air or one.era.last is not None for one in planted])[case]
        rows = case >= 0
        titles.status[rows & closed] = t.ONLINE
        soon = titles.status == t.SCHEDULED
        spread = (draws.unit("planted-day") * (last - first + 1)).astype(np.int64)
        day = np.where(soon, today + draws.between("lead", 1, 30), first + spread)
        titles.online_at[rows] = (day * t.DAY + draws.below("online-second", t.DAY))[rows]

    def _change(self, titles: Titles, draws: Draws, case: Ints, turn: Ints, changes: list[Change]) -> None:
        for number, change in enumerate(changes):
            at = np.flatnonzero(case == number)
            if len(at):
                change(Rows(titles, at, Draws(draws.seed, draws.index[at]), turn[at]))


def _before(planted: tuple[Case, ...], number: int) -> Change:
    """A copy begins as the title that it copies."""
    return planted[number - 1 if planted[number].copies else number].before


def _after(planted: tuple[Case, ...], number: int) -> Change:
    own = planted[number].after
    if not planted[number].copies:
        return own

    def both(rows: Rows) -> None:
        planted[number - 1].after(rows)
        own(rows)

    return both


def _blemish(titles: Titles, draws: Draws, case: Ints) -> None:
    """Defects where nobody may look: in offline titles, dramas and works of other kinds."""
    unseen = (case < 0) & ((titles.status == t.OFFLINE) | (titles.kind != t.MICRO_DRAMA))
    defect = draws.choice("blemish", (0.6, 0.08, 0.08, 0.08, 0.08, 0.08))
    titles.typed[unseen & (defect == 1)] = t.BLANK
    titles.label[unseen & (defect == 2)] = t.NO_ROW
    titles.registered[unseen & (defect == 3)] = False
    titles.register_status[unseen & (defect == 4)] = 2
    foreign = one_of(FOREIGN, titles.platform, draws, "foreign")
    titles.issuer = np.where(unseen & (defect == 5), foreign, titles.issuer)
