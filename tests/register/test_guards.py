"""What keeps an extract from being believed, and what a person is told of one that is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.register.errors import RefusedExtractError
from compliance.register.held import freshness
from compliance.register.store import Store
from tests.register.extracts import HEADER, NOW, POLICY, extract, held, landed, number, row, sqlite, take, write_csv


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A register in SQLite."""
    return sqlite(tmp_path)


def test_a_shrunken_extract_is_refused_unless_accepted(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, *map(row, range(1, 101))))
    small = extract(tmp_path, *map(row, range(1, 90)))
    with pytest.raises(RefusedExtractError, match=r"11 of 100 rows are not in it.*\n.*--accept-shrunken"):
        take(store, small)
    assert held(store, tmp_path, "count(*)", "count(*) FILTER (WHERE status = 'active')") == [(100, 100)]
    assert landed(take(store, small, accepted=("shrunken",))) == {"unchanged": 89, "ended": 11}


def test_the_bound_of_shrinking_is_the_policys(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, *map(row, range(1, 101))))
    assert landed(take(store, extract(tmp_path, *map(row, range(1, 91))))) == {"unchanged": 90, "ended": 10}


@pytest.mark.parametrize(
    ("day", "refused"),
    [(date(2026, 11, 16), False), (date(2026, 11, 15), True), (date(2026, 11, 24), True)],
)
def test_a_stale_extract_is_refused_unless_accepted(day: date, refused: bool, tmp_path: Path) -> None:
    store, file = sqlite(tmp_path), extract(tmp_path, row(1))
    if refused:
        with pytest.raises(RefusedExtractError, match=f"taken on {day}.*\n.*--accept-stale"):
            take(store, file, extracted_on=day)
    take(store, file, extracted_on=day, accepted=("stale",) if refused else ())
    assert held(store, tmp_path, "updated_at::DATE") == [(day,)]


def test_an_older_extract_is_refused_and_makes_the_register_no_fresher(tmp_path: Path) -> None:
    store, file = sqlite(tmp_path), extract(tmp_path, row(1), row(2))
    take(store, file)
    with pytest.raises(RefusedExtractError, match="taken on 2026-11-10, the one before on 2026-11-23"):
        take(store, file, extracted_on=date(2026, 11, 10))
    take(store, file, extracted_on=date(2026, 11, 10), accepted=("stale",))
    assert held(store, tmp_path, "max(updated_at)::DATE") == [(date(2026, 11, 10),)]
    assert freshness(store, NOW.date(), 7)[2]["state"] == "stale"


def dated(folder: Path, *rows: tuple[int, str, str], name: str = "dated.csv") -> Path:
    """An extract with a column of updates: serial, status, time of update."""
    lines = [[*row(serial, status=status), at] for serial, status, at in rows]
    return write_csv(folder / name, [(*HEADER, "更新时间"), *lines])


@pytest.mark.parametrize("column", [True, False], ids=["dated", "undated"])
@pytest.mark.parametrize("status", ["有效", "撤销"])
def test_a_few_rows_make_a_register_no_fresher(column: bool, status: str, store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "有效", "2026-11-01"), (2, "有效", "2026-10-01")), accepted=("stale",))
    today = "2026-11-23 08:00:00"
    few = dated(tmp_path, (2, status, today), (3, "有效", today)) if column else extract(tmp_path, row(2), row(3))
    imported = take(store, few, partial=True, language="en")

    assert "stays as old as the whole extract of 2026-11-01" in imported.notes[-1]
    assert held(store, tmp_path, "max(updated_at)::DATE") == [(date(2026, 11, 1),)]
    told = freshness(store, NOW.date(), 7)[2]
    assert (told["extracted_at"], told["state"]) == ("2026-11-01 00:00:00", "stale")


def test_the_first_rows_of_a_system_are_as_old_as_they_say_however_few(store: Store, tmp_path: Path) -> None:
    few = dated(tmp_path, (1, "有效", "2026-11-01"))
    with pytest.raises(RefusedExtractError, match="taken on 2026-11-01, more than 7 days before"):
        take(store, few, partial=True)
    take(store, dated(tmp_path, (1, "有效", "2026-11-20")), partial=True)
    assert freshness(store, NOW.date(), 7)[2]["extracted_at"] == "2026-11-20 00:00:00"


def test_rejected_rows_older_than_the_extract_are_corrected_and_age_nothing(store: Store, tmp_path: Path) -> None:
    rejected = tmp_path / "rejected.csv"
    take(store, dated(tmp_path, (1, "撤销", "2026-11-22"), (2, "？", "2026-11-05")), rejected=rejected)
    before = freshness(store, NOW.date(), 7)
    rejected.write_text(rejected.read_text(encoding="utf-8-sig").replace("？", "有效"), encoding="utf-8-sig")
    assert landed(take(store, rejected, partial=True)) == {"imported": 1, "kept": 1}
    assert [{**told, "rows": 1} for told in freshness(store, NOW.date(), 7) if told["rows"]] == [before[2]]

    older = dated(tmp_path, (1, "有效", "2026-11-20"), (2, "有效", "2026-11-05"))
    with pytest.raises(RefusedExtractError, match="taken on 2026-11-20, the one before on 2026-11-22"):
        take(store, older)


DAY = "2026-11-20 "


def test_an_earlier_extract_of_the_same_day_is_refused_unless_accepted(store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "撤销", DAY + "15:00"), (2, "有效", "2026-11-01")))
    take(store, dated(tmp_path, (1, "撤销", DAY + "15:00")))  # 2 has ended
    morning = dated(tmp_path, (1, "有效", DAY + "09:00"), (2, "有效", "2026-11-01"))
    with pytest.raises(RefusedExtractError, match=r"update is 2026-11-20 09:00:00, that of the one before .* 15:00"):
        take(store, morning)
    assert held(store, tmp_path, "status") == [("expired",), ("revoked",)]
    assert landed(take(store, morning, accepted=("stale",))) == {"updated": 2}


@pytest.mark.parametrize("partial", [False, True])
def test_a_row_is_not_overwritten_by_an_older_one_unless_accepted(partial: bool, store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "撤销", DAY + "15:00"), (2, "有效", DAY + "15:00")))
    later = dated(tmp_path, (1, "有效", DAY + "14:59"), (2, "有效", DAY + "16:00"))
    with pytest.raises(
        RefusedExtractError, match=r"other: 1 rows are older than the ones held \(such as .*第1号: 2026"
    ):
        take(store, later, partial=partial)
    assert landed(take(store, later, partial=partial, accepted=("stale",))) == {"updated": 1, "unchanged": 1}


def test_the_newest_time_that_was_told_of_a_row_counts(store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "撤销", DAY + "10:00")))
    take(store, dated(tmp_path, (1, "撤销", DAY + "15:00")))
    with pytest.raises(RefusedExtractError, match="1 rows are older"):
        take(store, dated(tmp_path, (1, "有效", DAY + "14:00")), partial=True)


def headed(folder: Path, day: str, *rows: list[object]) -> Path:
    """An extract with the day on which it was taken above its header."""
    return write_csv(folder / "headed.csv", [(f"导出日期：{day}",), HEADER, *rows])


@pytest.mark.parametrize("dated_by", ["option", "header", "row"])
@pytest.mark.parametrize("before", ["撤销", "过期", None])
def test_an_old_partial_extract_makes_nothing_active_again(
    dated_by: str, before: str | None, store: Store, tmp_path: Path
) -> None:
    others = [row(serial) for serial in range(2, 30)]
    take(store, extract(tmp_path, row(1), *others))
    take(store, extract(tmp_path, *([row(1, status=before)] if before else []), *others))
    old = {
        "option": lambda: (extract(tmp_path, row(1)), date(2026, 6, 1)),
        "header": lambda: (headed(tmp_path, "2026-06-01", row(1)), None),
        "row": lambda: (dated(tmp_path, (1, "有效", "2026-06-01 10:00")), None),
    }
    file, day = old[dated_by]()

    with pytest.raises(
        RefusedExtractError, match=r"1 rows say active again .* 2026-11-23 \(such as .*第1号: 2026-06-01"
    ):
        take(store, file, extracted_on=day, partial=True)
    imported = take(store, file, extracted_on=day, partial=True, accepted=("stale",), language="en")
    assert (landed(imported), imported.overruled) == ({"updated": 1, "kept": 28}, ("stale",))
    assert "1 rows were revoked or had expired and are active again" in imported.notes[0]


def test_what_is_active_again_is_told_in_every_import_and_may_be_as_new(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1, status="撤销"), row(2, status="撤销"), row(3, status="暂停")))
    imported = take(store, headed(tmp_path, "2026-11-23", row(1)), partial=True, language="en")
    assert "1 rows were revoked or had expired and are active again" in imported.notes[0]
    assert number(1) in imported.notes[0]
    assert take(store, headed(tmp_path, "2026-06-01", row(3)), partial=True).notes == ()
    whole = take(store, extract(tmp_path, row(1), row(2), row(3)))
    assert whole.notes[0].startswith("注意：1 行由撤销或过期改为有效")


@pytest.mark.parametrize("at", [DAY + "15:00", "2026-11-20"], ids=["the same instant", "the day alone"])
def test_what_may_be_as_new_is_no_older(at: str, store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "有效", DAY + "15:00")))
    assert landed(take(store, dated(tmp_path, (1, "撤销", at)))) == {"updated": 1}


def test_the_instant_of_an_extract_is_no_rows_own(store: Store, tmp_path: Path) -> None:
    take(store, dated(tmp_path, (1, "有效", "2026-11-01")), extracted_on=NOW.date())
    assert held(store, tmp_path, "updated_at") == [(NOW,)]
    assert landed(take(store, dated(tmp_path, (1, "撤销", "2026-11-23 08:00")))) == {"updated": 1}


@pytest.mark.parametrize("said", [None, NOW.date()], ids=["by its rows", "by the command line"])
@pytest.mark.parametrize("partial", [False, True])
def test_a_row_of_a_time_to_come_is_refused_whatever_is_accepted(
    partial: bool, said: date | None, store: Store, tmp_path: Path
) -> None:
    take(store, dated(tmp_path, (1, "有效", "2026-11-20")))
    typo = dated(tmp_path, (1, "有效", "2026-11-21"), (2, "有效", "2062-11-21 10:00"))
    with pytest.raises(
        RefusedExtractError, match=r"1 rows is after tomorrow \(such as .*第2号: 2062-11-21.*\n.*in the file"
    ):
        take(store, typo, partial=partial, extracted_on=said, accepted=("stale",))
    assert len(held(store, tmp_path)) == 1


def test_an_extract_of_a_day_to_come_is_refused_whatever_is_accepted(store: Store, tmp_path: Path) -> None:
    headed = write_csv(tmp_path / "headed.csv", [["导出日期：2062-11-21"], HEADER, row(1)])
    with pytest.raises(RefusedExtractError, match="taken on 2062-11-21, which is after tomorrow"):
        take(store, headed, accepted=("stale",))
    with pytest.raises(RefusedExtractError, match="taken on 2026-11-25, which is after tomorrow"):
        take(store, extract(tmp_path, row(1)), extracted_on=date(2026, 11, 25), accepted=("stale",))
    assert not store.exists()


def without_statuses(folder: Path, *rows: list[object]) -> Path:
    return write_csv(folder / "bare.csv", [HEADER[:4], *(line[:4] for line in rows)])


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "文件没有状态列，2 行一律计为有效"), ("en", "2 rows count as active")]
)
def test_rows_count_as_active_loudly_where_no_column_tells_their_status(
    store: Store, tmp_path: Path, language: str, says: str
) -> None:
    imported = take(store, without_statuses(tmp_path, row(1), row(2)), language=language)
    assert landed(imported) == {"imported": 2}
    assert [says in note for note in imported.as_json()["notes"]] == [True]
    assert held(store, tmp_path, "status") == [("active",), ("active",)]


def test_rows_that_keep_another_status_do_not_count_as_active(store: Store, tmp_path: Path) -> None:
    take(store, extract(tmp_path, row(1), row(2, status="撤销"), row(3)))
    take(store, extract(tmp_path, row(1), row(2, status="撤销")))  # 3 has ended
    note, again = take(store, without_statuses(tmp_path, row(1), row(2), row(3), row(4))).notes
    assert again.startswith("注意：1 行由撤销或过期改为有效")
    assert "3 行一律计为有效" in note
    assert held(store, tmp_path, "status") == [("active",)] * 3 + [("revoked",)]


def test_nothing_is_noted_where_a_column_tells_the_status(store: Store, tmp_path: Path) -> None:
    assert take(store, extract(tmp_path, row(1))).notes == ()


STRICT = POLICY.model_copy(
    update={
        "settings": POLICY.settings
        | {"register_misplaced_share": POLICY.settings["register_misplaced_share"].model_copy(update={"value": 0.5})}
    }
)
LICENCE, V_NUMBER = "（沪）网微剧审字（2026）第5号", "V11004342001101"
REGULATORS, UNKNOWN = number(5, "沪"), number(5, "某台")


@pytest.mark.parametrize(
    ("system", "numbers", "belong_to"),
    [
        ("key", [number(1), number(2, "七猫"), LICENCE], r"2 of 3 rows belong to another system \(other 2;"),
        ("key", [UNKNOWN], r"1 of 1 rows belong to another system \(ordinary/other 1;"),
        ("ordinary", [number(1), LICENCE, REGULATORS], r"2 of 3 rows belong to another system \(key 1, other 1;"),
        ("ordinary", [number(1), UNKNOWN], r"1 of 1 rows belong to another system \(other 1;"),
        ("other", [V_NUMBER, "（沪）网剧审字（2022）第1号"], r"2 of 2 rows belong to another system \(key 2;"),
        ("other", [number(1), REGULATORS, number(6, "总局")], r"2 of 3 rows belong to another system \(ordinary 2;"),
    ],
)
def test_a_policy_may_have_an_extract_of_another_system_refused_unless_accepted(
    system: str, numbers: list[str], belong_to: str, store: Store, tmp_path: Path
) -> None:
    file = extract(tmp_path, *(row(serial, number=text) for serial, text in enumerate(numbers)))
    with pytest.raises(RefusedExtractError, match=f"{system}: .*{belong_to}.*\n.*--system.*--accept-misplaced"):
        take(store, file, system=system, policy=STRICT)
    assert not store.exists()

    imported = take(store, file, system=system, policy=STRICT, accepted=("misplaced",))
    assert (landed(imported), imported.overruled) == ({"imported": len(numbers)}, ("misplaced",))


def test_a_few_rows_of_other_systems_are_imported_and_noted(store: Store, tmp_path: Path) -> None:
    rows = [row(1), row(2), row(3, number=REGULATORS), row(4, number=V_NUMBER)]
    imported = take(store, extract(tmp_path, *rows), language="en")
    assert (landed(imported), imported.overruled) == ({"imported": 4}, ())
    (note,) = imported.notes
    assert "2 rows imported as other belong to another filing system (key 1, ordinary 1)" in note


@pytest.mark.parametrize("system", ["ordinary", "other"])
def test_an_unknown_issuers_filings_may_belong_to_either_system(system: str, store: Store, tmp_path: Path) -> None:
    assert take(store, extract(tmp_path, row(1, number=UNKNOWN)), system=system).notes == ()


def test_each_system_that_a_column_names_is_held_to_its_own_numbers(store: Store, tmp_path: Path) -> None:
    right = [[*row(serial), "其他"] for serial in range(1, 9)]
    file = write_csv(tmp_path / "a.csv", [(*HEADER, "备案系统"), *right, [*row(9, number=REGULATORS), "重点"]])
    with pytest.raises(RefusedExtractError, match=r"key: .*1 of 1 rows belong to another system \(ordinary 1;"):
        take(store, file, system=None, policy=STRICT)


def test_a_number_seen_late_in_a_long_extract_counts_too(store: Store, tmp_path: Path) -> None:
    rows = [row(serial) for serial in range(1, 2_501)]
    imported = take(store, extract(tmp_path, *rows, row(2_501, number=LICENCE)))
    assert ["key 1" in note for note in imported.notes] == [True]


def test_by_the_shipped_policy_every_row_may_be_elsewhere_and_is_told(store: Store, tmp_path: Path) -> None:
    imported = take(store, extract(tmp_path, row(1), row(2)), system="key", language="en")
    assert landed(imported) == {"imported": 2}
    (note,) = imported.notes
    assert "2 rows imported as key belong to another filing system (other 2)" in note
