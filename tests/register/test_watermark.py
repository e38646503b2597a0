"""A row of the register that has changed bears another instant: an incremental audit looks at nothing else."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest

from compliance.errors import GateError
from compliance.register.exporting import export_register
from compliance.register.store import Store
from compliance.verdicts.summary import Summary
from tests.catalogs import complete
from tests.nights import INCREMENTAL, Author, World
from tests.register.extracts import HEADER, NOW, held, number, row, sqlite, take, write_csv

PRODUCER = "某某影视有限公司"
TITLES = range(1, 7)
Cells = tuple[int, str, datetime | None]
"""Serial, status and time of update."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite."""
    return sqlite(tmp_path)


def extract_of(folder: Path, *cells: Cells) -> Path:
    """An extract; it has a column of updates where the first row has one."""
    dated = cells[0][2] is not None
    lines = [[*row(serial, status=status, producer=PRODUCER), *([at] if dated else [])] for serial, status, at in cells]
    return write_csv(folder / "a.csv", [(*HEADER, *(["更新时间"] if dated else [])), *lines])


def platform_of(folder: Path) -> World:
    """A catalog of sound titles, whose register is still empty."""
    titles = [{"title_id": f"t{n}", "name": f"剧{n}", "permit_number": number(n)} for n in TITLES]
    labels = [{"title_id": f"t{n}", "text": number(n), "title_text": f"剧{n}"} for n in TITLES]
    episodes = [{"title_id": f"t{n}", "episode_no": place} for n in TITLES for place in (1, 2)]
    rows: dict[str, Any] = {
        "titles": titles,
        "labels": labels,
        "episodes": episodes,
        "platforms": [{"platform": "fanqie"}],
    }
    made = {name: complete(name, said) for name, said in rows.items()}
    folder.mkdir()
    empty: dict[str, Any] = {"register": [], "issuers": [], "placements": [], "dossiers": []}
    return World(folder, Random(1), Author(1, 1), made | empty, day=NOW.date())


def night(world: World, store: Store, folder: Path) -> Summary:
    """Export the register, audit incrementally and in full; the two must agree."""
    export_register(store, folder / "register.parquet")
    world.rows["register"] = pq.read_table(folder / "register.parquet").to_pylist()
    return world.night()


def decided(world: World) -> dict[str, set[str]]:
    """The titles by decision."""
    assert world.last is not None
    titles: dict[str, set[str]] = defaultdict(set)
    for verdict in pq.read_table(world.last / "verdicts.parquet").to_pylist():
        titles[verdict["decision"]].add(verdict["title_id"])
    return titles


@pytest.mark.parametrize("at", [datetime(2026, 11, 21, 10), None], ids=["same time of update", "none"])
def test_an_incremental_audit_sees_a_revocation_whose_time_of_update_stands_still(
    at: datetime | None, store: Store, tmp_path: Path
) -> None:
    world = platform_of(tmp_path / "world")
    taken: dict[str, Any] = {"extracted_on": NOW.date() - timedelta(1)} if at is None else {}
    take(store, extract_of(tmp_path, *((n, "有效", at) for n in TITLES)), **taken)
    night(world, store, tmp_path)
    assert decided(world) == {"allow": {f"t{n}" for n in TITLES}}

    take(store, extract_of(tmp_path, *((n, "撤销" if n == 2 else "有效", at) for n in TITLES)), **taken)
    assert night(world, store, tmp_path).notes[-1].startswith(INCREMENTAL)
    assert decided(world)["block"] == {"t2"}

    take(store, extract_of(tmp_path, *((n, "撤销" if n == 2 else "有效", at) for n in TITLES if n != 5)), **taken)
    assert night(world, store, tmp_path).notes[-1].startswith(INCREMENTAL)
    assert decided(world)["block"] == {"t2", "t5"}


@pytest.mark.parametrize("at", [datetime(2026, 11, 21, 10), None], ids=["same time of update", "none"])
def test_an_incremental_audit_sees_a_row_that_is_doubted_and_what_it_is_once_corrected(
    at: datetime | None, store: Store, tmp_path: Path
) -> None:
    world = platform_of(tmp_path / "world")
    taken: dict[str, Any] = {"extracted_on": NOW.date() - timedelta(1)} if at is None else {}
    take(store, extract_of(tmp_path, *((n, "有效", at) for n in TITLES)), **taken)
    night(world, store, tmp_path)
    for word, blocked in (("已停办", {"t2"}), ("有效", None)):
        for partial in (False, True):
            take(store, extract_of(tmp_path, *((n, word if n == 2 else "有效", at) for n in TITLES)), partial=partial)
            assert night(world, store, tmp_path).notes[-1].startswith(INCREMENTAL)
            assert decided(world).get("block") == blocked


def test_the_row_that_bears_the_day_of_the_extract_moves_too(store: Store, tmp_path: Path) -> None:
    old, day = datetime(2026, 11, 18, 8), {"extracted_on": NOW.date() - timedelta(1)}
    bears = datetime(2026, 11, 22, 23, 59, 59)
    take(store, extract_of(tmp_path, (1, "有效", old), (2, "有效", old)), **day)
    assert held(store, tmp_path, "permit_number", "updated_at") == [(number(1), bears), (number(2), old)]
    take(store, extract_of(tmp_path, (1, "撤销", old), (2, "有效", old)), **day)
    assert held(store, tmp_path, "permit_number", "updated_at") == [
        (number(1), bears + timedelta(microseconds=1)),
        (number(2), old),
    ]


def test_an_older_extract_that_was_let_in_moves_every_row_back_to_an_instant_of_its_own(
    store: Store, tmp_path: Path
) -> None:
    day = date(2026, 11, 10)
    take(store, extract_of(tmp_path, (1, "有效", None)), extracted_on=day, accepted=("stale",))
    first = held(store, tmp_path, "updated_at")
    take(store, extract_of(tmp_path, (1, "暂停", None)))
    take(store, extract_of(tmp_path, (1, "撤销", None)), extracted_on=day, accepted=("stale",))
    ((last,),) = held(store, tmp_path, "updated_at")
    assert last.date() == day
    assert [(last,)] != first


@pytest.mark.parametrize("bears", [True, False], ids=["it bears the day of the extract", "it has changed"])
def test_a_row_that_went_back_comes_forward_to_an_instant_of_its_own_too(
    bears: bool, store: Store, tmp_path: Path
) -> None:
    take(store, extract_of(tmp_path, (1, "撤销", None)))
    first = held(store, tmp_path, "updated_at")
    take(store, extract_of(tmp_path, (1, "有效", None)), extracted_on=date(2026, 11, 10), accepted=("stale",))
    take(store, extract_of(tmp_path, (1, "有效" if bears else "暂停", None)))
    ((last,),) = held(store, tmp_path, "updated_at")
    assert last.date() == NOW.date()
    assert [(last,)] != first


def random_import(random: Random, store: Store, folder: Path, now: datetime) -> None:
    """An extract as nobody would wish it; it may be refused."""
    statuses, times = (
        ("有效", "有效", "撤销", "暂停", "失效", "已停办"),
        [now.replace(minute=0) - timedelta(n) for n in (0, 0, 1, 2)],
    )
    header = [*HEADER[:2], *(name for name in (*HEADER[2:], "更新时间") if random.random() < 0.7)]
    lines = []
    for _ in range(random.randint(1, 7)):
        serial = random.randint(1, 4)
        cells = row(serial, title=random.choice([f"剧{serial}", f"剧{serial}", "甲"]), status=random.choice(statuses))
        said = dict(zip((*HEADER, "更新时间"), [*cells, random.choice(times)], strict=True))
        lines.append([said[name] for name in header])
    take(
        store, write_csv(folder / "a.csv", [header, *lines]), now=now, partial=random.random() < 0.3,
        extracted_on=random.choice([None, None, now.date(), now.date() - timedelta(1)]),
        accepted=("stale", "shrunken"), rejected=folder / "rejected.csv",
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_rows_of_a_number_that_bear_the_instants_of_before_are_those_of_before(seed: int, tmp_path: Path) -> None:
    random, store, now = Random(seed), sqlite(tmp_path), NOW
    seen: dict[tuple[str, frozenset[tuple[datetime, int]]], Counter[tuple[Any, ...]]] = {}
    for _ in range(8):
        try:
            random_import(random, store, tmp_path, now)
        except GateError:
            continue
        rows = defaultdict(list)
        for one in held(store, tmp_path):
            rows[one[0]].append(one)
        for permit, mine in rows.items():
            instants = frozenset(Counter(one[-1] for one in mine).items())
            assert seen.setdefault((permit, instants), Counter(mine)) == Counter(mine)
        now += random.choice([timedelta(0), timedelta(hours=1), timedelta(1)])
