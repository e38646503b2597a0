"""Values of MariaDB that its protocol has types of its own for: they come as they are, whichever driver reads them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import Maker
from tests.databases import fill
from tests.engines.test_catalog_failures import SMALL, checked, complaint, run

pytestmark = [pytest.mark.mariadb, pytest.mark.usefixtures("either_reader")]

INSTANTS = {
    "2026-06-01 08:30:00": datetime(2026, 6, 1, 8, 30),  # noqa: DTZ001 - wall time
    "2026-06-01 23:59:59.999999": datetime(2026, 6, 1, 23, 59, 59, 999_999),  # noqa: DTZ001 - wall time
    "2024-02-29 12:00:00.000001": datetime(2024, 2, 29, 12, 0, 0, 1),  # noqa: DTZ001 - wall time
    "1990-01-01 00:00:00": datetime(1990, 1, 1),  # noqa: DTZ001 - wall time
    "2100-12-31 23:59:59": datetime(2100, 12, 31, 23, 59, 59),  # noqa: DTZ001 - wall time
}
OUT_OF_RANGE = ("0001-01-01 00:00:00", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999")
NO_INSTANTS = ("0000-00-00 00:00:00", "2024-06-00 00:00:00", "2024-00-15 10:00:00", "2024-02-31 10:11:12")
"""What a DATETIME may hold where the server is told to allow it."""


@pytest.mark.parametrize("written", INSTANTS)
def test_a_datetime_is_read_to_the_microsecond(mariadb: Maker, tmp_path: Path, written: str) -> None:
    url = fill(mariadb(), SMALL)
    run(url, f"UPDATE titles SET reviewed_at = '{written}' WHERE title_id = 't2'")
    con = checked(url, tmp_path)
    assert con.execute("SELECT title_id, reviewed_at FROM titles WHERE title_id = 't2'").fetchall() == [
        ("t2", INSTANTS[written])
    ]


@pytest.mark.parametrize("written", OUT_OF_RANGE)
def test_a_datetime_out_of_range_is_a_bad_row(mariadb: Maker, tmp_path: Path, written: str) -> None:
    url = fill(mariadb(), SMALL)
    run(url, f"UPDATE titles SET reviewed_at = '{written}' WHERE title_id = 't2'")
    con = checked(url, tmp_path)
    assert con.execute("SELECT title_id, reason FROM quarantine").fetchall() == [
        ("t2", "reviewed_at lies before 1990 or after 2100")
    ]


@pytest.mark.parametrize("written", NO_INSTANTS)
def test_a_datetime_that_no_calendar_has_is_shown(mariadb: Maker, tmp_path: Path, written: str) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "SET sql_mode = 'ALLOW_INVALID_DATES'",
        f"UPDATE titles SET reviewed_at = '{written}' WHERE title_id = 't2'",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith(f'titles.reviewed_at: 1 row holds no value that is a timestamp, such as "{written}')


@pytest.mark.parametrize("type_", ["VARCHAR(50)", "CHAR(50)", "TINYTEXT", "LONGTEXT", "ENUM('军事', '都市')"])
@pytest.mark.parametrize("characters", ["utf8mb4", "gbk"])
def test_a_text_is_read_whatever_holds_it(mariadb: Maker, tmp_path: Path, type_: str, characters: str) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "ALTER TABLE titles DROP COLUMN subjects",
        f"ALTER TABLE titles ADD COLUMN subjects {type_} CHARACTER SET {characters} DEFAULT '军事'",
    )
    assert checked(url, tmp_path).execute("SELECT DISTINCT subjects FROM titles").fetchall() == [("军事",)]


@pytest.mark.parametrize("type_", ["TINYINT", "TINYINT(1)", "TINYINT UNSIGNED", "BOOLEAN", "BIGINT UNSIGNED"])
def test_a_small_number_is_a_number_and_a_flag(mariadb: Maker, tmp_path: Path, type_: str) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        *(f"ALTER TABLE titles MODIFY {name} {type_}" for name in ("promoted", "voluntary_tier", "declared_tier")),
        "UPDATE titles SET promoted = 1, voluntary_tier = 2, declared_tier = NULL WHERE title_id = 't2'",
    )
    con = checked(url, tmp_path)
    query = "SELECT promoted, voluntary_tier, declared_tier FROM titles WHERE title_id = 't2'"
    assert con.execute(query).fetchall() == [(True, 2, None)]
