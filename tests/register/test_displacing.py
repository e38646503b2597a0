"""Rows imported under a filing system that their number does not belong to, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from compliance.register.conflicts import Disagreement
from compliance.register.held import freshness
from compliance.register.store import Store
from tests.register.extracts import HEADER, NOW, extract, held, landed, number, row, sqlite, take, write_csv

LICENCE = "（沪）网微剧审字（2026）第5号"
TOMORROW = NOW + timedelta(1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite, of whose system key three rows are a platform's filings and one is a licence."""
    made = sqlite(tmp_path)
    take(made, extract(tmp_path, row(1), row(2), row(3), row(5, number=LICENCE)), system="key")
    return made


@pytest.mark.parametrize("partial", [False, True])
def test_a_copy_ends_once_its_number_comes_under_its_own_system(partial: bool, store: Store, tmp_path: Path) -> None:
    before = freshness(store, NOW.date(), 7)[0]
    file = extract(tmp_path, row(1, status="撤销"), row(2))
    imported = take(store, file, partial=partial, now=TOMORROW, language="en")

    assert landed(imported) == {"imported": 2, "ended": 2, "kept": 2}
    assert (imported.held, imported.systems) == (6, ("key", "other"))
    assert "2 rows held of key have ended: their numbers belong to another" in imported.notes[-1]
    assert held(store, tmp_path, "system", "permit_number", "status") == [
        ("key", LICENCE, "active"),
        ("key", number(1), "expired"),
        ("key", number(2), "expired"),
        ("key", number(3), "active"),
        ("other", number(1), "revoked"),
        ("other", number(2), "active"),
    ]
    assert freshness(store, NOW.date(), 7)[0] == before
    assert held(store, tmp_path, "max(updated_at::DATE) FILTER (WHERE system = 'key')") == [(NOW.date(),)]


def test_many_copies_may_end_at_once_without_a_shrunken_extract(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, *map(row, range(1, 31))), system="key", accepted=("shrunken",))
    assert landed(take(store, extract(tmp_path, *map(row, range(1, 31))))) == {"imported": 30, "ended": 30, "kept": 1}


def test_a_copy_in_its_own_system_stays_whatever_comes_under_another(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(5, number=LICENCE, status="撤销")))
    assert landed(imported) == {"imported": 1}
    assert held(store, tmp_path, "status").count(("active",)) == 4


def test_a_copy_ends_where_a_column_tells_both_systems(store: Store, tmp_path: Path) -> None:
    lines = [[*row(1, status="撤销"), "其他"], [*row(6, number="（沪）网微剧审字（2026）第6号"), "重点"]]
    file = write_csv(tmp_path / "both.csv", [(*HEADER, "备案系统"), *lines])
    imported = take(store, file, system=None, partial=True)
    assert landed(imported) == {"imported": 2, "ended": 1, "kept": 3}


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "1 个备案号在两个系统中状态不同"), ("en", "statuses of 1 numbers differ")]
)
def test_a_number_of_two_statuses_is_told_loudly(language: str, says: str, store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(5, number=LICENCE, status="撤销")), language=language)
    assert imported.disagreements == (Disagreement(LICENCE, "other", "revoked", "key", "active"),)
    assert imported.as_json()["disagreements"][0]["other_status"] == "active"
    assert says in imported.notes[-1]
    assert f"{LICENCE} other revoked / key active" in imported.notes[-1]


def test_nothing_is_told_of_copies_that_have_ended_or_say_the_same(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(1, status="撤销"), row(5, number=LICENCE)))
    assert imported.disagreements == ()
