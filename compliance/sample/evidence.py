"""The relation `labels`: what was read from the titles' openings, overlays and detail pages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compliance.catalog.schema import LABELS
from compliance.sample import law
from compliance.sample import titles as t
from compliance.sample.build import Builder, Chunk
from compliance.sample.columns import coded, hexadecimal, instants, numbered, relation
from compliance.sample.draw import Draws, Flags, Ints
from compliance.sample.numbers import Numbers, spell
from compliance.sample.relations import ID_DIGITS, malformed, media, names, number_of, odd
from compliance.sample.words import MALFORMED, NAME_FORMS, NAMES, UNNUMBERED

_QUOTED = pa.array(NAME_FORMS[1])


@dataclass(frozen=True, slots=True)
class _Reading:
    """Rows to write: whose, from where, showing what."""

    at: Ints
    channel: Ints
    shows: Ints
    faint: bool = False
    """Read with so little confidence that it does not count."""


def labels_table(chunk: Chunk, builder: Builder) -> pa.Table:
    """The relation `labels`: a row a title, two for some, none where nothing is shown."""
    titles, draws = chunk.titles, chunk.draws
    clean = (chunk.case < 0) & (titles.label == t.SHOWN)
    first = np.flatnonzero(titles.label != t.NO_ROW)
    second = np.flatnonzero(clean & draws.chance("second-label", 0.03))
    faint = np.flatnonzero(clean & draws.chance("faint-label", 0.01))
    readings = (
        _Reading(first, titles.channel[first], titles.label[first]),
        _Reading(second, (titles.channel[second] + 1) % 3, titles.label[second]),
        _Reading(faint, np.full_like(faint, t.BURNED_IN), np.full_like(faint, t.OTHER_NUMBER), faint=True),
    )
    return pa.concat_tables([_rows(chunk, builder, reading) for reading in readings], promote_options="none")


def _rows(chunk: Chunk, builder: Builder, reading: _Reading) -> pa.Table:
    at = reading.at
    titles = chunk.titles
    draws = Draws(builder.seed + (17 if reading.faint else 0), chunk.draws.index[at])
    burned_in = reading.channel == t.BURNED_IN
    confidence = draws.unit("confidence") * 0.4 + (0.05 if reading.faint else 0.6)
    return relation(
        "labels",
        {
            "title_id": numbered("t", titles.index[at], ID_DIGITS),
            "episode_no": pa.array(np.ones_like(at), mask=~burned_in),
            "channel": coded(reading.channel, LABELS.column("channel").values),
            "text": _texts(chunk, builder, reading, draws),
            "title_text": _title_texts(chunk, reading, draws),
            "confidence": pa.array(confidence, mask=~burned_in),
            "media_hash": _hashes(chunk, builder, reading, draws, burned_in),
            "read_at": instants((titles.as_of - 1) * t.DAY - draws.below("read", 30 * t.DAY)),
        },
    )


def _texts(chunk: Chunk, builder: Builder, reading: _Reading, draws: Draws) -> pa.Array:
    """The number shown, often with the name before it or other words after it."""
    at, shows = reading.at, reading.shows
    number = number_of(chunk.titles, at)
    shown = Numbers(number.issuer, number.family, number.year, number.serial + (shows == t.OTHER_NUMBER))
    text = spell(shown, odd(draws, "label-style"), builder.as_of.year + 1)
    named = draws.chance("label-named", 0.03)
    before = _QUOTED.take(pa.array(chunk.titles.name[at][named]))
    text = _where(text, named, pc.binary_join_element_wise(before, text.filter(pa.array(named)), " "))
    worded = draws.chance("label-worded", 0.01)
    text = _where(text, worded, pc.binary_join_element_wise(text.filter(pa.array(worded)), "本故事纯属虚构", " "))
    without = shows == t.NO_NUMBER
    text = _where(text, without, pa.array(UNNUMBERED).take(pa.array(at[without] % len(UNNUMBERED))))
    typed = shows == t.AS_TYPED
    text = _where(text, typed, pa.array(MALFORMED).take(pa.array(malformed(draws)[typed])))
    empty = shows == t.NO_TEXT
    return _where(text, empty, pa.array([None, ""] * len(at), pa.string()).slice(0, int(empty.sum())))


def _where(text: pa.Array, rows: Flags, replacement: pa.Array) -> pa.Array:
    return pc.replace_with_mask(text, pa.array(rows), replacement)


def _title_texts(chunk: Chunk, reading: _Reading, draws: Draws) -> pa.Array:
    """The title shown; before Order 16 it may be another one."""
    titles = chunk.titles
    free = (titles.online_on[reading.at] < law.ORDER_16) & draws.chance("label-other-title", 0.02)
    other = (reading.shows == t.OTHER_TITLE) | free
    text = names((titles.name[reading.at] + np.where(other, 7, 0)) % len(NAMES), draws, "label-title")
    absent = draws.chance("label-no-title", 0.1) & (reading.shows != t.OTHER_TITLE)
    return pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), text)


def _hashes(chunk: Chunk, builder: Builder, reading: _Reading, draws: Draws, burned_in: Flags) -> pa.Array:
    """Burned-in rows know the cut they were read from; a stale row knows an old one."""
    first = media(chunk, builder, reading.at, np.ones_like(reading.at)).word("media")
    stale = reading.shows == t.STALE
    no_episodes = chunk.titles.notice[reading.at] == t.NO_EPISODES
    unknown = ~burned_in | no_episodes | (draws.chance("label-no-hash", 0.1) & ~stale)
    return hexadecimal(np.where(stale, draws.word("old-cut"), first), unknown)
