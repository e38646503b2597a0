"""Reading a million titles out of real databases, beside ConnectorX."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import duckdb
import psycopg
import pymysql
import sqlalchemy as sa

from compliance.catalog.schema import TITLES, Type
from tests.bench.catalogs import HOME, Sample, sample, short
from tests.bench.correctness import WrongFindings
from tests.bench.measuring import Work, in_turn
from tests.bench.table import Row, timed
from tests.databases import fill
from tests.servers import mariadb, postgresql, program

BAR = 1.5
_PEER = Path(__file__).parent / "peers" / "connectorx_titles.py"
_NULL = "\\N"


def reading(titles: int, rounds: int) -> Iterator[Row]:
    """A row a database; MariaDB only where its server is installed."""
    catalog = sample(titles)
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder, _exported(catalog, Path(folder)) as rows:
        database = Path(folder) / "titles.sqlite"
        yield _measured("SQLite", _into_sqlite(database, rows), catalog, rounds)
        with postgresql() as url:
            yield _measured("PostgreSQL", _into_postgresql(url, rows), catalog, rounds)
        if program("mariadbd"):
            with mariadb(Path(folder)) as url:
                yield _measured("MariaDB", _into_mariadb(url, rows), catalog, rounds)


def _measured(database: str, url: str, catalog: Sample, rounds: int) -> Row:
    ours = [sys.executable, "-m", "tests.bench.gate_titles", url]
    peer = [sys.executable, str(_PEER), _for_connectorx(url)]
    expected = _sum(f"read_parquet('{catalog.catalog}/titles.parquet')")
    for command in (ours, peer):
        ended = subprocess.run(command, check=False, capture_output=True, text=True)
        if ended.stdout.split() != expected:
            raise WrongFindings(f"{command[-2]}: {ended.stdout} rows and yuan, not {expected}\n{ended.stderr[-1000:]}")
    pairs = in_turn(Work(f"gate reads {database}", ours), Work(f"ConnectorX reads {database}", peer), rounds)
    return timed(f"reading {short(catalog.titles)} titles from {database}, beside ConnectorX", pairs, BAR)


def _for_connectorx(url: str) -> str:
    """ConnectorX wants a socket's folder as the host."""
    at = sa.make_url(url)
    folder = at.query.get("host")
    return f"postgresql://{at.username}@{quote(str(folder), safe='')}/{at.database}" if folder else url


def _sum(relation: str) -> list[str]:
    """What both sides have to print."""
    return [
        str(number) for number in duckdb.execute(f"SELECT count(*), sum(investment_yuan) FROM {relation}").fetchall()[0]
    ]


@contextmanager
def _exported(catalog: Sample, folder: Path) -> Iterator[Path]:
    """The titles as CSV, as the databases' bulk loaders want it: flags as 0 and 1, nulls as \\N."""
    path = folder / "titles.csv"
    columns = ", ".join(
        f"{column.name}::INTEGER AS {column.name}" if column.type is Type.FLAG else column.name
        for column in TITLES.columns
    )
    source = f"SELECT {columns} FROM '{catalog.catalog}/titles.parquet'"
    duckdb.execute(f"COPY ({source}) TO '{path}' (HEADER false, NULLSTR '{_NULL}', QUOTE '\"', DELIMITER ',')")
    yield path
    path.unlink()


def _into_sqlite(path: Path, rows: Path) -> str:
    url = fill(f"sqlite:///{path}", {"titles": []})
    marks = ", ".join("?" for _ in TITLES.columns)
    with rows.open(encoding="utf-8", newline="") as file, contextlib.closing(sqlite3.connect(path)) as connection:
        read = ([None if value == _NULL else value for value in row] for row in csv.reader(file))
        connection.executemany(f"INSERT INTO titles VALUES ({marks})", read)
        connection.commit()
    return url


def _into_postgresql(url: str, rows: Path) -> str:
    fill(url, {"titles": []})
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with rows.open("rb") as file, cursor.copy(f"COPY titles FROM STDIN (FORMAT csv, NULL '{_NULL}')") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        cursor.execute("ANALYZE titles")
    return url


def _into_mariadb(url: str, rows: Path) -> str:
    fill(url, {"titles": []})
    at = sa.make_url(url)
    connection = pymysql.connect(
        host=at.host, port=at.port or 3306, user=at.username, password=str(at.password), database=at.database,
        local_infile=True, charset="utf8mb4", autocommit=True,
    )  # fmt: skip
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"LOAD DATA LOCAL INFILE '{rows}' INTO TABLE titles CHARACTER SET utf8mb4 "
            "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
        )
    return url
