"""Columns of a database whose names or types leave open what the contract's text is: they stop the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compliance.catalog.schema import RELATIONS
from tests.conftest import Maker
from tests.databases import fill
from tests.engines.test_catalog_failures import SMALL, checked, complaint, run

pytestmark = pytest.mark.usefixtures("either_reader")

COLUMNS = ", ".join(column.name for column in RELATIONS["titles"].columns)

NO_TEXTS = {
    "text[]": "string_to_array(subjects, ',')",
    "jsonb": "to_jsonb(string_to_array(subjects, ','))",
    "json": "to_json(subjects)",
    "bytea": "convert_to(subjects, 'UTF8')",
    "int4range": "'[1,2]'",
    "pair": "row(1, 2)::pair",
    "words": "string_to_array(subjects, ',')",
}
"""Types of PostgreSQL, each with what makes it of a text; `pair` is composite, `words` a domain over an array."""

TEXTS = {
    "varchar(50)": ("'军事'", "军事"),
    "char(4)": ("'军事'", "军事"),
    "name": ("'军事'", "军事"),
    '"char"': ("'x'", "x"),
    "subject": ("'军事'", "军事"),
    "word": ("'军事'", "军事"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
    "bigint": ("7", "7"),
    "numeric(5,2)": ("7.5", "7.50"),
    "date": ("'2026-06-01'", "2026-06-01"),
    "timestamptz": ("'2026-05-31 17:00:00+00'", "2026-06-01 01:00:00+08"),
    "boolean": ("true", "true"),
}
"""Types of PostgreSQL with a value and its text; `subject` is an enum, `word` a domain over text."""


def own_types(url: str) -> str:
    return run(
        url,
        "CREATE TYPE pair AS (a int, b int)",
        "CREATE DOMAIN words AS text[]",
        "CREATE DOMAIN word AS text",
        "CREATE TYPE subject AS ENUM ('军事', '都市')",
    )


def mapping(folder: Path, select: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "titles.sql").write_text(select, encoding="utf-8")
    return folder


@pytest.mark.parametrize("type_", NO_TEXTS)
def test_no_text_of_postgresql_is_told_where_text_is_due(postgresql: Maker, tmp_path: Path, type_: str) -> None:
    url = own_types(fill(postgresql(), SMALL))
    run(url, f"ALTER TABLE titles ALTER subjects TYPE {type_} USING {NO_TEXTS[type_]}")
    (told,) = complaint(url, tmp_path)
    of_type = {"words": "text[]"}.get(type_, type_)
    assert told == (
        f"titles.subjects: it is of type {of_type} where text is due"
        " → make text of it in a view or mapping, several words separated by commas"
    )


@pytest.mark.parametrize(
    ("column", "type_", "using", "due"),
    [
        ("promoted", "jsonb", "to_jsonb(promoted)", "true or false"),
        ("promoted", "bit(1)", "B'1'", "true or false"),
        ("investment_yuan", "bigint[]", "ARRAY[investment_yuan]", "a whole number"),
        ("online_at", "tsrange", "tsrange(online_at, NULL)", "a timestamp"),
    ],
)
def test_such_a_type_is_told_where_anything_else_is_due(
    postgresql: Maker, tmp_path: Path, column: str, type_: str, using: str, due: str
) -> None:
    url = fill(postgresql(), SMALL)
    run(url, f"ALTER TABLE titles ALTER {column} TYPE {type_} USING {using}")
    (told,) = complaint(url, tmp_path)
    of_type = type_.removesuffix("(1)")
    assert told == (
        f"titles.{column}: it is of type {of_type} where {due} is due → make {due} of it in a view or mapping"
    )


@pytest.mark.parametrize("type_", TEXTS)
def test_a_type_of_postgresql_that_has_one_text_is_read(postgresql: Maker, tmp_path: Path, type_: str) -> None:
    url = own_types(fill(postgresql(), SMALL))
    value, text = TEXTS[type_]
    run(
        url,
        "ALTER TABLE titles DROP COLUMN subjects",
        f"ALTER TABLE titles ADD COLUMN subjects {type_} DEFAULT {value}",
    )
    assert checked(url, tmp_path).execute("SELECT DISTINCT subjects FROM titles").fetchall() == [(text,)]


def test_several_columns_of_wrong_types_are_told_at_once(postgresql: Maker, tmp_path: Path) -> None:
    url = fill(postgresql(), SMALL)
    run(url, *(f"ALTER TABLE titles ALTER {name} TYPE json USING '1'" for name in ("producer", "subjects")))
    assert [told.split(":")[0] for told in complaint(url, tmp_path)] == ["titles.producer", "titles.subjects"]


@pytest.mark.mariadb
def test_a_shape_of_mariadb_is_told_where_text_is_due(mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), SMALL)
    run(url, "ALTER TABLE titles DROP COLUMN producer", "ALTER TABLE titles ADD COLUMN producer POINT")
    (told,) = complaint(url, tmp_path)
    assert told.startswith("titles.producer: it is of type GEOMETRY where text is due")


@pytest.mark.mariadb
@pytest.mark.parametrize("type_", ["VARBINARY(100)", "BINARY(20)", "LONGBLOB"])
def test_bytes_of_mariadb_are_text_where_they_are_utf_8_and_told_otherwise(
    mariadb: Maker, tmp_path: Path, type_: str
) -> None:
    url = fill(mariadb(), SMALL)
    run(url, f"ALTER TABLE titles MODIFY subjects {type_}", "UPDATE titles SET subjects = '军事'")
    assert checked(url, tmp_path).execute("SELECT DISTINCT subjects FROM titles").fetchall() == [("军事",)]
    run(url, "UPDATE titles SET subjects = CONVERT('军事' USING gbk) WHERE title_id = 't2'")
    (told,) = complaint(url, tmp_path)
    assert told.endswith("cannot be read: column subjects holds bytes that are no text in UTF-8")


@pytest.mark.mariadb
def test_ids_of_bytes_do_not_become_one(mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), SMALL)
    run(
        url,
        "ALTER TABLE titles DROP COLUMN title_id",
        "ALTER TABLE titles ADD COLUMN title_id BINARY(4) FIRST",
        "UPDATE titles SET title_id = X'FE414243'",
    )
    (told,) = complaint(url, tmp_path)
    assert told.endswith("column title_id holds bytes that are no text in UTF-8")


@pytest.mark.mariadb
def test_a_query_of_mariadb_may_give_nulls_of_no_type(mariadb: Maker, tmp_path: Path) -> None:
    url = fill(mariadb(), SMALL)
    names = COLUMNS.replace("subjects", "NULL AS subjects").replace("reviewed_at", "NULL AS reviewed_at")
    con = checked(url, tmp_path, mapping=mapping(tmp_path / "mapping", f"SELECT {names} FROM titles"))
    assert con.execute("SELECT DISTINCT subjects, reviewed_at FROM titles").fetchall() == [(None, None)]


TWICE = {
    "after": f"SELECT {COLUMNS}, 'X' AS permit_number FROM titles",
    "before": "SELECT 'X' AS permit_number, titles.* FROM titles",
    "in capitals": f"SELECT {COLUMNS}, 'X' AS PERMIT_NUMBER FROM titles",
    "in capitals before": "SELECT 'X' AS PERMIT_NUMBER, titles.* FROM titles",
}


@pytest.mark.parametrize("select", TWICE.values(), ids=TWICE)
def test_two_columns_of_one_name_are_told_in_sqlite(tmp_path: Path, select: str) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    assert complaint(url, tmp_path, mapping=mapping(tmp_path / "mapping", select)) == (
        "titles.permit_number: more than one column has this name, in small letters or capitals"
        " → leave only the one that is meant",
    )


def test_two_columns_of_one_name_in_a_view_of_sqlite_are_told(tmp_path: Path) -> None:
    url = fill(f"sqlite:///{tmp_path}/catalog.db", SMALL)
    run(
        url,
        "ALTER TABLE titles RENAME TO kept",
        "CREATE VIEW titles AS SELECT kept.*, NULL AS permit_number FROM kept",
    )
    (told,) = complaint(url, tmp_path)
    assert told.startswith("titles.permit_number: more than one column has this name")


@pytest.mark.parametrize("server", ["postgresql", pytest.param("mariadb", marks=pytest.mark.mariadb)])
@pytest.mark.parametrize("name", ["permit_number", "PERMIT_NUMBER"])
def test_two_columns_of_one_name_are_told_by_servers(
    request: pytest.FixtureRequest, tmp_path: Path, server: str, name: str
) -> None:
    url = fill(request.getfixturevalue(server)(), SMALL)
    quote = "`" if server == "mariadb" else '"'
    select = f"SELECT {COLUMNS}, 'X' AS {quote}{name}{quote} FROM titles"
    (told,) = complaint(url, tmp_path, mapping=mapping(tmp_path / "mapping", select))
    assert "permit_number" in told.lower()


@pytest.mark.parametrize("server", ["sqlite", "postgresql", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def test_names_in_capitals_alone_are_told(request: pytest.FixtureRequest, tmp_path: Path, server: str) -> None:
    url = f"sqlite:///{tmp_path}/catalog.db" if server == "sqlite" else request.getfixturevalue(server)()
    fill(url, SMALL)
    quote = "`" if server == "mariadb" else '"'
    renamed = ", ".join(f"{name} AS {quote}{name.upper()}{quote}" for name in COLUMNS.split(", "))
    (told,) = complaint(url, tmp_path, mapping=mapping(tmp_path / "mapping", f"SELECT {renamed} FROM titles"))
    assert told.startswith("titles: none of its columns is there, but TITLE_ID, PLATFORM,")


NUMBERS: list[tuple[str, str, str, Any]] = [
    ("postgresql", "money", "'$200,000.00'", 200_000),
    ("postgresql", "float4", "1234567", 1_234_567),
    ("mariadb", "FLOAT", "1234567", 1_234_567),
    ("mariadb", "FLOAT", "16777215", 16_777_215),
    ("mariadb", "DOUBLE", "2999999", 2_999_999),
]


@pytest.mark.parametrize(
    ("server", "type_", "value", "expected"),
    [pytest.param(*row, marks=pytest.mark.mariadb if row[0] == "mariadb" else ()) for row in NUMBERS],
)
def test_an_amount_is_what_it_is_in_the_database(
    request: pytest.FixtureRequest, tmp_path: Path, server: str, type_: str, value: str, expected: int
) -> None:
    url = fill(request.getfixturevalue(server)(), SMALL)
    run(
        url,
        "ALTER TABLE titles DROP COLUMN investment_yuan",
        f"ALTER TABLE titles ADD COLUMN investment_yuan {type_} DEFAULT {value}",
    )
    assert checked(url, tmp_path).execute("SELECT DISTINCT investment_yuan FROM titles").fetchall() == [(expected,)]
