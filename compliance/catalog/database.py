"""A catalog in a database: SQLAlchemy speaks to it, an Arrow driver reads the mass of rows.

A relation is a table or view of its name, or the SELECT of a mapping's SQL file. It is streamed in batches into a
Parquet file of the staging folder, typed on the way, so that memory stays bounded and everything after it is as for a
catalog of Parquet files.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from compliance.catalog.batches import BulkReader, MissingDriver
from compliance.catalog.bulk import SESSION, Reading, fast, plain
from compliance.catalog.described import SourceColumn, described
from compliance.catalog.meanwhile import Times, changed_tables, times_in_mysql
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
        self._described: Mapping[str, Mapping[str, SourceColumn] | CatalogError] = {}
        self._connection = ExitStack()
        self._open: Reading | None = None
        self._before: Times = {}
        self._incomplete = False

    def present(self) -> frozenset[str]:
        """The relations that are mapped, or have a table or view. Raises CatalogError where nobody answers."""
        with (
            self._answering(worded(f"{self.where} 无法连接", f"{self.where} cannot be reached")),
            self._engine.connect() as connection,
        ):
            inspector = sa.inspect(connection)
            return frozenset(name for name in RELATIONS if name in self._queries or _has(inspector, name))

    @contextmanager
    def one_state(self) -> Iterator[frozenset[str]]:
        """Read all relations as of one moment, by one connection that is closed in the end.

        Raises CatalogError in the end where tables were replaced meanwhile, and their rows cannot be told from none.
        Of MySQL and MariaDB it can only be told that something changed.
        """
        present = self.present()
        with self._held(present):
            yield present

    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:
        """The relation, streamed to `<staging>/<relation>.parquet`."""
        if relation not in self._described:
            with self._held([relation]):
                return self.attach(con, relation, staging=staging)
        if isinstance(columns := self._described[relation], CatalogError):
            raise columns
        with self._answering(_unreadable(self.where, relation)):
            try:
                batches = self._reading().read(RELATIONS[relation], self._query(relation), columns)
                return self._stage(con, relation, batches, staging)
            except BaseException:
                # The transaction is over. Whoever reads on to tell further problems, judges nothing of it.
                self._incomplete = True
                self._close()
                raise

    @contextmanager
    def _held(self, relations: Iterable[str]) -> Iterator[None]:
        """All is described before the first row is read: while tables are held, another connection might wait forever
        behind somebody who waits to change them."""
        self._described = {name: self._columns(name) for name in relations}
        self._incomplete = False
        try:
            yield
            if self._open and not self._incomplete:
                self._tell_changes(self._open)
        finally:
            self._described, self._before = {}, {}
            self._close()

    def _close(self) -> None:
        self._open = None
        with suppress(Exception):  # it is of no use any more, and may be broken: what broke it has been told
            self._connection.close()

    def _reading(self) -> Reading:
        """The connection, opened when it is first needed."""
        if self._open is None:
            try:
                self._open = self._connection.enter_context(fast(self.url))
            except MissingDriver as missing:
                self._warn(str(missing))
                self._open = self._connection.enter_context(plain(self._engine))
            if self._told_apart(self._open):
                self._before = times_in_mysql(self._engine, settled=True)
        return self._open

    def _told_apart(self, reading: Reading) -> bool:
        """Whether what changes meanwhile must be told: one relation is of one moment anyway."""
        return not reading.is_one_state and len(self._described) > 1

    def _columns(self, relation: str) -> Mapping[str, SourceColumn] | CatalogError:
        try:
            with self._answering(_unreadable(self.where, relation)), self._engine.connect() as connection:
                return described(connection, RELATIONS[relation], self._query(relation))
        except CatalogError as error:
            return error

    def _query(self, relation: str) -> str:
        return self._queries.get(relation) or f"SELECT * FROM {self._quoted(relation)}"

    def _tell_changes(self, reading: Reading) -> None:
        with self._answering(worded(f"{self.where} 无法读取", f"{self.where} cannot be read")):
            replaced = reading.replaced()
            after = times_in_mysql(self._engine) if self._told_apart(reading) else {}
        if replaced:
            raise _replaced(self.where, replaced)
        self.changed = changed_tables(self._before, after)
        if self.changed:
            named = ", ".join(self.changed)
            _LOG.warning(
                worded(
                    f"{self.where} 在读取期间有改动（{named}）：各关系可能来自不同时刻，见使用指南",
                    f"{self.where} changed while it was read ({named}): its relations may be of different moments;"
                    " the guide says what helps",
                )
            )

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


def _unreadable(where: str, relation: str) -> str:
    return worded(f"{where} 的 {relation} 无法读取", f"{relation} of {where} cannot be read")


def _replaced(where: str, tables: Sequence[str]) -> CatalogError:
    return CatalogError(
        worded(
            f"读取期间 {where} 有 {len(tables):,} 个表被清空、重建或替换；什么都没有判定",
            f"{len(tables):,} table(s) of {where} were emptied, rebuilt or replaced while they were read;"
            " nothing was judged",
        ),
        problems=tables,
        remedy=worded(
            "装载完成后重跑；或用 DELETE 代替 TRUNCATE，在一个事务中装载",
            "repeat the run when loading has ended, or load in one transaction with DELETE in place of TRUNCATE",
        ),
    )


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
