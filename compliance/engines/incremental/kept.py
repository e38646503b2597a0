"""Relations that are kept from run to run: a base, written once, and the rows by which each run differs from it.

A kept relation is compared with today's row by row in the order of the files, where nearly all rows stand as they
stood; only what does not match there is counted and compared by value. So the comparison is exact whatever the order,
and cheap where it has not changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from compliance.engines.duck.steps import literal
from compliance.files import link_or_copy

_FORMAT = "(FORMAT parquet, COMPRESSION lz4)"
_REBASED_FROM = 0.1
"""From this share of moved rows on, the base is written anew."""


class Unusable(Exception):  # noqa: N818 - it is no error: there is a longer way
    """Nothing can be carried; the text says why."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A relation whose rows say by a few columns whether they have changed."""

    relation: str
    columns: tuple[str, ...]
    """The first is never null."""

    @property
    def select(self) -> str:
        """These columns of the clean relation."""
        return f"SELECT {', '.join(self.columns)} FROM {self.relation}"


TITLES = Watched("titles", ("title_id", "updated_at"))
REGISTER = Watched("register", ("permit_number", "updated_at"))
WATCHED = (TITLES, REGISTER)


def base_of(folder: Path, relation: str) -> Path:
    """The file of a kept relation's base."""
    return folder / f"{relation}.parquet"


def since_of(folder: Path, relation: str) -> Path:
    """The file with what has changed since the base."""
    return folder / f"{relation}.since.parquet"


def stored(path: Path) -> str:
    """A file's rows as a relation in SQL, in brackets: right after a function's, ANTI and SEMI would name it."""
    return f"(FROM read_parquet({literal(str(path))}))"


def write_ordered(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    """Write rows in the order in which they stand in the relation's files."""
    con.execute("SET preserve_insertion_order = true")
    try:
        write(con, select, path)
    finally:
        con.execute("SET preserve_insertion_order = false")


def write(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    """Write rows in any order."""
    con.execute(f"COPY ({select}) TO {literal(str(path))} {_FORMAT}")


def compare(con: duckdb.DuckDBPyConnection, watched: Watched, before: Path) -> None:
    """Make the tables `<relation>_changes`: the columns and `n`, by how many such rows there are more than before.

    Also `<relation>_moved` and `<relation>_since`, by which `keep_watched` writes what the next run compares with.
    """
    name, columns = watched.relation, watched.columns
    base, since = (stored(path(before, name)) for path in (base_of, since_of))
    compare_rows(con, name, columns, watched.select, f"SELECT {', '.join(columns)} FROM {base}")
    listed = ", ".join(columns)
    con.execute(f"""
CREATE TEMP TABLE {name}_changes AS
SELECT {listed}, CAST(sum(n) AS BIGINT) AS n
FROM (FROM {name}_since UNION ALL SELECT {listed}, -n FROM {since})
GROUP BY ALL HAVING sum(n) <> 0""")


def compare_rows(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], now: str, before: str, most: int | None = None
) -> None:
    """Make `<name>_moved`, rows that do not stand where they stood, and `<name>_since`, those without a partner.

    `<name>_since` has the columns and `n`: by how many such rows there are more now. The first column is never null.
    Raises Unusable where more than `most` rows have moved.
    """
    ours, theirs = ([f"{prefix}_{column}" for column in columns] for prefix in ("now", "then"))
    renamed = [
        "SELECT " + ", ".join(f"{column} AS {new}" for column, new in zip(columns, side, strict=True))
        for side in (ours, theirs)
    ]
    other = " OR ".join(f"{one} IS DISTINCT FROM {two}" for one, two in zip(ours, theirs, strict=True))
    con.execute(
        f"CREATE TEMP TABLE {name}_moved AS"
        f" FROM ({renamed[0]} FROM ({now})) POSITIONAL JOIN ({renamed[1]} FROM ({before})) WHERE {other}"
        + ("" if most is None else f" LIMIT {most + 1}")
    )
    if most is not None and _count(con, f"{name}_moved") > most:
        raise Unusable(f"most rows of {name} do not stand where they stood, and to compare them all takes as long")
    signed = " UNION ALL ".join(
        "SELECT "
        + ", ".join(f"{new} AS {c}" for c, new in zip(columns, side, strict=True))
        + f", {sign} AS n FROM {name}_moved WHERE {side[0]} IS NOT NULL"
        for side, sign in ((ours, 1), (theirs, -1))
    )
    con.execute(f"""
CREATE TEMP TABLE {name}_since AS
SELECT {", ".join(columns)}, CAST(sum(n) AS BIGINT) AS n FROM ({signed}) GROUP BY ALL HAVING sum(n) <> 0""")


def keep_watched(
    con: duckdb.DuckDBPyConnection, watched: Watched, folder: Path, before: Path | None, rows: int
) -> None:
    """Keep a relation for the next run. Of `rows` rows few have moved: then the base before serves again."""
    name = watched.relation
    base, since = base_of(folder, name), since_of(folder, name)
    if before is not None and not _many_moved(con, name, rows):
        link_or_copy(base_of(before, name), base)
        write(con, f"FROM {name}_since", since)
        return
    write_ordered(con, watched.select, base)
    write(con, f"SELECT {', '.join(watched.columns)}, 0::BIGINT AS n FROM {name} LIMIT 0", since)


def _many_moved(con: duckdb.DuckDBPyConnection, name: str, rows: int) -> bool:
    return _count(con, f"{name}_moved") > _REBASED_FROM * rows


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
