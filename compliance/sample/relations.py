"""The large relations of a chunk: titles, register, episodes, placements, dossiers (labels stand in `evidence`)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compliance.catalog.schema import PLACEMENTS, REGISTER, TITLES
from compliance.sample import law
from compliance.sample import titles as t
from compliance.sample.build import Builder, Chunk
from compliance.sample.columns import coded, days, hexadecimal, instants, numbered, numbered_bytes, relation, repeated
from compliance.sample.draw import Draws, Flags, Ints
from compliance.sample.numbers import FILING, LICENCE, V_NUMBER, Numbers, is_regulator, spell
from compliance.sample.places import OWN, PLATFORMS, REGULATORS
from compliance.sample.titles import Titles, one_of
from compliance.sample.words import (
    BLANKS,
    MALFORMED,
    NAME_FORMS,
    NAMES,
    PRODUCERS,
    SPECIAL_SUBJECTS,
    SUBJECTS,
    SYNOPSES,
)

ID_DIGITS = 8
_NAMES = pa.array(NAMES)
_NAME_FORMS = pa.array([name for form in NAME_FORMS for name in form])
_KEY, _ORDINARY, _OTHER = range(3)
_SPARE_EVERY = 30
"""The register also has numbers of no title: one for so many titles, and some at the start of the smallest sample."""


def odd(draws: Draws, stream: str, share: float = 0.06) -> Ints:
    """0 for the official spelling of a number, else an odd one."""
    return np.where(draws.chance(stream, share), draws.between(f"{stream}-style", 1, 15), 0)


def names(positions: Ints, draws: Draws, stream: str) -> pa.Array:
    """Names as others write them: three in a hundred with brackets, punctuation, traditional characters or spaces."""
    form = np.where(draws.chance(stream, 0.03), draws.between(f"{stream}-form", 1, len(NAME_FORMS) - 1), 0)
    return _NAME_FORMS.take(pa.array(positions + form * len(NAMES)))


def number_of(titles: Titles, at: Ints | slice = slice(None)) -> Numbers:
    """The titles' numbers."""
    return Numbers(titles.issuer[at], titles.family[at], titles.year[at], titles.serial[at])


def titles_table(chunk: Chunk, builder: Builder) -> pa.Table:
    """The relation `titles`."""
    titles, draws = chunk.titles, chunk.draws
    touched = titles.as_of * t.DAY - draws.below("touched", 400 * t.DAY)
    return relation(
        "titles",
        {
            "title_id": numbered("t", titles.index, ID_DIGITS),
            "platform": coded(titles.platform, [platform.platform for platform in PLATFORMS]),
            "name": _NAMES.take(pa.array(titles.name)),
            "kind": coded(titles.kind, TITLES.column("kind").values),
            "form": coded(titles.form, TITLES.column("form").values),
            "producer": coded(titles.producer, PRODUCERS),
            "uploader": coded(titles.individual.astype(np.int64), TITLES.column("uploader").values),
            "investment_yuan": pa.array(titles.amount, mask=titles.amount == law.NO_AMOUNT),
            "subjects": coded(titles.subject, SUBJECTS + SPECIAL_SUBJECTS),
            "promoted": titles.promoted,
            "voluntary_tier": pa.array(titles.voluntary, mask=titles.voluntary == 0),
            "declared_tier": pa.array(titles.declared, mask=titles.declared == 0),
            "episode_count": titles.episodes,
            "longest_episode_s": titles.longest,
            "status": coded(titles.status, TITLES.column("status").values),
            "online_at": instants(titles.online_at, titles.undated),
            "taken_down_at": instants(titles.taken_down_at),
            "reshown_at": instants(titles.reshown_at),
            "reviewed_at": instants(titles.reviewed_at),
            "permit_number": typed_numbers(chunk, builder),
            "updated_at": instants(touched),
        },
    )


def typed_numbers(chunk: Chunk, builder: Builder) -> pa.Array:
    """titles.permit_number: the number, a blank, or what cannot be read."""
    titles, draws = chunk.titles, chunk.draws
    last_year = builder.as_of.year + 1
    text = spell(number_of(titles), odd(draws, "typed"), last_year)
    licence = titles.typed == t.PLATFORM_LICENCE
    numbers = number_of(titles, np.flatnonzero(licence))
    wrong = Numbers(numbers.issuer, np.full_like(numbers.family, LICENCE), numbers.year, numbers.serial)
    text = pc.replace_with_mask(text, pa.array(licence), spell(wrong, np.zeros_like(wrong.year), last_year))
    text = _replaced(text, titles.typed == t.BLANK, draws.below("blank", len(BLANKS)), BLANKS)
    return _replaced(text, titles.typed == t.MALFORMED, malformed(draws), MALFORMED)


def malformed(draws: Draws) -> Ints:
    """Which of the unreadable texts stands in the place of a number."""
    return draws.below("malformed", len(MALFORMED))


def _replaced(text: pa.Array, rows: Flags, positions: Ints, texts: tuple[str | None, ...]) -> pa.Array:
    return pc.replace_with_mask(text, pa.array(rows), pa.array(texts, pa.string()).take(pa.array(positions[rows])))


def register_table(chunk: Chunk, builder: Builder) -> pa.Table:
    """The relation `register`: a row a number, older rows of numbers given anew, numbers of no title; shuffled."""
    titles, draws = chunk.titles, chunk.draws
    whole = np.flatnonzero(titles.registered)
    renewed = (
        titles.registered & draws.chance("renewed", 0.005) & (chunk.case < 0) & (titles.register_status == t.ACTIVE)
    )
    tables = [
        _registered(chunk, builder, whole, superseded=False),
        _registered(chunk, builder, np.flatnonzero(renewed), superseded=True),
        _spare(chunk, builder),
    ]
    table = pa.concat_tables(tables, promote_options="none").combine_chunks()
    return table.take(np.random.default_rng(builder.seed + int(titles.index[0])).permutation(len(table)))


def _registered(chunk: Chunk, builder: Builder, at: Ints, *, superseded: bool) -> pa.Table:
    """Rows for the titles `at`; a superseded row is an older, revoked one under another name."""
    titles = chunk.titles
    draws = Draws(builder.seed + superseded, chunk.draws.index[at])
    renamed = (titles.register_name[at] == t.DIFFERENT) | superseded
    name = (titles.name[at] + np.where(renamed, 3, 0)) % len(NAMES)
    # Some registered titles run under the name that stands second in the register.
    under_alt = draws.chance("alt-name", 0.02) & ~renamed
    filed = names(np.where(under_alt, (name + 5) % len(NAMES), name), draws, "register-name")
    producer = titles.producer[at] + np.where(titles.register_producer[at] == t.DIFFERENT, 1, 0)
    platform = np.where(titles.platform_filing[at], titles.platform[at], len(PLATFORMS))
    changed = (titles.as_of - 1) * t.DAY - draws.below("registered-change", 300 * t.DAY)
    filed_at = np.minimum(titles.issued_on[at], titles.as_of) * t.DAY + 9 * 3_600
    return relation(
        "register",
        {
            "permit_number": spell(number_of(titles, at), odd(draws, "registered"), builder.as_of.year + 1),
            "title_name": filed,
            "alt_name": pc.if_else(pa.array(under_alt), names(name, draws, "alt-form"), pa.scalar(None, pa.string())),
            "producer": coded(
                np.where(titles.register_producer[at] == t.ABSENT, len(PRODUCERS), producer % len(PRODUCERS)),
                [*PRODUCERS, None],
            ),
            "filing_org": coded(platform, [*(one.operator for one in PLATFORMS), None]),
            "platform": coded(platform, [*(one.name for one in PLATFORMS), None]),
            "status": coded(
                np.full_like(at, 2) if superseded else titles.register_status[at], REGISTER.column("status").values
            ),
            "issued_on": days(titles.issued_on[at] - (400 if superseded else 0)),
            "system": coded(_system(titles, at), REGISTER.column("system").values),
            "reported_at": instants(filed_at),
            "updated_at": instants(np.maximum(changed, filed_at)),
        },
    )


def _system(titles: Titles, at: Ints) -> Ints:
    filing = titles.family[at] == FILING
    return np.where(filing, np.where(is_regulator(titles.issuer[at]), _ORDINARY, _OTHER), _KEY)


def _spare(chunk: Chunk, builder: Builder) -> pa.Table:
    """Numbers of no title, reported yesterday: they keep every system fresh."""
    index = chunk.titles.index
    at = np.flatnonzero((index % _SPARE_EVERY == 0) | (index < _SPARE_EVERY))
    draws = Draws(builder.seed, chunk.draws.index[at])
    system = (index[at] // _SPARE_EVERY + index[at]) % 3
    own = one_of(OWN, draws.below("spare-platform", len(PLATFORMS)), draws, "spare-issuer")
    issuer = np.where(system == _OTHER, own, draws.below("spare-regulator", len(REGULATORS)))
    family = np.where(system == _KEY, LICENCE, FILING)
    day = np.full(len(at), chunk.titles.as_of - 1)
    numbers = Numbers(issuer, family, np.full(len(at), builder.as_of.year), builder.serials(builder.size + index[at]))
    nothing = pa.nulls(len(at), pa.string())
    return relation(
        "register",
        {
            "permit_number": spell(numbers, odd(draws, "spare"), builder.as_of.year + 1),
            "title_name": _NAMES.take(pa.array(draws.below("spare-name", len(NAMES)))),
            "alt_name": nothing,
            "producer": coded(draws.below("spare-producer", len(PRODUCERS)), [*PRODUCERS, None]),
            "filing_org": coded(np.full(len(at), len(PLATFORMS)), [*(one.operator for one in PLATFORMS), None]),
            "platform": coded(np.full(len(at), len(PLATFORMS)), [*(one.name for one in PLATFORMS), None]),
            "status": coded(np.where(draws.chance("spare-pending", 0.2), 1, 0), REGISTER.column("status").values),
            "issued_on": days(day),
            "system": coded(system, REGISTER.column("system").values),
            "reported_at": instants(day * t.DAY),
            "updated_at": instants(day * t.DAY + draws.below("spare-second", t.DAY)),
        },
    )


def media(chunk: Chunk, builder: Builder, at: Ints, episode: Ints) -> Draws:
    """Draws for the media of one episode each."""
    return Draws(builder.seed, chunk.draws.index[at] * np.uint64(1_024) + episode.astype(np.uint64))


def episodes_table(chunk: Chunk, builder: Builder, each: int) -> pa.Table:
    """The relation `episodes`: `each` rows a title."""
    titles = chunk.titles
    there = np.flatnonzero(titles.notice != t.NO_EPISODES)
    at, number = np.repeat(there, each), np.tile(np.arange(1, each + 1), len(there))
    draws = media(chunk, builder, at, number)
    ai = titles.form[at] == t.AI
    defective = number == np.minimum(2, each)
    no_notice = defective & (titles.notice[at] == t.NO_NOTICE)
    not_known = ~ai | (defective & (titles.notice[at] == t.NOTICE_EMPTY))
    return relation(
        "episodes",
        {
            "title_id": repeated(numbered_bytes("t", titles.index, ID_DIGITS), at),
            "episode_no": number,
            "duration_s": np.where(number == 1, titles.longest[at], np.maximum(titles.longest[at] - 10 * number, 20)),
            "media_hash": hexadecimal(draws.word("media")),
            "ai_notice": pa.array(~no_notice, mask=not_known),
        },
    )


def placements_table(chunk: Chunk, builder: Builder, each: float) -> pa.Table:
    """The relation `placements`: `each` rows a title on average; the first screen for those that have it."""
    titles, draws = chunk.titles, chunk.draws
    count = int(each) + draws.chance("placed", each % 1).astype(np.int64)
    count = np.maximum(count, titles.screen.astype(np.int64))
    at = np.repeat(np.arange(len(count)), count)
    ordinal = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    own = Draws(builder.seed, draws.index[at] * np.uint64(1_024) + ordinal.astype(np.uint64))
    screen = titles.screen[at] & (ordinal == 0)
    past = ~screen & own.chance("past-first-screen", 0.03)
    slot = np.where(screen | past, 0, own.between("slot", 1, len(PLACEMENTS.column("slot").values) - 1))
    today = titles.as_of * t.DAY
    start = today - own.below("start", 60 * t.DAY)
    end = start + own.between("run", t.DAY, 90 * t.DAY)
    open_ended = ~past & own.chance("open-ended", 0.3)
    end = np.where(screen, today + 3 * t.DAY, np.where(past, today - 1, end))
    start = np.where(past, today - 20 * t.DAY, start)
    return relation(
        "placements",
        {
            "placement_id": numbered("p", titles.index[at] * 100 + ordinal, ID_DIGITS + 2),
            "title_id": repeated(numbered_bytes("t", titles.index, ID_DIGITS), at),
            "slot": coded(slot, PLACEMENTS.column("slot").values),
            "starts_at": instants(start),
            "ends_at": instants(end, open_ended),
        },
    )


def dossiers_table(chunk: Chunk) -> pa.Table:
    """The relation `dossiers`: of titles from before a document was needed that never got one, and of a few others."""
    titles, draws = chunk.titles, chunk.draws
    unfiled = (titles.typed == t.BLANK) | (titles.family == V_NUMBER) & draws.chance("dossier", 0.1)
    at = np.flatnonzero(unfiled & (titles.online_on < law.DOCUMENT_NEEDED))
    same = np.zeros(len(at), np.int64)
    return relation(
        "dossiers",
        {
            "title_id": numbered("t", titles.index[at], ID_DIGITS),
            "title_name": _NAMES.take(pa.array(titles.name[at])),
            "episode_duration_s": titles.longest[at],
            "episode_count": titles.episodes[at],
            "producer": coded(titles.producer[at], PRODUCERS),
            "creators": coded(same, ["编剧：周知夏；导演：林远山；主演：陈木棉"]),
            "synopsis": coded(titles.index[at] % len(SYNOPSES), SYNOPSES),
            "review_opinion": coded(titles.index[at] % 3, ["内容健康，同意播出", "同意播出", None]),
            "cost_breakdown": coded(same, ["演员片酬 35%，制作 50%，其他 15%"]),
            "platform_commitment": coded(titles.index[at] % 2, ["平台承诺书（已盖章）", None]),
        },
    )
