"""The shipped mappings, on real databases with the platforms' own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError, ConfigurationError
from compliance.permits.sql import register_functions
from compliance.resources import sql_folder
from tests.conftest import Maker
from tests.databases import engine_of

NUMBERS = {
    1: ("（抖音）网微剧备字（2026）第1001号", None, None, None),
    2: (None, "（抖音）网微剧备字（2026）第1002号", None, None),
    3: ("", " \t　", "（沪）网微剧备字（2026）第1003号", None),
    4: (None, None, None, "（总局）网微剧审字（2026）第004号"),
    5: (
        " （总局）网微剧审字（2026）第005号 ",
        "（抖音）网微剧备字（2026）第1005号",
        None,
        "（沪）网微剧备字（2026）第5号",
    ),
    6: (None, "（抖音）网微剧备字（2026）第1006号", "（沪）网微剧备字（2026）第1006号", None),
    7: (None, None, None, None),
}
"""album → license_num, registration_num, ordinary_record_num, key_record_num"""

NEEDED: Mapping[str, Sequence[str]] = {"labels": ["label-missing"], "episodes": ["ai-notice-missing"]}


def read(uri: str, mapping: str, staging: Path) -> duckdb.DuckDBPyConnection:
    """The catalog, checked, through that mapping."""
    con = duckdb.connect()
    register_functions(con)
    check(con, open_catalog(uri, mapping=sql_folder() / "catalogs" / mapping), needed=NEEDED, staging=staging)
    return con


def make(url: str, mapping: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The platform's tables with these rows."""
    schema = (sql_folder() / "catalogs" / mapping / "schema.sql").read_text(encoding="utf-8")
    engine = engine_of(url)
    with engine.begin() as connection:
        for statement in schema.split(";"):
            if statement.strip():
                connection.execute(sa.text(statement))
        for table, values in rows.items():
            for row in values:
                names = ", ".join(row)
                places = ", ".join(f":{name}" for name in row)
                connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), dict(row))
    return url


def douyin(url: str, **album: Any) -> str:
    """A small Douyin-like database; `album` changes the first album."""
    at = "2026-06-01 00:30:00+00"
    plain = {
        "app_id": "douyin", "title": "归来", "album_type": 1, "make_type": 2, "uploader_type": 1,
        "cost_yuan": "299999.99", "is_main_push": False, "status": 3, "online_time": at, "modify_time": at,
    }  # fmt: skip
    names = ("license_num", "registration_num", "ordinary_record_num", "key_record_num")
    rows: dict[str, list[dict[str, Any]]] = {
        "app": [
            {
                "app_id": "douyin",
                "app_name": "抖音",
                "filing_short_names": "抖音",
                "registration_valid_until": "2027-01-01",
            }
        ],
        "album": [{**plain, "album_id": n, **(album if n == 1 else {})} for n in NUMBERS],
        "album_record_info": [
            {"album_id": n, "qualification": 2, **dict(zip(names, numbers, strict=True))}
            for n, numbers in NUMBERS.items()
        ],
        "album_episode": [{"album_id": 1, "seq": n, "duration_ms": 60_001 * n, "ai_notice": n == 1} for n in (1, 2)],
        "shown_label": [{"album_id": 1, "place": 2, "shown_number": NUMBERS[1][0], "score": 0.5, "seen_time": at}],
        "recommendation": [{"recommendation_id": 9, "album_id": 1, "slot": "home_top", "start_time": at}],
        "filing_extract": [
            {
                "number": NUMBERS[1][0],
                "title": "归来",
                "state": "有效",
                "port": 3,
                "issued_on": "2026-05-01",
                "imported_time": at,
            }
        ],
    }
    return make(url, "douyin_like", rows)


def wechat(url: str) -> str:
    """A small WeChat-like database."""
    at = "2026-06-01 08:30:00"
    plain = {
        "account_id": "wx", "drama_name": "归来", "drama_type": 1, "made_with": 1, "uploaded_by_person": 0,
        "production_cost_wan": "29.9999", "main_push": 1, "media_count": 2, "longest_media_s": 90, "drama_status": 2,
        "publish_time": at, "update_time": at,
    }  # fmt: skip
    numbers = [
        {"drama_id": "filed", "qualification_type": 1, "registration_number": "（微信）网微剧备字（2026）第1号"},
        {"drama_id": "licensed", "qualification_type": 2, "publish_license": "（总局）网微剧审字（2026）第2号"},
        {
            "drama_id": "misplaced",
            "qualification_type": 2,
            "registration_number": " （微信）网微剧备字（2026）第3号",
            "publish_license": " ",
        },
        {"drama_id": "none", "qualification_type": 1},
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "channel_account": [{"account_id": "wx", "account_name": "微信", "filing_short_names": "微信"}],
        "drama": [{**plain, **row} for row in numbers],
        "drama_media": [{"drama_id": "filed", "media_no": 1, "duration_s": 90, "ai_mark": 0}],
        "drama_label": [
            {"drama_id": "filed", "shown_in": "frame", "shown_number": "x", "score": 0.75, "seen_time": at}
        ],
        "drama_promotion": [{"promotion_id": "p1", "drama_id": "filed", "promoted_in": "feed", "begin_time": at}],
        "filing": [
            {
                "filing_number": "n",
                "drama_name": "归来",
                "filing_status": "active",
                "filing_system": "other",
                "update_time": at,
            }
        ],
    }
    return make(url, "wechat_like", rows)


def test_a_number_counts_in_whichever_of_four_columns_it_stands(postgresql: Maker, tmp_path: Path) -> None:
    con = read(douyin(postgresql()), "douyin_like", tmp_path)
    assert con.execute("SELECT title_id, permit_number FROM titles ORDER BY 1").fetchall() == [
        ("1", "（抖音）网微剧备字（2026）第1001号"),
        ("2", "（抖音）网微剧备字（2026）第1002号"),
        ("3", "（沪）网微剧备字（2026）第1003号"),
        ("4", "（总局）网微剧审字（2026）第004号"),
        ("5", "（总局）网微剧审字（2026）第005号"),
        ("6", "（沪）网微剧备字（2026）第1006号"),
        ("7", None),
    ]


def test_the_douyin_like_mapping_gives_every_relation(postgresql: Maker, tmp_path: Path) -> None:
    con = read(douyin(postgresql()), "douyin_like", tmp_path)
    at = datetime(2026, 6, 1, 8, 30)  # noqa: DTZ001 - wall time
    query = "SELECT form, investment_yuan, episode_count, longest_episode_s, online_at FROM titles WHERE title_id = '1'"
    assert con.execute(query).fetchall() == [("ai", 299_999, 2, 121, at)]
    assert con.execute("SELECT status, system, updated_at FROM register").fetchall() == [("active", "other", at)]
    assert con.execute("SELECT duration_s, ai_notice FROM episodes ORDER BY 1").fetchall() == [(61, True), (121, False)]
    assert con.execute("SELECT channel, confidence, read_at FROM labels").fetchall() == [("overlay", 0.5, at)]
    assert con.execute("SELECT placement_id, title_id, slot FROM placements").fetchall() == [("9", "1", "first_screen")]
    assert con.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


def test_a_code_that_the_mapping_does_not_know_stops_the_run(postgresql: Maker, tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        read(douyin(postgresql(), status=7), "douyin_like", tmp_path)
    assert caught.value.problems == (
        'titles.status: 1 row holds an unknown word, such as "unknown" → use draft scheduled online offline',
    )


def see_wechat(url: str, staging: Path) -> None:
    con = read(wechat(url), "wechat_like", staging)
    at = datetime(2026, 6, 1, 8, 30)  # noqa: DTZ001 - wall time
    query = "SELECT title_id, permit_number, investment_yuan, promoted, online_at FROM titles ORDER BY 1"
    assert con.execute(query).fetchall() == [
        ("filed", "（微信）网微剧备字（2026）第1号", 299_999, True, at),
        ("licensed", "（总局）网微剧审字（2026）第2号", 299_999, True, at),
        ("misplaced", "（微信）网微剧备字（2026）第3号", 299_999, True, at),
        ("none", None, 299_999, True, at),
    ]
    assert con.execute("SELECT channel, confidence FROM labels").fetchall() == [("burned_in", 0.75)]
    assert con.execute("SELECT ai_notice FROM episodes").fetchall() == [(False,)]
    assert con.execute("SELECT count(*) FROM quarantine").fetchall() == [(0,)]


def test_the_wechat_like_mapping_on_sqlite(tmp_path: Path) -> None:
    see_wechat(f"sqlite:///{tmp_path}/wechat.db", tmp_path)


@pytest.mark.mariadb
def test_the_wechat_like_mapping_on_mariadb(mariadb: Maker, tmp_path: Path) -> None:
    see_wechat(mariadb(), tmp_path)


def test_problems_of_a_mapping_are_told_all_at_once(tmp_path: Path) -> None:
    url = wechat(f"sqlite:///{tmp_path}/wechat.db")
    (tmp_path / "title.sql").write_text("SELECT 1", encoding="utf-8")
    (tmp_path / "labels.sql").write_text("DELETE FROM drama_label", encoding="utf-8")
    (tmp_path / "episodes.sql").write_text("SELECT 1; SELECT 2", encoding="utf-8")
    (tmp_path / "placements.sql").write_text("SELECT (1", encoding="utf-8")
    (tmp_path / "dossiers.SQL").write_text("SELECT 1", encoding="utf-8")
    (tmp_path / "dossiers.sql").write_text("SELECT 1", encoding="utf-8")
    (tmp_path / "register.sql").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        open_catalog(url, mapping=tmp_path)
    assert [problem.split(": ", 1)[0].rsplit("/", 1)[-1] for problem in caught.value.problems] == [
        "dossiers.sql", "episodes.sql", "labels.sql", "placements.sql", "register.sql", "title.sql",
    ]  # fmt: skip


def test_a_mapping_may_end_in_a_comment_and_hold_percent_signs_and_colons(tmp_path: Path) -> None:
    url = wechat(f"sqlite:///{tmp_path}/wechat.db")
    folder = tmp_path / "mapping"
    folder.mkdir()
    text = "SELECT account_id AS platform, '100%s :x;' AS name FROM channel_account; -- the end; really"
    (folder / "platforms.sql").write_text(text, encoding="utf-8")
    con = duckdb.connect()
    register_functions(con)
    (part,) = open_catalog(url, mapping=folder).attach(con, "platforms", staging=tmp_path / "staging")
    assert con.execute(f"SELECT platform, name FROM {part.view}").fetchall() == [("wx", "100%s :x;")]


@pytest.mark.parametrize("name", ["platforms.SQL", "platforms.sql"])
def test_a_mapping_is_read_whatever_an_editor_made_of_its_name_and_beginning(tmp_path: Path, name: str) -> None:
    url = wechat(f"sqlite:///{tmp_path}/wechat.db")
    folder = tmp_path / "mapping"
    folder.mkdir()
    (folder / name).write_text("SELECT account_id AS platform, 'x' AS name FROM channel_account", encoding="utf-8-sig")
    con = duckdb.connect()
    register_functions(con)
    (part,) = open_catalog(url, mapping=folder).attach(con, "platforms", staging=tmp_path / "staging")
    assert con.execute(f"SELECT platform, name FROM {part.view}").fetchall() == [("wx", "x")]


@pytest.mark.mariadb
@pytest.mark.parametrize("end", ["", ";", "\n; -- the end"])
def test_a_mapping_may_end_in_what_only_mysql_reads(mariadb: Maker, tmp_path: Path, end: str) -> None:
    url = wechat(mariadb())
    folder = tmp_path / "mapping"
    folder.mkdir()
    text = f"SELECT drama_id AS title_id FROM drama /*! WHERE drama_id = 'filed' */{end}"
    (folder / "titles.sql").write_text(text, encoding="utf-8")
    con = duckdb.connect()
    register_functions(con)
    (part,) = open_catalog(url, mapping=folder).attach(con, "titles", staging=tmp_path / "staging")
    assert con.execute(f"SELECT title_id FROM {part.view}").fetchall() == [("filed",)]


def test_a_mapping_is_not_for_parquet(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is for databases"):
        open_catalog(str(tmp_path), mapping=tmp_path)
