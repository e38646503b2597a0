"""A catalog in a database: SQLAlchemy speaks to it, an Arrow driver reads the mass of rows.

A relation is a table or view of its name, or the SELECT of a mapping's SQL file. It is streamed in batches into a
Parquet file of the staging folder, typed on the way, so that memory stays bounded and everything after it is as for a
catalog of Parquet files.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from compliance.catalog.batches import BulkReader, MissingDriver
from compliance.catalog.bulk import SESSION, fast_reader, plain_reader
from compliance.catalog.described import described
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import Catalog, Part, quoted
from compliance.catalog.staging import stage
from compliance.errors import CatalogError, ConfigurationError, GateError
from compliance.language import worded

_LOG = logging.getLogger(__name__)

EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}
"""The extra of this package that brings a database's drivers."""

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mysql+pymysql"}
_TIMEOUT_S = 10
_DENIED_OR_ABSENT = 1142

_WRAPPING = re.compile(
    r"^.*stream registered as '\w+' failed: ((Unknown error|Invalid): )?|\.? Detail: Python exception:.*", re.DOTALL
)
"""What DuckDB and Arrow put around a driver's own words."""


class Database(Catalog):
    """Tables and views of the relations' names, or what the mapping selects."""

    def __init__(self, url: sa.URL, queries: Mapping[str, str]) -> None:
        self.url = url
        self.where = url.render_as_string(hide_password=True)
        self._queries = queries
        self._engine = _engine(url)
        self._warned = False

    def present(self) -> frozenset[str]:
        """The relations that are mapped, or have a table or view. Raises CatalogError where nobody answers."""
        with (
            self._answering(worded(f"{self.where} 无法连接", f"{self.where} cannot be reached")),
            self._engine.connect() as connection,
        ):
            inspector = sa.inspect(connection)
            return frozenset(name for name in RELATIONS if name in self._queries or _has(inspector, name))

    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:
        """The relation, streamed to `<staging>/<relation>.parquet`."""
        unreadable = worded(f"{self.where} 的 {relation} 无法读取", f"{relation} of {self.where} cannot be read")
        query = self._queries.get(relation) or f"SELECT * FROM {self._quoted(relation)}"
        with self._answering(unreadable), self._engine.connect() as connection:
            columns = described(connection, RELATIONS[relation], query)
        try:
            with self._answering(unreadable):
                reader = fast_reader(self.url, RELATIONS[relation], query, columns)
        except MissingDriver as missing:
            self._warn(str(missing))
            reader = plain_reader(self._engine, RELATIONS[relation], query, columns)
        with self._answering(unreadable):
            return self._stage(con, relation, reader, staging)

    def _stage(
        self, con: duckdb.DuckDBPyConnection, relation: str, reader: BulkReader, staging: Path
    ) -> Sequence[Part]:
        staging.mkdir(parents=True, exist_ok=True)
        with reader as batches:
            return stage(con, RELATIONS[relation], batches, staging / f"{relation}.parquet")

    def _quoted(self, name: str) -> str:
        return f"`{name}`" if self.url.get_backend_name() == "mysql" else quoted(name)

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("reading %s slowly, row by row: %s", self.where, reason)

    @contextmanager
    def _answering(self, failure: str) -> Iterator[None]:
        """Turn whatever a driver raises into a CatalogError without the password."""
        try:
            yield
        except (GateError, MissingDriver, MemoryError, duckdb.OutOfMemoryException):
            raise
        except Exception as error:  # noqa: BLE001 - each driver has errors of its own, some of them plain RuntimeErrors
            raise CatalogError(
                f"{failure}: {self._told(error)}",
                remedy=worded(
                    "确认数据库在运行、地址正确、该关系可读，然后重跑",
                    "see that the database is up, the URL right and the relation readable, and repeat the run",
                ),
            ) from None

    def _told(self, error: Exception) -> str:
        text = str(error.orig if isinstance(error, DBAPIError) and error.orig else error).strip()
        first = _WRAPPING.sub("", text or type(error).__name__).split("\n", 1)[0]
        password = self.url.password
        return first.replace(str(password), "***") if password else first


def open_database(uri: str, *, mapping: Path | None = None) -> Catalog:
    """The catalog behind an SQLAlchemy URL of SQLite, PostgreSQL, MySQL or MariaDB.

    Raises ConfigurationError for another URL, a driver that is not installed or a mapping that cannot be used, and
    CatalogError for an SQLite file that is not there.
    """
    try:
        url = sa.make_url(uri)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError, NoSuchModuleError):
        raise ConfigurationError(
            worded("片库地址无法识别", "the catalog's URL is not understood"),
            remedy=worded(
                "写成 postgresql://用户:密码@主机/数据库", "write it as postgresql://user:password@host/database"
            ),
        ) from None
    if url.drivername in _DRIVERS:
        url = url.set(drivername=_DRIVERS[url.drivername])
    elif backend == "mariadb":
        url = url.set(drivername=url.drivername.replace("mariadb", "mysql", 1))
    backend = url.get_backend_name()
    if backend not in EXTRAS:
        raise ConfigurationError(
            worded(f"无法读取 {backend} 中的片库", f"catalogs in {backend} cannot be read"),
            remedy=worded(
                "改用 SQLite、PostgreSQL、MySQL 或 MariaDB，或把各关系导出为 Parquet 文件",
                "use SQLite, PostgreSQL, MySQL or MariaDB, or export the relations to Parquet files",
            ),
        )
    if backend == "sqlite":
        _must_be_file(url)
    return Database(url, _mapped(mapping, backend) if mapping else {})


def _mapped(mapping: Path, backend: str) -> Mapping[str, str]:
    from compliance.catalog.mapping import read_mapping  # it loads the parser of SQL

    return read_mapping(mapping, backend)


def _must_be_file(url: sa.URL) -> None:
    """SQLite would make an empty database where there is none."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ConfigurationError(
            worded("SQLite 片库必须是文件", "an SQLite catalog must be a file"),
            remedy=worded(
                "写成 sqlite:///相对路径 或 sqlite:////绝对路径",
                "write sqlite:///relative/path or sqlite:////absolute/path",
            ),
        )
    if not Path(url.database).is_file():
        raise CatalogError(
            worded(f"{url.database} 处没有 SQLite 数据库", f"no SQLite database at {url.database}"),
            remedy=worded("检查路径", "see that the path is right"),
        )


def _has(inspector: sa.Inspector, name: str) -> bool:
    """A view over what is not there any more counts, too: reading it tells what is wrong with it."""
    try:
        return inspector.has_table(name)
    except DBAPIError as error:
        if name in {view.lower() for view in inspector.get_view_names()}:
            return True
        if error.orig is not None and error.orig.args[:1] == (_DENIED_OR_ABSENT,):
            raise _undecided(name) from None
        raise


def _undecided(name: str) -> CatalogError:
    """MySQL tells whoever may read single tables alone of any other name that it is denied, be it there or not."""
    return CatalogError(
        worded(
            f"{name}：无权读取，或并不存在，无从分辨", f"{name}: it may not be read, or is not there: nobody can tell"
        ),
        remedy=worded(
            "授予整个库的 SELECT（GRANT SELECT ON 库名.*）；或用映射给出它，没有的写成不返回行的查询",
            "grant SELECT on the whole database (GRANT SELECT ON name.*); or map it, where it is absent by a query that"
            " gives no row",
        ),
    )


def _engine(url: sa.URL) -> sa.Engine:
    backend = url.get_backend_name()
    arguments = {} if backend == "sqlite" else {"connect_timeout": _TIMEOUT_S}
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=arguments)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConfigurationError(
            worded(
                f"没有安装 {url.drivername} 的驱动（{error}）", f"no driver for {url.drivername} is installed ({error})"
            ),
            remedy=worded(f"安装 microdrama-gate[{EXTRAS[backend]}]", f"install microdrama-gate[{EXTRAS[backend]}]"),
        ) from None
    sa.event.listen(engine, "connect", lambda connection, _: _say(connection, SESSION[backend]), insert=True)
    return engine


def _say(connection: sa.engine.interfaces.DBAPIConnection, statements: Sequence[str]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
    # What PostgreSQL is told inside a transaction, it forgets where that is rolled back.
    connection.commit()
