"""What becomes of rows from one extract to the next: dated changes, ends, guards, conflicts, one transaction."""

from __future__ import annotations

import json
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
import xlsxwriter

from compliance.register.conflicts import Conflict
from compliance.register.errors import ExtractError, RegisterError
from compliance.register.held import freshness
from compliance.register.store import Store
from compliance.register.tables import CHANGES, IMPORTS, PARTS
from tests.conftest import Maker
from tests.register.extracts import (
    HEADER,
    NOW,
    extract,
    fill_sheet,
    held,
    landed,
    number,
    row,
    sqlite,
    take,
    write_csv,
)

TOMORROW = NOW + timedelta(days=1)


def changes(store: Store) -> list[tuple[str, ...]]:
    columns = ("changed_on", "kind", "number", "field", "before", "after")
    with store.reading() as connection:
        assert connection is not None
        rows = connection.execute(sa.select(*(CHANGES.c[name] for name in columns)).order_by(CHANGES.c.change_id))
        return [tuple(row) for row in rows]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite."""
    return sqlite(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def everywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A register in each database that may hold it."""
    if request.param == "sqlite":
        return sqlite(tmp_path)
    maker: Maker = request.getfixturevalue("postgresql")
    return Store(maker())


def test_the_same_file_twice_changes_nothing(everywhere: Store, tmp_path: Path) -> None:
    store = everywhere
    file = extract(tmp_path, row(1), row(2, status="撤销"))
    take(store, file)
    before = held(store, tmp_path)

    assert landed(take(store, file)) == {"unchanged": 2}
    assert held(store, tmp_path) == before
    assert changes(store) == []


def test_changes_are_dated_and_the_rest_stays(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2), row(3)))
    imported = take(store, extract(tmp_path, row(1), row(2, status="暂停"), row(3, title="新名"), row(4)), now=TOMORROW)

    assert landed(imported) == {"imported": 1, "updated": 2, "unchanged": 1}
    assert sorted(changes(store)) == [
        ("2026-11-24", "updated", number(2), "status", "active", "suspended"),
        ("2026-11-24", "updated", number(3), "title_name", "剧3", "新名"),
    ]
    assert held(store, tmp_path, "permit_number", "status", "updated_at") == [
        (number(1), "active", NOW),
        (number(2), "suspended", TOMORROW),
        (number(3), "active", TOMORROW),
        (number(4), "active", TOMORROW),
    ]


def test_a_row_that_leaves_is_ended_not_deleted_and_may_return(everywhere: Store, tmp_path: Path) -> None:
    store = everywhere
    take(store, extract(tmp_path, row(1), row(2), row(3, status="撤销")))
    assert landed(take(store, extract(tmp_path, row(1)), now=TOMORROW)) == {"unchanged": 1, "ended": 2}
    assert held(store, tmp_path, "permit_number", "status") == [
        (number(1), "active"),
        (number(2), "expired"),
        (number(3), "revoked"),
    ]

    again = take(store, extract(tmp_path, row(1), row(2)), now=TOMORROW + timedelta(days=1))
    assert landed(again) == {"updated": 1, "unchanged": 1, "kept": 1}
    assert [change for change in changes(store) if change[3] == "status"] == [
        ("2026-11-24", "ended", number(2), "status", "active", "expired"),
        ("2026-11-25", "returned", number(2), "status", "expired", "active"),
    ]


def bare(folder: Path, *serials: int) -> Path:
    """A list without statuses."""
    return write_csv(folder / "bare.csv", [HEADER[:2], *(row(serial)[:2] for serial in serials)])


def statuses(store: Store, folder: Path) -> dict[str, str]:
    """The status of each number."""
    return dict(held(store, folder, "permit_number", "status"))


@pytest.mark.parametrize(
    ("word", "away", "back"),
    [
        ("有效", "expired", "active"),
        ("待审", "expired", "pending"),
        ("暂停", "suspended", "suspended"),
        ("撤销", "revoked", "revoked"),
        ("失效", "expired", "expired"),
    ],
)
def test_a_row_comes_back_in_a_list_without_statuses_as_what_it_was_when_it_left(
    word: str, away: str, back: str, store: Store, tmp_path: Path
) -> None:
    take(store, extract(tmp_path, row(1, status=word), row(3)))
    take(store, extract(tmp_path, row(3)), now=TOMORROW)
    assert statuses(store, tmp_path)[number(1)] == away
    for days in (2, 3):
        take(store, bare(tmp_path, 1, 3), now=NOW + timedelta(days))
        assert statuses(store, tmp_path)[number(1)] == back


@pytest.mark.parametrize(("word", "status"), [("撤销", "revoked"), ("失效", "expired")])
def test_a_row_that_left_and_came_back_as_it_was_has_not_ended(
    word: str, status: str, store: Store, tmp_path: Path
) -> None:
    take(store, extract(tmp_path, row(1, status=word), row(3)))
    take(store, extract(tmp_path, row(3)))
    assert landed(take(store, extract(tmp_path, row(1, status=word), row(3)))) == {"unchanged": 2}
    assert landed(take(store, bare(tmp_path, 1, 3))) == {"unchanged": 2}
    assert statuses(store, tmp_path)[number(1)] == status
    assert landed(take(store, extract(tmp_path, row(3)))) == {"unchanged": 1, "ended": 1}


def as_of_earlier_version(store: Store, folder: Path) -> None:
    """Take away the columns that parts did not have in earlier versions."""
    old, new = folder / "old.parquet", folder / "new.parquet"
    with store.writing() as connection:
        (content,) = connection.execute(sa.select(PARTS.c.content)).scalars()
        new.write_bytes(content)
        duckdb.execute(f"COPY (SELECT * EXCLUDE (left_as) FROM '{new}') TO '{old}' (FORMAT parquet)")
        connection.execute(PARTS.update().values(content=old.read_bytes()))


def test_what_an_earlier_version_has_ended_comes_back_too(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2, status="撤销"), row(3)))
    take(store, extract(tmp_path, row(3)))
    as_of_earlier_version(store, tmp_path)
    assert landed(take(store, bare(tmp_path, 1, 2, 3))) == {"updated": 1, "unchanged": 2}
    assert statuses(store, tmp_path) == {number(1): "active", number(2): "revoked", number(3): "active"}


def test_an_unchanged_register_stays_fresh_by_the_extracts_seen(store: Store, tmp_path: Path) -> None:
    file = extract(tmp_path, row(1), row(2))
    take(store, file)
    take(store, file, now=TOMORROW)

    assert held(store, tmp_path, "max(updated_at)", "min(updated_at)") == [(TOMORROW, NOW)]
    assert [told["state"] for told in freshness(store, TOMORROW.date(), 7)] == ["absent", "absent", "fresh"]
    assert freshness(store, date(2026, 12, 2), 7)[2]["state"] == "stale"


def test_a_partial_extract_ends_nothing(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, *map(row, range(1, 30))))
    assert landed(take(store, extract(tmp_path, row(30)), partial=True)) == {"imported": 1, "kept": 29}


def test_columns_that_an_extract_lacks_stay_as_they_were(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2, status="撤销")))
    narrow = write_csv(tmp_path / "b.csv", [HEADER[:2], row(1)[:2], row(2)[:2]])

    assert landed(take(store, narrow)) == {"unchanged": 2}
    assert held(store, tmp_path, "producer", "status") == [("某某影视", "active"), ("某某影视", "revoked")]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_column_that_another_file_or_sheet_has_erases_nothing(suffix: str, store: Store, tmp_path: Path) -> None:
    full = [(*HEADER, "曾用名"), [*row(1), "旧名1"], [*row(2), "旧名2"]]
    take(store, write_csv(tmp_path / "whole.csv", full))
    parts = [[full[0], [*row(1), "更名1"]], [HEADER, row(2), row(3)]]
    for order in (1, -1):
        imported = take(store, *in_parts(tmp_path, suffix, parts[::order]))

        assert landed(imported) in ({"imported": 1, "updated": 1, "unchanged": 1}, {"unchanged": 3})
        assert held(store, tmp_path, "permit_number", "alt_name", "producer") == [
            (number(1), "更名1", "某某影视"),
            (number(2), "旧名2", "某某影视"),
            (number(3), None, "某某影视"),
        ]


def in_parts(folder: Path, suffix: str, parts: list[list[Any]]) -> list[Path]:
    """The tables as text files, or as the sheets of one workbook."""
    if suffix == "csv":
        return [write_csv(folder / f"part{place}.csv", lines) for place, lines in enumerate(parts)]
    with xlsxwriter.Workbook(str(folder / "parts.xlsx")) as book:
        for lines in parts:
            fill_sheet(book, book.add_worksheet(), lines)
    return [folder / "parts.xlsx"]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_statuses_are_told_of_all_rows_of_an_extract_or_of_none(suffix: str, store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2)))
    before = held(store, tmp_path)
    files = in_parts(tmp_path, suffix, [[HEADER, row(1)], [HEADER[:4], row(2)[:4]]])

    with pytest.raises(ExtractError, match="others have none") as refused:
        take(store, *files)
    assert [problem.endswith("no column of statuses") for problem in refused.value.problems] == [True]
    assert held(store, tmp_path) == before
    empty = in_parts(tmp_path, suffix, [[HEADER, row(1), row(2)], [HEADER[:4]]])
    assert landed(take(store, *empty)) == {"unchanged": 2}


def test_rejected_rows_are_corrected_and_imported_again(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2), row(3)))
    rejected = tmp_path / "rejected.csv"
    first = take(
        store, extract(tmp_path, row(1), row(2, status="？"), row(3, title="=1+1", number="无")), rejected=rejected,
        accepted=("shrunken",),
    )  # fmt: skip
    assert landed(first) == {"unchanged": 1, "ended": 1, "rejected": 2, "kept": 1}

    text = rejected.read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    rejected.write_text(text.replace("？", "有效").replace("无", number(3)), encoding="utf-8-sig")
    assert landed(take(store, rejected, partial=True)) == {"updated": 2, "kept": 1}
    assert held(store, tmp_path, "title_name", "status") == [("=1+1", "active"), ("剧1", "active"), ("剧2", "active")]


def test_one_number_of_several_titles_keeps_them_apart(store: Store, tmp_path: Path) -> None:
    twice = extract(tmp_path, row(1, title="旧名", status="失效"), row(1, title="新名"))
    assert landed(take(store, twice)) == {"imported": 2}
    assert landed(take(store, twice)) == {"unchanged": 2}
    once = extract(tmp_path, row(1, title="新名", producer="乙"))
    assert landed(take(store, once)) == {"updated": 1, "ended": 1}


def test_conflicts_between_systems_are_told_and_both_rows_stay(store: Store, tmp_path: Path) -> None:
    licence = "（沪）网微剧审字（2026）第5号"
    take(store, extract(tmp_path, row(5, title="甲", number=licence), row(6)), system="key")
    imported = take(
        store, extract(tmp_path, row(5, title="乙", number="沪网微剧审字〔2026〕005号"), row(6, title="剧6！"))
    )

    assert imported.conflicts == (Conflict(licence, "other", "乙", "key", "甲"),)
    assert held(store, tmp_path, "system", "title_name") == [
        ("key", "剧6"),
        ("key", "甲"),
        ("other", "乙"),
        ("other", "剧6！"),
    ]


def test_the_day_above_the_header_counts(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [["导出日期：2026/11/20 08:00"], HEADER, row(1)])
    assert take(sqlite(tmp_path), file).extracted_on == date(2026, 11, 20)


def test_several_files_are_one_extract(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    files = [extract(tmp_path, row(serial), name=f"{serial}.csv") for serial in (1, 2)]
    assert landed(take(store, *files)) == {"imported": 2}
    assert landed(take(store, *files)) == {"unchanged": 2}


def test_one_bad_file_of_several_lets_nothing_in(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    with pytest.raises(ExtractError):
        take(store, extract(tmp_path, row(1)), tmp_path / "none.csv")
    assert not store.exists()


def test_a_column_can_be_named(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", [("片名", "文号", "许可证号"), ("甲", number(1), "无")])
    store = sqlite(tmp_path)
    assert landed(take(store, file, columns=["permit_number=文号"])) == {"imported": 1}


def test_an_import_that_was_overtaken_is_refused(
    everywhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = everywhere
    from compliance.register import importing

    take(store, extract(tmp_path, row(1)))
    meanwhile = extract(tmp_path, row(1), row(2), name="meanwhile.csv")
    write_parts = importing.write_parts

    def overtaken(*arguments: object) -> object:
        monkeypatch.setattr(importing, "write_parts", write_parts)
        take(store, meanwhile)
        return write_parts(*arguments)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(importing, "write_parts", overtaken)
    with pytest.raises(RegisterError, match="another import of other ended"):
        take(store, extract(tmp_path, row(1), row(3)))
    assert held(store, tmp_path, "permit_number") == [(number(1),), (number(2),)]


def test_a_failure_while_writing_leaves_everything_as_it_was(
    everywhere: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = everywhere
    from compliance.register import importing

    take(store, extract(tmp_path, row(1)))
    before = held(store, tmp_path)

    def fall(*_: object) -> str:
        return "SELECT no_such_column FROM landed"

    monkeypatch.setattr(importing, "changes_query", fall)
    with pytest.raises(Exception, match="no_such_column"):
        take(store, extract(tmp_path, row(1), row(2)))
    assert held(store, tmp_path) == before
    with store.reading() as connection:
        assert connection is not None
        assert connection.scalar(sa.select(sa.func.count()).select_from(IMPORTS)) == 1


def test_two_imports_at_once_both_count_or_one_is_told(everywhere: Store, tmp_path: Path) -> None:
    store = everywhere
    files = [extract(tmp_path, row(serial), name=f"{serial}.csv") for serial in range(1, 5)]
    told: list[str] = []

    def run(file: Path) -> None:
        try:
            take(store, file, partial=True)
            told.append("imported")
        except RegisterError as error:
            told.append("overtaken" if "overtaken" in str(error) or "another import" in str(error) else str(error))

    threads = [threading.Thread(target=run, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(told) <= {"imported", "overtaken"}
    assert len(held(store, tmp_path)) == told.count("imported") >= 1


def test_every_import_is_on_record(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, *map(row, range(1, 11))))
    take(store, extract(tmp_path, row(1)), accepted=("shrunken", "stale"))
    with store.reading() as connection:
        assert connection is not None
        records = list(connection.execute(sa.select(IMPORTS).order_by(IMPORTS.c.import_id)))
    assert [(json.loads(one.files), one.accepted, json.loads(one.counts)["ended"]) for one in records] == [
        (["a.csv"], "", 0),
        (["a.csv"], "shrunken", 9),
    ]
    assert datetime.fromisoformat(records[0].imported_at) == NOW


def test_round_trip_through_every_kind_of_file(tmp_path: Path) -> None:
    from compliance.register.exporting import export_register

    store = sqlite(tmp_path)
    rows = [row(1), row(2, title='=归来,"之\n后"', producer=None), row(3, title="'-1", status="暂停"), row(4, day="")]
    take(store, extract(tmp_path, *rows))
    take(store, extract(tmp_path, *rows[:3]), accepted=("shrunken",), now=TOMORROW)
    first = held(store, tmp_path)
    assert len(first) == 4

    for kind in ("csv", "xlsx", "parquet"):
        exported = tmp_path / f"exported.{kind}"
        export_register(store, exported)
        folder = tmp_path / kind
        folder.mkdir()
        other = sqlite(folder)
        assert landed(take(other, exported, system=None, now=TOMORROW)) == {"imported": 4}
        assert held(other, folder) == first
        unchanged = landed(take(store, exported, system=None, now=TOMORROW))
        assert unchanged == {"unchanged": 4}
        assert held(store, tmp_path) == first
