"""A row that is rejected and does not plainly say active: the row held of its number is no longer taken for active."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.register.errors import ExtractError, RefusedExtractError
from compliance.register.held import freshness
from compliance.register.store import Store
from compliance.register.tables import CHANGES, IMPORTS
from tests.conftest import Maker
from tests.register.extracts import (
    HEADER,
    NOW,
    Line,
    extract,
    held,
    landed,
    number,
    row,
    sqlite,
    take,
    write_csv,
    write_xlsx,
)

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite that holds three active rows."""
    made = sqlite(tmp_path)
    take(made, extract(tmp_path, row(1), row(2), row(3)))
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A register in each database that may hold it."""
    if request.param == "sqlite":
        return sqlite(tmp_path)
    maker: Maker = request.getfixturevalue("postgresql")
    return Store(maker())


def statuses(store: Store, folder: Path) -> dict[str, str]:
    """The status of each number."""
    return dict(held(store, folder, "permit_number", "status"))


def changes(store: Store) -> list[tuple[str, ...]]:
    columns = ("changed_on", "kind", "number", "field", "before", "after")
    with store.reading() as connection:
        assert connection is not None
        rows = connection.execute(sa.select(*(CHANGES.c[name] for name in columns)).order_by(CHANGES.c.change_id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("partial", [False, True], ids=["whole", "partial"])
@pytest.mark.parametrize(
    ("rejected", "status"),
    [
        (row(1, status="已停办"), "suspended"),
        (row(1, status=""), "suspended"),
        (row(1, status="有效（已撤销）"), "suspended"),
        (row(1, status="撤销", day="昨天"), "suspended"),
        (row(1, status="待审", day="1926-05-25"), "suspended"),
        (row(1, status="撤销", title=""), "suspended"),
        (row(1, status="已停办", title="别的剧"), "suspended"),
        (row(1, status="已停办", number="(番茄)网微剧备字〔2026〕第001号"), "suspended"),
        (row(1, day="昨天"), "active"),
        (row(1, title=""), "active"),
    ],
)
def test_a_rejected_row_that_does_not_say_active_suspends_the_row_held(
    rejected: Line, status: str, partial: bool, store: Store, tmp_path: Path
) -> None:
    imported = take(store, extract(tmp_path, rejected, row(2), row(3)), partial=partial, now=TOMORROW)
    assert landed(imported) == {"unchanged": 2, "rejected": 1, "kept": 1}
    assert (imported.rows, imported.held) == (3, 3)
    assert imported.counts.suspended == (status == "suspended")
    assert statuses(store, tmp_path) == {number(1): status, number(2): "active", number(3): "active"}


def test_it_is_dated_moves_its_instant_and_happens_once(everywhere: Store, tmp_path: Path) -> None:
    store, file = everywhere, extract(tmp_path, row(1, status="已停办"), row(2))
    take(store, extract(tmp_path, row(1), row(2), name="before.csv"))
    take(store, file, now=TOMORROW)
    assert changes(store) == [("2026-11-24", "updated", number(1), "status", "active", "suspended")]
    assert held(store, tmp_path, "permit_number", "updated_at") == [(number(1), TOMORROW), (number(2), NOW)]
    before = held(store, tmp_path)

    again = take(store, file, now=TOMORROW)
    assert (landed(again), again.counts.suspended) == ({"unchanged": 1, "rejected": 1, "kept": 1}, 0)
    assert (held(store, tmp_path), len(changes(store))) == (before, 1)
    with store.reading() as connection:
        assert connection is not None
        told = connection.scalars(sa.select(IMPORTS.c.counts).order_by(IMPORTS.c.import_id))
        assert [json.loads(counts)["suspended"] for counts in told] == [0, 1, 0]


@pytest.mark.parametrize(
    ("language", "says"),
    [("zh", "2 行不再算有效，改记为暂停（suspended）"), ("en", "2 rows count as suspended, no longer as active")],
)
def test_it_is_told_how_many_and_what_to_correct(language: str, says: str, store: Store, tmp_path: Path) -> None:
    file = extract(tmp_path, row(1, status="已停办"), row(2, status=""), row(3))
    (note,) = take(store, file, language=language).notes
    assert says in note
    assert [text in note for text in (f"{number(1)}", f"{number(2)}", f"{tmp_path / 'a.rejected.csv'}", "--partial")]
    assert take(store, file, language=language).notes == ()


@pytest.mark.parametrize(("word", "status"), [("有效", "active"), ("撤销", "revoked"), ("待审", "pending")])
def test_once_corrected_it_is_what_the_row_says(word: str, status: str, store: Store, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    take(store, extract(tmp_path, row(1, status="已停办"), row(2), row(3)), rejected=rejected)
    rejected.write_text(rejected.read_text(encoding="utf-8-sig").replace("已停办", word), encoding="utf-8-sig")
    assert landed(take(store, rejected, partial=True)) == {"updated": 1, "kept": 2}
    assert [(*change[1:2], *change[4:]) for change in changes(store)] == [
        ("updated", "active", "suspended"),
        ("updated", "suspended", status),
    ]
    assert statuses(store, tmp_path)[number(1)] == status


def test_a_list_without_statuses_neither_suspends_nor_restores(store: Store, tmp_path: Path) -> None:
    lines = [[*row(n)[:2], "昨天" if n == 1 else row(n)[3]] for n in (1, 2, 3)]
    bare = write_csv(tmp_path / "bare.csv", [(*HEADER[:2], HEADER[3]), *lines])
    assert landed(take(store, bare)) == {"unchanged": 2, "rejected": 1, "kept": 1}
    assert statuses(store, tmp_path)[number(1)] == "active"

    take(store, extract(tmp_path, row(1, status="已停办"), row(2), row(3)))
    good = write_csv(tmp_path / "good.csv", [HEADER[:2], *(row(n)[:2] for n in (1, 2, 3))])
    assert landed(take(store, good)) == {"unchanged": 3}
    assert statuses(store, tmp_path)[number(1)] == "suspended"


@pytest.mark.parametrize(("word", "status"), [("撤销", "revoked"), ("待审", "pending"), ("失效", "expired")])
def test_what_is_not_active_stays_what_it_is(word: str, status: str, store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1, status=word), row(2), row(3)))
    imported = take(store, extract(tmp_path, row(1, status="已停办"), row(2), row(3)))
    assert (statuses(store, tmp_path)[number(1)], imported.counts.suspended) == (status, 0)


@pytest.mark.parametrize(
    "line",
    [
        row(1, number=f"{number(1)}（已撤销）"),
        row(1, number=f"原备案号：{number(1)}，已注销", status=""),
        [*row(1, status="撤销"), "多出的一格"],
    ],
)
def test_a_number_beside_another_text_is_read_nevertheless(line: Line, store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, line, row(2)), partial=True)
    assert landed(imported) == {"unchanged": 1, "rejected": 1, "kept": 2}
    assert statuses(store, tmp_path)[number(1)] == "suspended"


@pytest.mark.parametrize(
    "line",
    [
        row(1, number=f"{number(1)}、{number(2)}", title="剧1、剧2", status="撤销"),
        row(1, number=f"{number(1)}（原）{number(2)}（新）"),
        [*row(1, status="撤销"), f"并入{number(2)}"],
    ],
)
def test_every_number_beside_another_text_is_read(line: Line, store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, line, row(3)), partial=True)
    assert landed(imported) == {"unchanged": 1, "rejected": 1, "kept": 2}
    assert statuses(store, tmp_path) == {number(1): "suspended", number(2): "suspended", number(3): "active"}


def test_what_stands_beside_the_table_is_doubt_enough(store: Store, tmp_path: Path) -> None:
    lines = [[*row(1), "已撤销"], [*row(2), ""], [*row(3), "7"]]
    for file in (
        write_csv(tmp_path / "b.csv", [(*HEADER, ""), *lines]),
        write_xlsx(tmp_path / "b.xlsx", [HEADER, *lines[1:], lines[0]]),
    ):
        assert take(store, file, partial=True).counts.rejected == 1
        assert statuses(store, tmp_path) == {number(1): "suspended", number(2): "active", number(3): "active"}
        take(store, extract(tmp_path, row(1)), partial=True)


def test_of_a_line_that_cannot_be_taken_apart_each_cell_is_read(tmp_path: Path) -> None:
    store, online = sqlite(tmp_path), "V12345678901234"
    take(store, extract(tmp_path, row(1, number=online), row(2)))
    torn = [*row(1, number=online, title="2026", status="撤销"), "多出的一格"]
    file = write_csv(tmp_path / "b.csv", [HEADER, [torn[1], torn[0], *torn[2:]], row(2)], delimiter="\t")
    take(store, file, partial=True)
    assert statuses(store, tmp_path)[online] == "suspended"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("beside", "status"),
    [
        (row(1, status="已停办"), "suspended"),
        (row(1, status="已停办", title="《剧1》"), "suspended"),
        (row(1, status="撤销", title=""), "suspended"),
        ([*row(1, status="撤销"), "多出的一格"], "suspended"),
        (row(1, status="已停办", title="别的剧"), "active"),
        (row(1, day="昨天"), "active"),
    ],
)
def test_beside_a_good_row_of_its_number_and_title_what_proves_least_counts(
    beside: Line, status: str, order: int, store: Store, tmp_path: Path
) -> None:
    file = extract(tmp_path, *[beside, row(1)][::order], row(2), row(3))
    for notes in (int(status == "suspended"), 0):
        imported = take(store, file)
        assert (len(imported.notes), imported.counts.rejected) == (notes, 1)
        assert statuses(store, tmp_path)[number(1)] == status


def test_nor_does_a_new_row_come_in_as_active_beside_a_doubtful_one(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(4), row(4, status="已停办")), partial=True)
    assert landed(imported) == {"imported": 1, "rejected": 1, "kept": 3}
    assert statuses(store, tmp_path)[number(4)] == "suspended"


def test_of_a_number_of_several_titles_those_with_a_good_row_stay(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(1, title="甲"), row(2), row(3)))
    take(store, extract(tmp_path, row(1, status="已停办"), row(1, title="甲"), row(2), row(3)))
    titles = dict(held(store, tmp_path, "title_name", "status"))
    assert (titles["剧1"], titles["甲"]) == ("suspended", "active")


@pytest.mark.parametrize(
    ("said", "systems", "suspended"),
    [
        ("other", ("其他", "其他"), ["other"]),
        ("other", ("其他", "？"), ["key", "other"]),
        ("other", ("其他", "重点"), ["key", "other"]),
        (None, ("其他", "重点"), ["key"]),
        (None, ("其他", "？"), ["key", "other"]),
        (None, ("其他", "其他"), ["other"]),
        (None, ("重点", "重点"), ["key"]),
    ],
)
def test_the_row_of_its_system_is_suspended_or_of_each_that_may_be_meant(
    said: str | None, systems: Sequence[str], suspended: list[str], tmp_path: Path
) -> None:
    store = sqlite(tmp_path)
    for system in ("other", "key"):
        take(store, extract(tmp_path, row(1), row(2)), system=system, accepted=("misplaced",))
    before = freshness(store, NOW.date(), 7)
    lines = [[*row(2), systems[0]], [*row(1, status="已停办"), systems[1]]]
    file = write_csv(tmp_path / "both.csv", [(*HEADER, "备案系统"), *lines])
    take(store, file, system=said, partial=True, now=TOMORROW)
    rows = held(store, tmp_path, "system", "status", "permit_number")
    assert [system for system, status, _ in rows if status == "suspended"] == suspended
    assert freshness(store, NOW.date(), 7) == before


@pytest.mark.parametrize(
    ("doubtful", "partial", "refused"), [(1, False, False), (4, False, False), (5, False, True), (5, True, False)]
)
def test_a_whole_extract_without_one_good_row_is_believed_only_of_a_few(
    doubtful: int, partial: bool, refused: bool, tmp_path: Path
) -> None:
    store, serials = sqlite(tmp_path), range(1, doubtful + 1)
    take(store, extract(tmp_path, *map(row, serials)))
    file = extract(tmp_path, *(row(serial, status="已停办") for serial in serials))
    if refused:
        with pytest.raises(ExtractError, match="no row can be imported, 5 would be rejected"):
            take(store, file, partial=partial)
    else:
        assert take(store, file, partial=partial).counts.suspended == doubtful
    assert set(statuses(store, tmp_path).values()) == {"active" if refused else "suspended"}


def test_a_refused_extract_suspends_nothing(store: Store, tmp_path: Path) -> None:
    file, before = extract(tmp_path, row(1, status="已停办"), row(2), row(3)), held(store, tmp_path)
    with pytest.raises(RefusedExtractError):
        take(store, file, extracted_on=NOW.date() - timedelta(days=3))
    assert held(store, tmp_path) == before
