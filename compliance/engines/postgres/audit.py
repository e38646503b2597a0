"""The audit of a catalog inside its PostgreSQL database: facts and rules as one statement of a read-only session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from compliance.catalog.bulk import SESSION
from compliance.catalog.database import Database, open_database
from compliance.catalog.described import must_stand_once
from compliance.catalog.mapping import read_mapping
from compliance.catalog.schema import RELATIONS, Type
from compliance.catalog.sources import quoted
from compliance.embedded import connect
from compliance.engines.audit import AuditRequest
from compliance.engines.portable.audit import Held, Place, audit
from compliance.engines.portable.coercion import Kind
from compliance.engines.portable.duck import DuckEngine
from compliance.engines.postgres.engine import PostgresEngine
from compliance.errors import ConfigurationError, GateError
from compliance.language import worded
from compliance.verdicts.summary import Summary

if TYPE_CHECKING:
    import psycopg

_SESSION = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    *SESSION["postgresql"],
    # The planner knows nothing of the sizes inside the statement, and a nested loop over them would never end.
    "SET LOCAL enable_nestloop TO off",
    "SET LOCAL work_mem TO '64MB'",
    "SET LOCAL jit TO off",
)
_KINDS = {
    "int2": Kind.WHOLE,
    "int4": Kind.WHOLE,
    "int8": Kind.BIG,
    "numeric": Kind.DECIMAL,
    "float4": Kind.FLOAT,
    "float8": Kind.FLOAT,
    "bool": Kind.FLAG,
    "date": Kind.DAY,
    "timestamp": Kind.LOCAL,
    "timestamptz": Kind.ZONED,
    "uuid": Kind.TEXT,
}
_TEXTS = ("S", "E")
"""PostgreSQL's categories of texts and enums."""


def run_audit(request: AuditRequest, *, progress: Callable[[str], None]) -> Summary:
    """Judge the catalog where it is. What comes out: rulings, findings, bad rows, placements of titles with findings.

    Raises as `run_audit` of the embedded engine does, ConfigurationError for a catalog that is not in PostgreSQL.
    """
    if not request.catalog.startswith("postgres"):
        raise ConfigurationError(
            worded("引擎 postgres 在 PostgreSQL 内审核片库", "the engine postgres judges a catalog inside PostgreSQL"),
            remedy=worded(
                "片库写成 postgresql://用户@主机/数据库，或换用其他引擎",
                "name it as postgresql://user@host/database, or choose another engine",
            ),
        )
    database = open_database(request.catalog, mapping=request.mapping)
    if not isinstance(database, Database):
        raise TypeError(f"{database.where} is no database")
    present = database.present()
    queries = read_mapping(request.mapping, "postgresql") if request.mapping else {}
    config: dict[str, Any] = {"memory_limit": request.memory}
    if request.threads is not None:
        config["threads"] = request.threads
    with (
        TemporaryDirectory(prefix=".spill-", dir=request.folder) as spill,
        _session(database) as connection,
        connect({**config, "temp_directory": spill}) as con,
    ):
        source, tail = PostgresEngine(connection), DuckEngine(con)
        relations = {
            name: _define(connection, source, name, queries.get(name) or f"SELECT * FROM {quoted(name)}")
            for name in RELATIONS
            if name in present
        }
        place = Place(
            source,
            tail,
            carry=lambda name, select: tail.take(name, source.stream(select)),
            tell=lambda name, select: source.give(name, con.sql(select).to_arrow_table()),
        )
        return audit(place, Held(database.where, relations), request, progress=progress)


def _define(
    connection: psycopg.Connection[tuple[Any, ...]], engine: PostgresEngine, name: str, query: str
) -> Mapping[str, Kind]:
    """Define `source_<relation>` with the relation's columns; texts are compared by code point, as everywhere.

    Ids that are whole numbers are texts, as in a catalog that is read out of a database.
    """
    wanted = {column.name for column in RELATIONS[name].columns}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({query}) AS source WHERE FALSE")
        found = cursor.description or ()
        must_stand_once(RELATIONS[name], [column.name for column in found], "postgresql")
        codes = {column.name: column.type_code for column in found if column.name in wanted}
        cursor.execute(
            "SELECT oid::bigint, typname::text, typcategory::text FROM pg_type WHERE oid = ANY(%s)",
            [list(codes.values())],
        )
        types = {oid: (type_, category) for oid, type_, category in cursor.fetchall()}
    kinds: dict[str, Kind] = {}
    for column, code in codes.items():
        type_, category = types[code]
        kind = _KINDS.get(type_, Kind.TEXT if category in _TEXTS else Kind.OTHER)
        is_id = kind in (Kind.WHOLE, Kind.BIG) and RELATIONS[name].column(column).type is Type.TEXT
        kinds[column] = Kind.TEXT if is_id else kind
    listed = (
        f'CAST({quoted(column)} AS text) COLLATE "C" AS {quoted(column)}' if kind is Kind.TEXT else quoted(column)
        for column, kind in kinds.items()
    )
    engine.define_source(f"source_{name}", f"SELECT {', '.join(listed)} FROM ({query}) AS source")
    return kinds


@contextmanager
def _session(database: Database) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A read-only transaction that sees one state of the catalog. What goes wrong is told without the password."""
    try:
        import psycopg
    except ImportError:
        raise ConfigurationError(
            worded("引擎 postgres 需要 psycopg", "the engine postgres needs psycopg"),
            remedy=worded("安装 microdrama-gate[postgres]", "install microdrama-gate[postgres]"),
        ) from None
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            for statement in _SESSION:
                connection.execute(statement)
            yield connection
            connection.rollback()
    except psycopg.Error as error:
        told = str(error).strip().split("\n", 1)[0]
        password = database.url.password
        raise GateError(
            worded(
                f"{database.where} 未能完成审核；什么都没有发布",
                f"{database.where} could not finish the run; nothing was published",
            ),
            problems=[told.replace(str(password), "***") if password else told],
            remedy=worded(
                "确认数据库在运行、各关系可读，然后重跑",
                "see that the database is up and the relations can be read, and repeat the run",
            ),
        ) from None
