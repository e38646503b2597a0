"""Rows of one number and title: the same said again is one row, of a contradiction the row that proves least counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from compliance.register.store import Store
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
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite."""
    return sqlite(tmp_path)


def dated(folder: Path, *rows: Line) -> Path:
    """An extract with a column of updates."""
    return write_csv(folder / "dated.csv", [(*HEADER, "更新时间"), *rows])


def test_the_same_row_again_is_one_row_and_nothing_to_correct(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(1), row(2), row(1), row(1)))
    assert landed(imported) == {"imported": 2, "unchanged": 2, "repeated": 2}
    assert (imported.rows, imported.held, imported.rejected_file) == (4, 2, None)
    assert landed(take(store, extract(tmp_path, row(1), row(2), row(1)))) == {"unchanged": 3, "repeated": 1}


def test_two_overlapping_files_are_one_extract(store: Store, tmp_path: Path) -> None:
    first = extract(tmp_path, *map(row, range(1, 8)), name="1.csv")
    second = extract(tmp_path, *map(row, range(5, 11)), name="2.csv")
    assert landed(take(store, first, second)) == {"imported": 10, "unchanged": 3, "repeated": 3}


def test_another_spelling_of_the_number_says_nothing_else(store: Store, tmp_path: Path) -> None:
    spelt = row(1, number="（番茄）網微劇備字〔2026〕第001号")
    assert landed(take(store, extract(tmp_path, row(1), spelt))) == {"imported": 1, "unchanged": 1, "repeated": 1}


def test_of_rows_that_differ_in_their_update_alone_the_newest_stays(store: Store, tmp_path: Path) -> None:
    days = ("2026-11-20 08:00:00", "2026-11-22 08:00:00", "", "2026-11-21 08:00:00")
    imported = take(store, dated(tmp_path, *([*row(1), day] for day in days)))
    assert landed(imported) == {"imported": 1, "unchanged": 3, "repeated": 3}
    assert held(store, tmp_path, "max(updated_at)") == [(datetime(2026, 11, 22, 8),)]  # noqa: DTZ001 - wall time


@pytest.mark.parametrize("order", list(permutations(("有效", "注销", "暂停"))))
def test_of_contradicting_statuses_the_one_that_proves_least_counts(
    order: tuple[str, ...], store: Store, tmp_path: Path
) -> None:
    take(store, extract(tmp_path, row(1), row(2)))
    rows = [row(1, status=status) for status in order]
    imported = take(store, extract(tmp_path, *rows, row(2)), rejected=tmp_path / "rejected.csv")

    assert landed(imported) == {"updated": 1, "unchanged": 1, "rejected": 2}
    assert held(store, tmp_path, "title_name", "status") == [("剧1", "revoked"), ("剧2", "active")]
    told = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert told.count("另一行矛盾：状态；") == 2
    assert [status in told for status in ("有效", "暂停", "注销")] == [True, True, False]


def test_a_newer_row_does_not_bring_a_revoked_one_back(store: Store, tmp_path: Path) -> None:
    revoked, newer = [*row(1, status="注销"), "2026-11-01"], [*row(1), "2026-11-20"]
    imported = take(store, dated(tmp_path, newer, revoked), rejected=tmp_path / "rejected.csv")
    assert (landed(imported), held(store, tmp_path, "status")) == ({"imported": 1, "rejected": 1}, [("revoked",)])
    assert landed(take(store, tmp_path / "rejected.csv", partial=True)) == {"updated": 1}
    assert held(store, tmp_path, "status") == [("active",)]


def test_a_contradiction_names_the_columns(store: Store, tmp_path: Path) -> None:
    rows = [row(1), row(1), row(1, producer="别的机构", day="2026-05-26")]
    imported = take(store, extract(tmp_path, *rows), language="en", rejected=tmp_path / "rejected.csv")
    assert landed(imported) == {"imported": 1, "unchanged": 1, "repeated": 1, "rejected": 1}
    assert held(store, tmp_path, "producer") == [("某某影视",)]
    told = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")
    assert "contradicts another row of its number and title: producer, issued_on;" in told
    assert "a.csv:4" in told


def test_rows_of_one_number_and_different_titles_all_land(store: Store, tmp_path: Path) -> None:
    rows = [row(1), row(1, title="甲"), row(1), row(1, title="甲", status="注销")]
    imported = take(store, extract(tmp_path, *rows))
    assert landed(imported) == {"imported": 2, "unchanged": 1, "repeated": 1, "rejected": 1}
    assert held(store, tmp_path, "title_name", "status") == [("剧1", "active"), ("甲", "revoked")]


def test_a_repeated_row_is_compared_with_the_one_held_as_if_it_stood_once(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1)))
    renamed = [row(1, title="新名"), row(1, title="新名")]
    assert landed(take(store, extract(tmp_path, *renamed), now=NOW + timedelta(days=1))) == {
        "updated": 1,
        "unchanged": 1,
        "repeated": 1,
    }
    assert held(store, tmp_path, "title_name") == [("新名",)]


def test_a_repeated_row_keeps_no_other_row_of_its_number_from_ending(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(1, title="甲")))
    assert landed(take(store, extract(tmp_path, row(1), row(1)))) == {"unchanged": 2, "ended": 1, "repeated": 1}


def test_a_contradiction_keeps_no_other_row_of_its_number_from_ending(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(1, title="甲"), row(2)))
    contradicting = [row(1, title="甲"), row(1, title="甲", status="撤销")]
    imported = take(store, extract(tmp_path, *contradicting, row(2)))
    assert landed(imported) == {"updated": 1, "unchanged": 1, "ended": 1, "rejected": 1}
    assert held(store, tmp_path, "title_name", "status") == [("剧1", "expired"), ("剧2", "active"), ("甲", "revoked")]


def test_repeated_rows_of_a_large_file_are_found_however_far_apart(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, *map(row, range(1, 3_001)), row(1), row(2, status="撤销")))
    assert landed(imported) == {"imported": 3_000, "unchanged": 1, "repeated": 1, "rejected": 1}
    assert dict(held(store, tmp_path, "permit_number", "status"))[number(2)] == "revoked"


@pytest.mark.parametrize(("one", "other"), [("剧1", "《剧1》"), ("乙Ａ", "乙A！"), ("歸來", " 归来 ")])
@pytest.mark.parametrize("order", [1, -1])
def test_titles_that_are_equal_names_are_one_title(
    one: str, other: str, order: int, store: Store, tmp_path: Path
) -> None:
    take(store, extract(tmp_path, row(1, title=one), row(2)))
    lines = [row(1, title=one), row(1, title=other, status="撤销")][::order]
    imported = take(store, extract(tmp_path, *lines, row(2)))
    assert landed(imported) == {"updated": 1, "unchanged": 1, "rejected": 1}
    assert dict(held(store, tmp_path, "permit_number", "status"))[number(1)] == "revoked"


def test_another_spelling_of_the_title_says_nothing_else(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(1), row(1, title="《剧1》")))
    assert landed(imported) == {"imported": 1, "unchanged": 1, "repeated": 1}


def test_where_a_number_has_several_titles_another_spelling_is_the_same_row(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1, title="甲"), row(1, title="乙")))
    imported = take(store, extract(tmp_path, row(1, title="《甲》", status="撤销"), row(1, title="乙")))
    assert landed(imported) == {"updated": 1, "unchanged": 1}
    assert held(store, tmp_path, "title_name", "status") == [("《甲》", "revoked"), ("乙", "active")]


def test_of_spellings_that_an_earlier_version_holds_apart_one_stays(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("compliance.permits.sql.name_key", lambda name: name)
        take(store, extract(tmp_path, row(1), row(1, title="《剧1》", status="撤销")))
    assert len(held(store, tmp_path)) == 2

    imported = take(store, extract(tmp_path, row(1, status="撤销"), row(1, title="《剧1》", status="撤销")))
    assert landed(imported)["ended"] == 1
    assert "active" not in {status for (status,) in held(store, tmp_path, "status")}
