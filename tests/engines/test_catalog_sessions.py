"""What a database's server has set for its sessions decides nothing of what is read out of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from compliance.errors import CatalogError
from tests import servers
from tests.conftest import Maker
from tests.databases import engine_of, fill
from tests.engines.test_catalog_failures import SMALL, checked, run

pytestmark = pytest.mark.usefixtures("either_reader")

INSTANT = "2026-08-31 17:00:00"
"""In UTC; the next day in Shanghai."""
WALL = datetime(2026, 9, 1, 1, 0)  # noqa: DTZ001 - wall time


@pytest.fixture(scope="module")
def californian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MariaDB server whose sessions have a zone with summer time; its URL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/Los_Angeles")
        with servers.mariadb(tmp_path_factory.mktemp("californian")) as url:
            fill(url, SMALL)
            yield url


def mapped(url: str, folder: Path, **expressions: str) -> Path:
    """Write a mapping of the titles that gives these expressions for these columns, and return its path."""
    folder.mkdir(exist_ok=True)
    with engine_of(url).connect() as connection:
        names = [column["name"] for column in sa.inspect(connection).get_columns("titles")]
    listed = ", ".join(f"{expressions.get(name, name)} AS {name}" for name in names)
    (folder / "titles.sql").write_text(f"SELECT {listed} FROM titles", encoding="utf-8")
    return folder


def columns(url: str, folder: Path, *names: str, mapping: Path | None = None) -> tuple[Any, ...]:
    """These columns of title t2."""
    con = checked(url, folder / "staging", mapping=mapping)
    return con.execute(f"SELECT {', '.join(names)} FROM titles WHERE title_id = 't2'").fetchall()[0]


def set_for_all_sessions(url: str, *settings: str) -> None:
    """Change what PostgreSQL sets for every session of this database."""
    name = sa.make_url(url).database
    run(url, *(f"ALTER DATABASE {name} SET {setting}" for setting in settings))


def test_a_view_of_postgresql_gives_wall_time_whatever_zone_the_server_has(postgresql: Maker, tmp_path: Path) -> None:
    url = fill(postgresql(), SMALL)
    set_for_all_sessions(url, "timezone TO 'UTC'")
    run(
        url,
        f"ALTER TABLE titles ALTER online_at TYPE timestamptz USING '{INSTANT}+00'::timestamptz",
        "ALTER TABLE titles RENAME TO kept",
        "CREATE VIEW titles AS SELECT title_id, platform, name, kind, form, producer, uploader, investment_yuan,"
        " subjects, promoted, voluntary_tier, declared_tier, episode_count, longest_episode_s, status,"
        " online_at::timestamp AS online_at, taken_down_at, reshown_at, online_at AS reviewed_at, permit_number,"
        " to_char(online_at, 'YYYY-MM-DD HH24:MI') AS updated_at FROM kept",
    )
    assert columns(url, tmp_path, "online_at", "reviewed_at", "updated_at") == (WALL, WALL, WALL)


def test_formats_of_the_server_change_nothing(postgresql: Maker, tmp_path: Path) -> None:
    """Month and day change places in some of them, and short floating-point numbers lose digits."""
    url = fill(postgresql(), SMALL)
    set_for_all_sessions(url, "datestyle TO 'SQL, DMY'", "extra_float_digits TO -5")
    run(url, "ALTER TABLE titles ALTER investment_yuan TYPE float8 USING 12345678901234")
    mapping = mapped(url, tmp_path / "mapping", updated_at=f"timestamptz '{INSTANT}+00'::text")
    found = columns(url, tmp_path, "updated_at", "investment_yuan", mapping=mapping)
    assert found == (WALL, 12_345_678_901_234)


@pytest.mark.parametrize("setting", ["EUC_CN", "GBK", "SQL_ASCII"])
def test_chinese_text_comes_whole_whatever_encoding_the_database_has(
    postgresql: Maker, tmp_path: Path, setting: str
) -> None:
    url = postgresql()
    if setting == "GBK":
        set_for_all_sessions(url, "client_encoding TO 'GBK'")
    else:
        url = _in_encoding(url, setting)
    with_encoding = sa.make_url(url).update_query_dict({"client_encoding": "utf8"})
    subjects = {"title_id": "t2", "subjects": "军事", "permit_number": "（番茄）网微剧备字（2026）第1号"}
    fill(with_encoding.render_as_string(hide_password=False), {**SMALL, "titles": [subjects]})
    assert columns(url, tmp_path, "subjects", "permit_number") == ("军事", subjects["permit_number"])


def _in_encoding(url: str, encoding: str) -> str:
    name = f"{sa.make_url(url).database}_{encoding.lower()}"
    with engine_of(url).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.mark.mariadb
def test_a_mapping_on_mariadb_gives_wall_time_whatever_zone_the_server_has(californian: str, tmp_path: Path) -> None:
    seconds = f"UNIX_TIMESTAMP(CONVERT_TZ('{INSTANT}', '+00:00', @@session.time_zone))"
    mapping = mapped(
        californian,
        tmp_path / "mapping",
        online_at=f"FROM_UNIXTIME({seconds})",
        updated_at=f"DATE_FORMAT(FROM_UNIXTIME({seconds}), '%Y-%m-%d %H:%i')",
    )
    assert columns(californian, tmp_path, "online_at", "updated_at", mapping=mapping) == (WALL, WALL)


@pytest.mark.mariadb
def test_the_hour_that_a_server_s_zone_has_twice_is_told_apart(californian: str, tmp_path: Path) -> None:
    """01:45 of the summer there, and 01:30 of the winter, 45 minutes later."""
    run(
        californian,
        "ALTER TABLE titles MODIFY online_at TIMESTAMP NULL, MODIFY reviewed_at TIMESTAMP NULL",
        "SET time_zone = '+00:00'",
        "UPDATE titles SET online_at = '2026-11-01 08:45:00', reviewed_at = '2026-11-01 09:30:00'",
    )
    online, reviewed = columns(californian, tmp_path, "online_at", "reviewed_at")
    assert online == datetime(2026, 11, 1, 16, 45)  # noqa: DTZ001 - wall time
    assert reviewed == datetime(2026, 11, 1, 17, 30)  # noqa: DTZ001 - wall time
    cast = mapped(californian, tmp_path / "mapping", online_at="CAST(online_at AS DATETIME)")
    assert columns(californian, tmp_path, "online_at", mapping=cast) == (online,)


@pytest.mark.mariadb
def test_a_list_put_together_by_a_mapping_on_mariadb_is_not_cut(californian: str, tmp_path: Path) -> None:
    run(californian, "SET GLOBAL group_concat_max_len = 1024")
    listed = (
        "(SELECT GROUP_CONCAT(word ORDER BY seq) FROM (SELECT seq, CONCAT('题材', seq) AS word FROM seq_1_to_999) AS s)"
    )
    mapping = mapped(californian, tmp_path / "mapping", subjects=listed)
    (subjects,) = columns(californian, tmp_path, "subjects", mapping=mapping)
    assert subjects.endswith(",题材999")


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("setting", "value", "before"),
    [
        ("init_connect", "SET NAMES utf8mb3", ""),
        ("init_connect", "SET sql_select_limit = 1", ""),
        ("sql_mode", "PAD_CHAR_TO_FULL_LENGTH", "STRICT_TRANS_TABLES"),
    ],
)
def test_what_a_server_of_mariadb_says_to_each_session_takes_nothing_away(
    mariadb: Maker, tmp_path: Path, setting: str, value: str, before: str
) -> None:
    """A character of four bytes would be a question mark, titles would be missing, and ids would end in blanks."""
    url = fill(mariadb(), {**SMALL, "titles": [{"title_id": name, "name": "𠮷屋归来"} for name in ("t1", "t2")]})
    run(url, "ALTER TABLE titles MODIFY title_id CHAR(8)")
    run(
        _as_root(url),
        "CREATE OR REPLACE USER looker@'127.0.0.1' IDENTIFIED BY 's3cret'",
        f"GRANT SELECT ON {sa.make_url(url).database}.* TO looker@'127.0.0.1'",
        f"SET GLOBAL {setting} = '{value}'",
    )
    try:  # as a user without rights over the server, since others are not told
        con = checked(sa.make_url(url).set(username="looker").render_as_string(hide_password=False), tmp_path / "s")
    finally:
        run(_as_root(url), f"SET GLOBAL {setting} = '{before}'")
    found = con.execute("SELECT title_id, name FROM titles ORDER BY ALL").fetchall()
    assert found == [("t1", "𠮷屋归来"), ("t2", "𠮷屋归来")]


def _as_root(url: str) -> str:
    with engine_of(url).connect() as connection:
        socket = connection.exec_driver_sql("SELECT @@socket").scalar_one()
    return sa.URL.create("mysql", "root", database="mysql", query={"unix_socket": socket}).render_as_string()


def test_rows_that_a_policy_of_postgresql_hides_are_told(postgresql: Maker, tmp_path: Path) -> None:
    """Titles of another tenant would be no titles, and placements that are hidden no placements."""
    url = fill(postgresql(), SMALL)
    run(
        url,
        "CREATE ROLE looker LOGIN",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker",
        "ALTER TABLE register ENABLE ROW LEVEL SECURITY",
    )
    looker = sa.make_url(url).set(username="looker").render_as_string(hide_password=False)
    with pytest.raises(CatalogError, match="row-level security"):
        checked(looker, tmp_path / "staging")
    run(url, "DROP OWNED BY looker", "DROP ROLE looker")
