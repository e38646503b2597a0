"""Clean titles: whatever is not planted later obeys every rule, in every regime."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from compliance.sample import law
from compliance.sample.draw import Draws, Flags, Ints
from compliance.sample.numbers import FILING, LICENCE, SERIES, V_NUMBER, is_regulator
from compliance.sample.places import OWN, QUALIFIED, REGULATORS
from compliance.sample.words import NAMES, PRODUCERS, SPECIAL_SUBJECTS, SUBJECTS

MICRO_DRAMA, DRAMA, OTHER = 0, 1, 2
LIVE_ACTION, AI, ANIMATION = 0, 1, 2
DRAFT, SCHEDULED, ONLINE, OFFLINE = 0, 1, 2, 3
NATURAL, OWN_FILING, REGULATOR_FILING, WITH_LICENCE, WITH_SERIES, WITH_V = range(6)
"""Which document a title gets: the one that fits, or a given one."""
NUMBER, BLANK, MALFORMED, PLATFORM_LICENCE = range(4)
"""What stands in titles.permit_number."""
SHOWN, NO_ROW, NO_TEXT, STALE, NO_NUMBER, OTHER_NUMBER, OTHER_TITLE, AS_TYPED = range(8)
"""What the title's label rows show."""
BURNED_IN, OVERLAY, DETAIL_PAGE = 0, 1, 2
NOTICE, NO_NOTICE, NOTICE_EMPTY, NO_EPISODES = range(4)
ACTIVE = 0
SAME, DIFFERENT, ABSENT = 0, 1, 2
"""The register's word on a name or producer."""
NEVER = np.iinfo(np.int64).min
"""No instant; also NumPy's not-a-time."""
DAY = 86_400

BOUNDARIES = np.array([299_999, 300_000, 799_999, 800_000, 999_999, 1_000_000, 2_999_999, 3_000_000])


@dataclass(slots=True, eq=False)
class Titles:
    """One chunk of titles with all that the other relations say of them; every array has one value a title.

    Texts are positions in their lists (words, places), instants seconds and days days since 1970-01-01 in wall time.
    """

    index: Ints
    as_of: int
    platform: Ints
    name: Ints
    kind: Ints
    form: Ints
    producer: Ints
    individual: Flags
    amount: Ints
    subject: Ints
    """Position in SUBJECTS; from len(SUBJECTS) on in SPECIAL_SUBJECTS."""
    promoted: Flags
    screen: Flags
    """Has a first-screen placement on the as-of day."""
    voluntary: Ints
    declared: Ints
    episodes: Ints
    longest: Ints
    status: Ints
    undated: Flags
    online_at: Ints
    taken_down_at: Ints
    reshown_at: Ints
    reviewed_at: Ints
    wanted: Ints
    tier: Ints
    typed: Ints
    issuer: Ints
    family: Ints
    year: Ints
    serial: Ints
    issued_on: Ints
    registered: Flags
    register_status: Ints
    register_name: Ints
    register_producer: Ints
    label: Ints
    channel: Ints
    notice: Ints

    @property
    def online_on(self) -> Ints:
        """The day of online_at."""
        return self.online_at // DAY

    @property
    def special(self) -> Flags:
        """Has a special subject."""
        return np.asarray(self.subject >= len(SUBJECTS), dtype=np.bool_)

    @property
    def platform_filing(self) -> Flags:
        """Carries a platform's filing."""
        return np.asarray((self.family == FILING) & ~is_regulator(self.issuer), dtype=np.bool_)


def sketch(draws: Draws, as_of: date) -> Titles:
    """Titles before their tier is derived: what they are, when they go online, what they cost."""
    index = draws.index.astype(np.int64)
    zeros = np.zeros(len(index), np.int64)
    never = np.full(len(index), NEVER)
    flags = np.zeros(len(index), np.bool_)
    today = law.day_number(as_of)
    status = draws.choice("status", (0.03, 0.07, 0.8, 0.1))
    titles = Titles(
        index=index,
        as_of=today,
        platform=np.array(QUALIFIED)[draws.choice("platform", (24, 16, 5, 7, 9, 6, 5, 10, 4, 4, 3, 7))],
        name=draws.below("name", len(NAMES)),
        kind=draws.choice("kind", (0.97, 0.015, 0.015)),
        form=draws.choice("form", (0.7, 0.22, 0.08)),
        producer=draws.below("producer", len(PRODUCERS)),
        individual=draws.chance("individual", 0.06),
        amount=_amounts(draws),
        subject=_subjects(draws),
        promoted=draws.chance("promoted", 0.015),
        screen=draws.chance("screen", 0.01),
        voluntary=np.where(draws.chance("voluntary", 0.02), draws.between("voluntary-tier", 1, 2), 0),
        declared=zeros.copy(),
        episodes=draws.between("episodes", 30, 110),
        longest=draws.between("longest", 45, 900),
        status=status,
        undated=(status == DRAFT) & draws.chance("undated", 0.5),
        online_at=_online_on(draws, status, today) * DAY + draws.below("online-second", DAY),
        taken_down_at=never.copy(),
        reshown_at=never.copy(),
        reviewed_at=never.copy(),
        wanted=zeros.copy(),
        tier=zeros.copy(),
        typed=zeros.copy(),
        issuer=zeros.copy(),
        family=zeros.copy(),
        year=zeros.copy(),
        serial=zeros.copy(),
        issued_on=zeros.copy(),
        registered=~flags,
        register_status=zeros.copy(),
        register_name=zeros.copy(),
        register_producer=draws.choice("register-producer", (0.96, 0, 0.04)),
        label=zeros.copy(),
        channel=draws.choice("channel", (0.4, 0.5, 0.1)),
        notice=zeros.copy(),
    )
    _settle(titles, draws)
    return titles


def _amounts(draws: Draws) -> Ints:
    size = draws.choice("amount-size", (0.7, 0.18, 0.08, 0.02, 0.02))
    lows, highs = (
        np.array([20_000, 300_000, 1_000_000, 3_000_000]),
        np.array([300_000, 1_000_000, 3_000_000, 20_000_000]),
    )
    size_or_last = np.minimum(size, 3)
    low, high = lows[size_or_last], highs[size_or_last]
    drawn = low + (draws.unit("amount") * (high - low)).astype(np.int64)
    return np.where(size == 4, BOUNDARIES[draws.below("amount-boundary", len(BOUNDARIES))], drawn)


def _subjects(draws: Draws) -> Ints:
    special = len(SUBJECTS) + draws.below("special-subject", len(SPECIAL_SUBJECTS))
    return np.where(draws.chance("special", 0.015), special, draws.below("subject", len(SUBJECTS)))


def _online_on(draws: Draws, status: Ints, today: int) -> Ints:
    """One title in eight from before a document was needed, the others thicker towards the as-of day."""
    old = draws.between("old-day", law.FIRST_DAY, law.DOCUMENT_NEEDED - 1)
    age = draws.unit("age")
    recent = today - (age * age * (today - law.DOCUMENT_NEEDED + 1)).astype(np.int64)
    shown = np.where(draws.chance("old", 0.12), old, recent)
    return np.where(status <= SCHEDULED, today + draws.between("lead", 1, 30), shown)


def _settle(titles: Titles, draws: Draws) -> None:
    """Make the drawn values fit each other."""
    undated = titles.undated
    titles.online_at[undated] = titles.as_of * DAY + DAY // 2
    titles.individual &= ~titles.special
    long_drama = titles.kind == DRAMA
    titles.longest[long_drama] = draws.between("drama-length", 1_200, 3_600)[long_drama]
    edge = draws.chance("longest-edge", 0.003) & (titles.kind == MICRO_DRAMA)
    titles.longest[edge] = 1_199


def plain(titles: Titles, rows: Flags, draws: Draws) -> None:
    """Turn rows into ordinary tier-3 titles with their own platform's filing: the ground to plant a violation in."""
    recent_or_soon = np.where(draws.chance("soon", 0.12), SCHEDULED, ONLINE)
    values = {
        "kind": MICRO_DRAMA,
        "form": np.where(titles.form == AI, LIVE_ACTION, titles.form),
        "individual": False,
        "amount": draws.between("plain-amount", 50_000, 290_000),
        "subject": draws.below("subject", len(SUBJECTS)),
        "promoted": False,
        "screen": False,
        "voluntary": 0,
        "longest": np.minimum(titles.longest, 900),
        "status": recent_or_soon,
        "undated": False,
        "wanted": OWN_FILING,
        "register_producer": SAME,
    }
    for column, value in values.items():
        getattr(titles, column)[rows] = value if np.isscalar(value) else np.asarray(value)[rows]


def complete(titles: Titles, draws: Draws, serials: Ints) -> None:
    """Derive the tier and give each title the document, dates and evidence that fit it."""
    pushed = titles.promoted | titles.screen
    online_on = titles.online_on
    titles.tier = law.tier(online_on, titles.form == AI, titles.amount, titles.special, pushed, titles.voluntary)
    until = np.minimum(online_on, titles.as_of)
    gap = np.where(draws.chance("same-day", 0.01), 0, draws.between("gap", 3, 60))
    titles.issued_on = until - gap
    _documents(titles, draws, pushed & ~law.push_triggers(online_on))
    titles.year = titles.issued_on.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    titles.serial = np.where(titles.family == V_NUMBER, 11_000_000_000_000 + serials, serials)
    declared = draws.chance("declared", 0.7) & (titles.tier > 0)
    titles.declared = np.where(declared, titles.tier, 0)
    _reviews(titles, draws)
    empty = draws.chance("no-amount", 0.05) & (titles.wanted == NATURAL)
    titles.amount[empty & (titles.family != FILING)] = law.NO_AMOUNT


def _documents(titles: Titles, draws: Draws, regulator_only: Flags) -> None:
    """A family and an issuer each: the least document that the tier asks for, sometimes a higher one."""
    higher = draws.choice("higher", (0.82, 0.12, 0.06))
    fitting = np.where(titles.tier == 1, WITH_LICENCE, np.where(titles.tier == 2, REGULATOR_FILING, OWN_FILING))
    fitting = np.where((fitting == OWN_FILING) & ((higher == 1) | regulator_only), REGULATOR_FILING, fitting)
    fitting = np.where(higher == 2, WITH_LICENCE, fitting)
    legacy = titles.online_on < law.DOCUMENT_NEEDED
    old_document = np.where(draws.chance("v-number", 0.55), WITH_V, WITH_SERIES)
    before = titles.issued_on < law.LICENCES_FROM
    fitting = np.where(legacy & (before | draws.chance("old-document", 0.6)), old_document, fitting)
    wanted = np.where(titles.wanted == NATURAL, fitting, titles.wanted)
    series = SERIES + draws.below("series", 3)
    titles.family = np.select(
        [wanted == WITH_LICENCE, wanted == WITH_SERIES, wanted == WITH_V], [LICENCE, series, V_NUMBER], FILING
    ).astype(np.int64)
    own = _one_of(OWN, titles.platform, draws.word("own-issuer").astype(np.int64))
    regulator = draws.below("regulator", len(REGULATORS))
    titles.issuer = np.where(wanted == OWN_FILING, own, regulator)


def _one_of(table: tuple[tuple[int, ...], ...], key: Ints, draw: Ints) -> Ints:
    """One entry of each key's row of the table."""
    width = max(len(row) for row in table)
    filled = np.array([[*row, *[-1] * (width - len(row))] for row in table])
    counts = np.array([max(len(row), 1) for row in table])
    return np.asarray(filled[key, np.abs(draw) % counts[key]], dtype=np.int64)


def one_of(table: tuple[tuple[int, ...], ...], key: Ints, draws: Draws, stream: str) -> Ints:
    """One entry of each key's row of the table, drawn."""
    return _one_of(table, key, draws.below(stream, 1 << 40))


def _reviews(titles: Titles, draws: Draws) -> None:
    """A review before the filing; some titles were taken down, reviewed again and shown again."""
    titles.reviewed_at = (titles.issued_on - draws.between("review-lead", 1, 20)) * DAY + draws.below(
        "review-second", DAY
    )
    again = draws.chance("again", 0.01) & (titles.online_on < titles.as_of - 40) & (titles.wanted == NATURAL)
    down = np.minimum(titles.online_at + 5 * DAY, titles.as_of * DAY)
    titles.taken_down_at = np.where(again | (titles.status == OFFLINE), down, NEVER)
    titles.reshown_at = np.where(again, down + 20 * DAY, NEVER)
    titles.reviewed_at = np.where(again, down + 9 * DAY, titles.reviewed_at)
    unneeded = draws.chance("no-review", 0.1) & ~titles.platform_filing & ~again
    titles.reviewed_at[unneeded] = NEVER
