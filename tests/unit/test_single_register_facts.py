"""What the register and the other titles of a number say of one title (contract, sections 2 and 5)."""

# ruff: noqa: DTZ001, SIM300 - wall time in Asia/Shanghai, as the contract wants it; what is expected stands first

from __future__ import annotations

from datetime import date, datetime

import pytest

from compliance.engines.single.register import choose
from tests.catalogs import NUMBER, complete
from tests.titles import (
    AS_OF,
    LICENCE,
    REGULATORS_NUMBER,
    facts,
    title,
)


def test_the_register_row_and_its_names() -> None:
    gathered = facts(title(name="归来之后！"), register=[{"title_name": "旧名", "alt_name": "归来 之后"}])
    assert (True, "旧名", "归来 之后", True, True) == tuple(
        gathered[k]
        for k in ("registered", "register_title", "register_alt_name", "register_name_equal", "producer_equal")
    )


def test_no_register_row() -> None:
    gathered = facts(register=[])
    assert (False, None, False, False) == tuple(
        gathered[k] for k in ("registered", "register_status", "register_name_equal", "producer_equal")
    )


def test_a_missing_producer_equals_none() -> None:
    assert facts(title(producer=None))["producer_equal"] is False
    assert facts(register=[{"producer": None}])["producer_equal"] is False


def test_of_several_register_rows_the_active_then_the_newest_counts() -> None:
    rows = complete(
        "register",
        [
            {"title_name": "暂停", "status": "suspended", "issued_on": date(2026, 9, 9)},
            {"title_name": "无日期", "issued_on": None, "updated_at": datetime(2026, 11, 22)},
            {"title_name": "旧", "issued_on": date(2026, 1, 1)},
            {"title_name": "新", "issued_on": date(2026, 2, 1), "updated_at": datetime(2026, 11, 1)},
            {"title_name": "新而晚", "issued_on": date(2026, 2, 1), "updated_at": datetime(2026, 11, 2)},
        ],
    )
    order = []
    while rows:
        best = choose(rows)
        assert best is not None
        assert best == choose(rows[::-1])
        order.append(best["title_name"])
        rows.remove(dict(best))
    assert ["新而晚", "新", "旧", "无日期", "暂停"] == order


def test_rows_equal_in_rank_are_chosen_by_their_text_and_null_comes_last() -> None:
    rows = complete("register", [{"alt_name": None, "producer": "甲"}, {"alt_name": "别名", "producer": "乙"}])
    assert ["乙", "乙"] == [row["producer"] for row in (choose(rows), choose(rows[::-1])) if row is not None]


def test_of_rows_equal_in_rank_and_names_the_status_decides_before_who_filed_them() -> None:
    rows = complete("register", [{"status": "pending", "filing_org": "乙"}, {"status": "revoked", "filing_org": "甲"}])
    assert ["pending", "pending"] == [row["status"] for row in (choose(rows), choose(rows[::-1])) if row is not None]


@pytest.mark.parametrize(
    ("newest", "stale"),
    [
        (date(2026, 11, 16), False),
        (date(2026, 11, 15), True),
        (date(2026, 12, 1), False),
        (None, True),
    ],
)
def test_an_extract_is_fresh_for_seven_days(newest: date | None, stale: bool) -> None:
    extracts = {"key": AS_OF, "ordinary": AS_OF} | ({"other": newest} if newest else {})
    assert stale is facts(extracts=extracts)["register_stale"]


@pytest.mark.parametrize(
    ("raw", "fresh", "stale"),
    [
        (LICENCE, ["key"], False),
        (LICENCE, ["ordinary", "other"], True),
        ("V11004342001101", ["key"], False),
        (REGULATORS_NUMBER, ["ordinary"], False),
        (REGULATORS_NUMBER, ["key", "other"], True),
        (NUMBER, ["other"], False),
        (NUMBER, ["key", "ordinary"], True),
        ("（某某台）网微剧备字（2026）第3号", ["ordinary", "other"], False),
        ("（某某台）网微剧备字（2026）第3号", ["other"], True),
        ("（某某台）网微剧备字（2026）第3号", ["ordinary"], True),
        ("乱写", [], False),
        (None, [], False),
    ],
)
def test_each_number_belongs_to_a_filing_system(raw: str | None, fresh: list[str], stale: bool) -> None:
    extracts = dict.fromkeys(fresh, AS_OF)
    assert stale is facts(title(permit_number=raw), extracts=extracts)["register_stale"]


def test_a_number_is_shared_only_between_different_names() -> None:
    assert facts(namesakes=["归来之后！", "归来 之后"])["number_shared"] is False
    assert facts(namesakes=["归来之后", "另一部"])["number_shared"] is True
    assert facts(title(permit_number="乱写"), namesakes=["另一部"])["number_shared"] is False


@pytest.mark.parametrize(
    ("issued_on", "late"),
    [(None, False), (date(2026, 9, 30), False), (date(2026, 10, 1), False), (date(2026, 10, 2), True)],
)
def test_a_document_is_late_from_the_day_after_the_online_day(issued_on: date | None, late: bool) -> None:
    gathered = facts(title(online_at=datetime(2026, 10, 1, 12)), register=[{"issued_on": issued_on}])
    assert late == gathered["register_issued_late"]
