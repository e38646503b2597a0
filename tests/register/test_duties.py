"""Standing, dossiers, the number doctor."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from compliance.errors import ConfigurationError
from compliance.register.dossiers import ITEMS, dossiers, missing_counts, people_count, write_dossiers
from compliance.register.standing import check_standing, is_qualified, read_standing, write_platforms
from compliance.register.suggesting import suggest
from tests.register.desks import AS_OF, desk, reported, title
from tests.register.extracts import number, row

# standing

STANDING = """
[fanqie]
name = "番茄短剧"
short_names = ["番茄"]
operator = "北京某某科技有限公司"
av_licence = { number = "0100001", valid_until = 2026-12-31 }
registration = { number = "登记第1号", valid_until = 2026-11-22, renew_from = 2026-10-01 }
[fanqie.materials]
"营业执照" = true
"安全评估报告" = 2026-11-01
"""


def standing_file(folder: Path, text: str = STANDING) -> Path:
    path = folder / "standing.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_standing_warns_ahead_and_lists_what_is_missing(tmp_path: Path) -> None:
    lines = check_standing(read_standing(standing_file(tmp_path)), as_of=AS_OF, warn_days=90)

    states = {line.what: (line.state, line.days_left, line.act_on) for line in lines}
    assert states["av_licence"] == ("ending", 38, date(2026, 10, 2))
    assert states["registration"] == ("ended", -1, date(2026, 10, 1))
    assert states["营业执照"][0] == "valid"
    assert states["安全评估报告"][0] == "ended"
    assert states["内容审核制度"][0] == "absent"
    assert is_qualified(lines)


@pytest.mark.parametrize(("left", "state"), [(91, "valid"), (90, "ending"), (0, "ending"), (-1, "ended")])
def test_both_sides_of_each_day(tmp_path: Path, left: int, state: str) -> None:
    until = date.fromordinal(AS_OF.toordinal() + left)
    text = f'[p]\nname = "P"\nav_licence = {{ number = "0100001", valid_until = {until} }}\n'
    lines = check_standing(read_standing(standing_file(tmp_path, text)), as_of=AS_OF, warn_days=90)
    assert lines[0].state == state
    assert is_qualified(lines) == (state != "ended")


def test_a_licence_has_seven_digits(tmp_path: Path) -> None:
    text = '[p]\nname = "P"\nav_licence = { number = "（粤）字第03212号" }\n'
    lines = check_standing(read_standing(standing_file(tmp_path, text)), as_of=AS_OF, warn_days=90)
    assert (lines[0].state, is_qualified(lines)) == ("malformed", False)


def test_standing_feeds_the_relation_platforms(tmp_path: Path) -> None:
    out = write_platforms(read_standing(standing_file(tmp_path)), tmp_path / "platforms.parquet", AS_OF)
    assert duckdb.execute(f"SELECT * FROM '{out}'").fetchall() == [
        ("fanqie", "番茄短剧", "番茄", "北京某某科技有限公司", "0100001", None, date(2026, 12, 31))
    ]
    later = write_platforms(read_standing(standing_file(tmp_path)), tmp_path / "later.parquet", date(2027, 1, 1))
    assert duckdb.execute(f"SELECT valid_until FROM '{later}'").fetchall() == [(date(2026, 12, 31),)]


def test_a_malformed_licence_qualifies_nobody(tmp_path: Path) -> None:
    text = '[p]\nname = "P"\nav_licence = { number = "123", valid_until = 2027-06-30 }\n'
    out = write_platforms(read_standing(standing_file(tmp_path, text)), tmp_path / "platforms.parquet", AS_OF)
    assert duckdb.execute(f"SELECT av_licence, registration_no FROM '{out}'").fetchall() == [(None, None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[p]\nnome = "P"\n', "standing.toml:2: p.nome: there is no such key; did you mean 'name'"),
        (
            '[p]\nname = "P"\n[p.materials]\n"驾照" = true\n',
            "toml:4: p.materials.驾照: is not on the checklist; it has",
        ),
        (
            '[p]\nname = "P"\nmaterials = { "营业执照" = "有" }\n',
            "营业执照: is a text in quotes, not true, false or a day",
        ),
        (
            '[p]\nname = "P"\nregistration = { number = "1", valid_until = "2027" }\n',
            "toml:3: p.registration.valid_until",
        ),
        (
            '[p]\nname = "P"\nshort_names = ["番茄,抖音"]\n',
            "toml:3: p.short_names.0: must be written as one name, without",
        ),
        ("[p\n", "not valid TOML"),
        ("p = 3", "toml:1: p: is 3, not a table"),
    ],
)
def test_mistakes_in_the_standing_file_are_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        read_standing(standing_file(tmp_path, text))


# dossiers


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (None, 0),
        ("", 0),
        ("归来之后", 4),
        ("归来 之后\n\t\u3000\u200b", 4),
        ("归来，之后。", 6),
        ("Vlog 2026 上线", 4),
        ("it's 3.5", 2),
        ("𠮷野家", 3),
        ("２０２６年", 2),
        ("e\u0301té", 1),
    ],
)
def test_characters_are_counted_as_people_count_them(text: str | None, count: int) -> None:
    assert people_count(text) == count


FULL = {
    "title_name": "旧剧", "episode_duration_s": 90, "episode_count": 80, "producer": "某某影视", "creators": "张三",
    "synopsis": "事" * 500, "review_opinion": "通过", "cost_breakdown": "演员 40%", "platform_commitment": "已签",
}  # fmt: skip
LEGACY = {"permit_number": None, "online_at": datetime(2024, 5, 31, 23)}  # noqa: DTZ001 - wall time


def test_dossiers_of_legacy_titles_without_number(tmp_path: Path) -> None:
    at = desk(
        tmp_path,
        title("full", **LEGACY),
        title("short", **LEGACY),
        title("bare", **LEGACY),
        title("blank", **LEGACY),
        title("numbered", **LEGACY | {"permit_number": number(1)}),
        title("new", permit_number=None, online_at=datetime(2024, 6, 1)),  # noqa: DTZ001 - wall time
        dossiers=[
            {"title_id": "full", **FULL},
            {"title_id": "short", **FULL, "synopsis": "事 " * 499},
            {"title_id": "blank", **FULL, "creators": " —— ", "episode_count": 0},
        ],
    )
    found = dossiers(at)

    assert {one.title_id: one.missing for one in found} == {
        "bare": tuple(ITEMS),
        "blank": ("episode_count", "creators"),
        "full": (),
        "short": ("synopsis",),
    }
    assert missing_counts(found)["synopsis"] == 2
    out = write_dossiers(found, tmp_path / "dossiers.xlsx")

    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(out) as book:
        ready, lacking = (book.get_sheet_by_name(name).to_python() for name in ("待报送", "缺项"))
    assert [len(line) for line in ready] == [9, 9]
    assert [line[2] for line in lacking[1:]] == ["、".join(ITEMS.values()), "集数、主创人员", "500字以上内容概要"]


# doctor


def test_the_doctor_suggests_rows_that_may_have_been_meant(tmp_path: Path) -> None:
    at = desk(
        tmp_path,
        title("digit", permit_number=number(847206), name="改名了"),
        title("swapped", permit_number="（番茄）网微剧备字（2026）第842705号", name="改名了"),
        title("dropped", permit_number="番茄网微剧备字（2026）第84725", name="改名了"),
        title("year", permit_number="（番茄）网微剧备字（2025）第847205号", name="改名了"),
        title("named", permit_number="无", name="剧847205！"),
        title("far", permit_number=number(5), name="别的"),
        title("right", permit_number=number(847205)),
        store=reported(tmp_path, row(847205), row(111111)),
    )
    found, none = suggest(at)

    assert {one.title_id for one in found} == {"digit", "swapped", "dropped", "year", "named"}
    assert {one.number for one in found} == {number(847205)}
    assert "far" in none
    assert "right" not in none
    by_title = {one.title_id: one for one in found}
    assert (by_title["digit"].serial_distance, by_title["digit"].problem) == (1, "unregistered")
    assert by_title["year"].year_distance == 1
    assert (by_title["named"].problem, by_title["named"].same_title) == ("not_a_number", True)


def test_the_doctor_can_be_asked_about_one_title(tmp_path: Path) -> None:
    at = desk(
        tmp_path, title("a", permit_number=number(2)), title("b", permit_number=number(2)),
        store=reported(tmp_path, row(1)),
    )  # fmt: skip
    assert [one.title_id for one in suggest(at, ["a"])[0]] == ["a"]
