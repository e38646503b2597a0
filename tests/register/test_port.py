"""What the platform owes the port 其他: uploads, reconciliation, own numbers for a catalog's titles."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from compliance.register.assigning import assign_titles
from compliance.register.desk import Desk
from compliance.register.errors import RegisterError
from compliance.register.uploads import HEADERS, export_uploads, reconcile
from tests.register.desks import AS_OF, OWN, desk, reported, title
from tests.register.extracts import NOW, POLICY, extract, number, row, sqlite, take

# export-uploads


def test_the_upload_list_has_what_is_reviewed_and_numbered_but_not_reported(tmp_path: Path) -> None:
    at = desk(
        tmp_path,
        title("1", permit_number=number(1)),
        title("2", permit_number="番茄 网微剧备字 无"),
        title("3", permit_number="【番茄】網微劇備字〔2026〕第003号", status="scheduled"),
        title("4", permit_number=number(4), reviewed_at=None),
        title("5", permit_number=number(5, "七猫")),
        title("6", permit_number="（沪）网微剧备字（2026）第6号"),
        title("7", permit_number=number(7), status="offline"),
        title("8", permit_number=number(8), producer=None),
        store=reported(tmp_path, row(1)),
    )
    out = tmp_path / "uploads.csv"
    uploads = export_uploads(at, out)

    assert (uploads.rows, uploads.incomplete) == (1, ("8",))
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            list(HEADERS),
            ["剧3", "某某影视有限公司", "北京某某科技有限公司", "番茄短剧", number(3)],
        ]


def test_a_number_just_given_is_on_the_upload_list(tmp_path: Path) -> None:
    at = desk(tmp_path, title("1", permit_number=None, status="scheduled"))
    assign_titles(at, ["1"], now=NOW)
    out = tmp_path / "uploads.xlsx"

    uploads = export_uploads(at, out)
    assert (uploads.rows, uploads.port_held) == (1, False)
    store = sqlite(tmp_path / "port")
    take(store, out)
    assert [one for one in reconcile(Desk(at.catalog, store, POLICY, AS_OF)) if one.kind != "reported_not_shown"] == []


TIERS = (
    title("licence", permit_number=number(1), investment_yuan=3_000_000, online_at=datetime(2026, 10, 1)),  # noqa: DTZ001 - wall time
    title("special", permit_number=number(2), subjects="公安", status="scheduled"),
    title("filing", permit_number=number(3), investment_yuan=1_000_000, online_at=datetime(2026, 10, 1)),  # noqa: DTZ001 - wall time
    title("unknown", permit_number=number(4), investment_yuan=None, status="scheduled"),
    title("due", permit_number=number(5)),
)
"""Titles that bear the platform's own number, whatever their tier."""


def test_titles_of_other_tiers_are_left_out_of_the_upload_list_and_told(tmp_path: Path) -> None:
    out = tmp_path / "uploads.csv"
    uploads = export_uploads(desk(tmp_path, *TIERS, store=reported(tmp_path, row(9))), out)

    assert (uploads.rows, uploads.incomplete) == (1, ())
    assert uploads.left_out == {"tier_1": ("licence", "special"), "tier_2": ("filing",), "tier_unknown": ("unknown",)}
    assert [line.split(",")[-1] for line in out.read_text(encoding="utf-8-sig").split()[1:]] == [number(5)]


def test_titles_of_other_tiers_owe_the_port_no_report(tmp_path: Path) -> None:
    found = reconcile(desk(tmp_path, *TIERS, store=reported(tmp_path, row(9, number=number(9, "七猫")))))
    assert {(one.kind, one.title_id) for one in found} == {
        ("shown_before_reported", "due"),
        ("numbered_not_reported", "unknown"),
    }


def test_a_reported_number_is_shown_whatever_the_tier_of_its_title(tmp_path: Path) -> None:
    at = "2026-09-01"
    found = reconcile(desk(tmp_path, *TIERS, store=reported(tmp_path, row(1), row(2), row(3), at=at)))
    assert [one.number for one in found if one.kind == "reported_not_shown"] == [number(2)]


def test_another_systems_register_says_nothing_of_the_port(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    take(store, extract(tmp_path, row(1, number="（沪）网微剧审字（2026）第1号")), system="key")
    at = desk(tmp_path, title("1", permit_number=number(1)), store=store)
    for duty in (reconcile, lambda at: export_uploads(at, tmp_path / "uploads.csv")):
        with pytest.raises(RegisterError, match="holds no register of other"):
            duty(at)


def test_reconciliation_tells_each_kind_with_its_age(tmp_path: Path) -> None:
    shown = datetime(2026, 11, 1, 12)  # noqa: DTZ001 - wall time
    at = desk(
        tmp_path,
        title("waiting", permit_number=number(1), status="scheduled", reviewed_at=datetime(2026, 11, 13)),  # noqa: DTZ001 - wall time
        title("unreported", permit_number=number(2), online_at=shown),
        title("late", permit_number=number(3), online_at=shown),
        title("right", permit_number=number(4), online_at=datetime(2026, 11, 21)),  # noqa: DTZ001 - wall time
        store=reported(tmp_path, row(3), row(4), row(5), row(6, number=number(6, "七猫")), at="2026-11-20 10:00"),
    )

    assert [(one.kind, one.title_id, one.number, one.days) for one in reconcile(at)] == [
        ("shown_before_reported", "unreported", number(2), 22),
        ("shown_before_reported", "late", number(3), 19),
        ("numbered_not_reported", "waiting", number(1), 10),
        ("reported_not_shown", None, number(5), 3),
    ]


def test_titles_without_a_review_are_shown_all_the_same_but_not_reported(tmp_path: Path) -> None:
    unseen = {"reviewed_at": None}
    at = desk(
        tmp_path,
        title("reported", permit_number=number(1), **unseen),
        title("unreported", permit_number=number(2), online_at=datetime(2026, 11, 1), **unseen),  # noqa: DTZ001 - wall time
        title("draft", permit_number=number(3), status="draft", online_at=None, **unseen),
        title("late", permit_number=number(4), online_at=datetime(2026, 11, 1), **unseen),  # noqa: DTZ001 - wall time
        store=reported(tmp_path, row(1), row(4, day="2026-11-03")),
    )
    assert [(one.kind, one.title_id, one.days) for one in reconcile(at)] == [
        ("shown_before_reported", "unreported", 22),
        ("shown_before_reported", "late", 2),
        ("numbered_not_reported", "draft", 0),
    ]
    uploads = export_uploads(at, tmp_path / "uploads.csv")
    assert (uploads.rows, uploads.left_out) == (0, {"not_reviewed": ("draft", "unreported")})


def test_where_the_port_tells_no_day_nobody_can_tell_what_came_first(tmp_path: Path) -> None:
    shown = title("1", permit_number=number(1), online_at=datetime(2026, 11, 1))  # noqa: DTZ001 - wall time
    at = desk(tmp_path, shown, store=reported(tmp_path, row(1, day="")))
    assert [(one.kind, one.title_id, one.days, one.reported_on) for one in reconcile(at)] == [
        ("report_day_unknown", "1", 22, None)
    ]


# assign


def test_tier_3_titles_get_numbers_in_order_of_review_and_others_are_told_why(tmp_path: Path) -> None:
    at = desk(
        tmp_path,
        title("late", permit_number=None, reviewed_at=datetime(2026, 11, 2)),  # noqa: DTZ001 - wall time
        title("early", permit_number=None, reviewed_at=datetime(2026, 11, 1)),  # noqa: DTZ001 - wall time
        title("numbered", permit_number="第1号"),
        title("rich", permit_number=None, investment_yuan=3_000_000),
        title("middling", permit_number=None, investment_yuan=2_999_999, online_at=datetime(2026, 10, 1)),  # noqa: DTZ001 - wall time
        title("unknown", permit_number=None, investment_yuan=None),
        title("unseen", permit_number=None, reviewed_at=None),
        title("nameless", permit_number=None, platform="p2"),
        title("unqualified", permit_number=None, platform="p3"),
        platforms=[
            OWN,
            {"platform": "p2", "short_names": None},
            {"platform": "p3", "short_names": "七猫", "valid_until": date(2026, 11, 22)},
        ],
        store=reported(tmp_path, row(1177)),
    )
    asked = ["late", "early", "numbered", "rich", "middling", "unknown", "unseen", "nameless", "unqualified", "none"]
    done = assign_titles(at, asked, now=NOW)

    assert [(one.title_id, one.number) for one in done.assigned] == [("early", number(1178)), ("late", number(1179))]
    assert {one.title_id: one.why for one in done.refused} == {
        "numbered": "has_number", "rich": "tier_1", "middling": "tier_2", "unknown": "tier_unknown",
        "unseen": "not_reviewed", "nameless": "no_short_name", "unqualified": "platform_unqualified",
        "none": "unknown_title",
    }  # fmt: skip


def test_all_pending_titles_get_a_number_once(tmp_path: Path) -> None:
    at = desk(
        tmp_path, title("a", permit_number=None), title("b", permit_number=number(9)), title("c", permit_number="")
    )
    first, second = (assign_titles(at, None, now=NOW) for _ in range(2))

    assert [(one.title_id, one.number, one.new) for one in first.assigned] == [
        ("a", number(10), True),
        ("c", number(11), True),
    ]
    assert [(one.number, one.new) for one in second.assigned] == [(number(10), False), (number(11), False)]


@pytest.mark.parametrize("serial", [10_011, 9_223_372_036_854_775_807])
def test_a_number_far_beyond_the_register_moves_no_counter(tmp_path: Path, serial: int) -> None:
    titles = [title("typed", permit_number=number(serial)), title("due", permit_number=None)]
    at = desk(tmp_path, *titles, store=reported(tmp_path, row(10)))
    with pytest.raises(RegisterError, match="far beyond the register") as refused:
        assign_titles(at, ["due"], now=NOW)
    assert refused.value.problems == (f"typed: {number(serial)}",)
    believed = desk(tmp_path / "believed", title("typed", permit_number=number(10_010)), titles[1], store=at.store)
    assert [one.number for one in assign_titles(believed, ["due"], now=NOW).assigned] == [number(10_011)]


NOT_JUDGED = {
    "offline": {"status": "offline"},
    "of another kind": {"kind": "other"},
    "a drama": {"kind": "drama"},
    "in quarantine": {"investment_yuan": -1},
    "written otherwise": {"permit_number": "【番茄】網微劇備字〔2026〕第０７０號"},
    "beside other words": {"permit_number": f"原号{number(70)}，已下线", "status": "offline"},
}
"""Titles whose number no rule looks at, or reads as one."""


@pytest.mark.parametrize("title_id", NOT_JUDGED)
def test_a_number_is_not_given_again_whatever_became_of_its_title(tmp_path: Path, title_id: str) -> None:
    bearing = title(title_id, **{"permit_number": number(70)} | NOT_JUDGED[title_id])
    at = desk(tmp_path, bearing, title("due", permit_number=None), store=reported(tmp_path, row(10)))
    assert [one.number for one in assign_titles(at, ["due"], now=NOW).assigned] == [number(71)]


def test_a_number_far_beyond_the_register_is_told_of_titles_that_are_not_judged(tmp_path: Path) -> None:
    titles = [title("typed", permit_number=number(10_011), status="offline"), title("due", permit_number=None)]
    with pytest.raises(RegisterError, match="far beyond the register") as refused:
        assign_titles(desk(tmp_path, *titles, store=reported(tmp_path, row(10))), ["due"], now=NOW)
    assert refused.value.problems == (f"typed: {number(10_011)}",)


def test_a_number_on_titles_of_different_names_is_not_reported(tmp_path: Path) -> None:
    one, other, alike = (title(name, permit_number=number(3)) for name in ("1", "2", "3"))
    titles = [one, other, alike | {"name": one["name"]}, title("4", permit_number=number(4))]
    uploads = export_uploads(desk(tmp_path, *titles, store=reported(tmp_path, row(1))), tmp_path / "uploads.csv")
    assert (uploads.rows, uploads.left_out) == (1, {"shared": ("1", "2", "3")})
