"""Bad rows set aside with their reasons, and the clean relations that are left."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from compliance.catalog.breaches import Breach, good, reasons
from compliance.catalog.relation import Checked, TypedPart
from compliance.catalog.sources import literal, quoted
from compliance.errors import RunInvalidError
from compliance.language import worded


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Empty `quarantine` and `held_titles`."""
    con.execute(
        'CREATE OR REPLACE TABLE quarantine (relation VARCHAR, title_id VARCHAR, "row" VARCHAR, reason VARCHAR)'
    )
    con.execute("CREATE OR REPLACE TABLE held_titles (title_id VARCHAR)")


def settle(con: duckdb.DuckDBPyConnection, checked: Checked, found: Sequence[list[Breach]]) -> None:
    """Leave the relation's good rows under its name and its bad ones in `quarantine`.

    `found` has the breaches of each part. Raises RunInvalidError where a row is in neither or in both.
    """
    relation = checked.relation
    if not checked.parts:
        columns = ", ".join(f"{quoted(column.name)} {column.type.value}" for column in relation.columns)
        con.execute(f"CREATE OR REPLACE TABLE {quoted(relation.name)} ({columns})")
        return
    names = [column.name for column in relation.columns]
    clean = " UNION ALL ".join(
        part.select(*names) + (f" WHERE {good(bad)}" if bad else "")
        for part, bad in zip(checked.parts, found, strict=True)
    )
    # The same issuer twice says nothing new, and joined twice it would double its titles.
    distinct = f"SELECT DISTINCT * FROM ({clean})" if relation.name == "issuers" else clean
    con.execute(f"CREATE OR REPLACE VIEW {quoted(relation.name)} AS {distinct}")
    for part, bad in zip(checked.parts, found, strict=True):
        if bad:
            _set_aside(con, checked, part, bad)
    if any(found):
        _count_up(con, checked, clean)


def hold_titles(con: duckdb.DuckDBPyConnection, titles: Checked) -> None:
    """Fill `held_titles`: titles with a bad row anywhere, but not those that are offline or of kind `other`."""
    if not con.execute("SELECT 1 FROM quarantine LIMIT 1").fetchall():
        return
    con.execute(
        f"INSERT INTO held_titles SELECT DISTINCT title_id FROM ({titles.select('title_id', 'kind', 'status')})"
        " WHERE title_id IN (SELECT title_id FROM quarantine)"
        " AND kind IS DISTINCT FROM 'other' AND status IS DISTINCT FROM 'offline'"
    )


def _set_aside(con: duckdb.DuckDBPyConnection, checked: Checked, part: TypedPart, bad: list[Breach]) -> None:
    relation = checked.relation
    names = [column.name for column in relation.columns]
    title = f"nullif({part.coercions['title_id'].expression}, '')" if "title_id" in names else "NULL"
    fields = ", ".join(f"{quoted(name)} := {_as_it_came(part, name)}" for name in names)
    row = f"CAST(to_json(struct_pack({fields})) AS VARCHAR)"
    con.execute(
        f"INSERT INTO quarantine SELECT {literal(relation.name)}, {title}, {row}, {reasons(bad)}"
        f" FROM {quoted(part.view)} WHERE NOT ({good(bad)})"
    )


def _as_it_came(part: TypedPart, column: str) -> str:
    """The value in the source; JSON knows no NaN and no infinity."""
    name = quoted(column)
    if part.types[column] in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN isfinite({name}) THEN {name} END"
    return part.coercions[column].raw or name


def _count_up(con: duckdb.DuckDBPyConnection, checked: Checked, clean: str) -> None:
    name = checked.relation.name
    kept, aside = con.execute(
        f"SELECT (SELECT count(*) FROM ({clean})), (SELECT count(*) FROM quarantine WHERE relation = {literal(name)})"
    ).fetchall()[0]
    if kept + aside != checked.rows:
        raise RunInvalidError(
            worded(
                f"{name}：读入 {checked.rows:,} 行，但合格 {kept:,} 行、隔离 {aside:,} 行，合不上",
                f"{name}: {checked.rows:,} rows came in, but {kept:,} are clean and {aside:,} in quarantine",
            ),
            remedy=worded(
                "在片库不变动时重跑；若再出现，请报告",
                "repeat the run with a catalog that does not change meanwhile; if it happens again, report it",
            ),
        )
