"""A well-formed text file is cleaned while it is read: what that pass leaves for later must not be lost."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from compliance.permits.sql import register_functions
from compliance.register.cleaning import clean
from compliance.register.errors import ExtractError
from compliance.register.found import Found, new_found
from compliance.register.reading import read_file
from tests.register.extracts import HEADER, held, landed, row, sqlite, take, write_csv

MANY = 2_500
"""More rows than those by which the words of a column are known."""


def read(path: Path, work: Path) -> Found:
    con = duckdb.connect()
    register_functions(con)
    found = new_found(con)
    read_file(found, path, {}, work)
    return found


def test_a_status_first_seen_late_in_the_file(tmp_path: Path) -> None:
    lines = [row(serial) for serial in range(1, MANY)]
    late = [row(MANY, status="已撤销"), row(MANY + 1, status="从未听说")]
    store = sqlite(tmp_path)
    done = take(store, write_csv(tmp_path / "a.csv", [HEADER, *lines, *late]))
    assert landed(done) == {"imported": MANY, "rejected": 1}
    assert dict(held(store, tmp_path, "title_name", "status"))[f"剧{MANY}"] == "revoked"
    assert done.rejected_file is not None
    assert f"a.csv:{MANY + 2}" in done.rejected_file.read_text(encoding="utf-8-sig")


def test_blank_rows_keep_the_place_of_others(tmp_path: Path) -> None:
    lines = [HEADER, row(1), ["", " ", "", "", ""], row(2, title="")]
    found = read(write_csv(tmp_path / "a.csv", lines), tmp_path)
    clean(found, "other")
    rejected = found.con.execute("SELECT row_no, reason FROM cleaned WHERE reason IS NOT NULL").fetchall()
    assert [(found.place(place), reason) for place, reason in rejected] == [("a.csv:4", "title_blank")]


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, row(1)])
    found = read(path, tmp_path)
    clean(found, "other")
    write_csv(path, [HEADER, row(1), row(2)])
    with pytest.raises(ExtractError, match="changed while it was read"):
        found.settle()
