"""Where a catalog comes from: a folder of Parquet files or a database, seen through one small interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb

from compliance.catalog.addresses import refuse_what_only_spark_reads
from compliance.catalog.schema import Column
from compliance.errors import CatalogError
from compliance.files import is_full
from compliance.language import worded

_NOT_THE_SOURCE = (
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.ParserException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.InternalException,
    duckdb.ConstraintException,
)


Signature = tuple[int, int, int]


def signature(path: Path) -> Signature:
    """What changes when a file does. Raises OSError."""
    stat = path.stat()
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Part:
    """Files of one relation that agree in their column types: usually all of them."""

    relation: str
    view: str
    """The DuckDB view over these files, columns as they come."""
    files: tuple[str, ...]
    types: Mapping[str, str]
    """DuckDB type of each column found."""
    rows: int
    staged: bool = False
    """The files were written from a database, with a column beside each for values that are none of the due type."""
    signatures: tuple[Signature, ...] = ()
    """What the files were when they were attached."""


class Catalog(ABC):
    """A source of the eight relations."""

    where: str
    """The source as shown in messages: without a password."""
    changed: Sequence[str] = ()
    """Tables that changed while relations were read as they were at different moments."""

    @abstractmethod
    def present(self) -> frozenset[str]:
        """Names of the relations that are there. Raises CatalogError where the source cannot be reached."""

    @contextmanager
    def one_state(self) -> Iterator[frozenset[str]]:
        """What is attached within shows one moment of a database, as far as it can; gives the relations present.

        Raises CatalogError, in the end as well. Whoever reads several relations reads them within.
        """
        yield self.present()

    @abstractmethod
    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:
        """Make the relation readable in DuckDB under `source_<relation>` (`source_<relation>_2` … where files differ).

        Raises CatalogError where it cannot be read.
        """


def open_catalog(uri: str, *, mapping: Path | None = None) -> Catalog:
    """The catalog at a folder, a `file://` URL of one, or an SQLAlchemy URL.

    `mapping` is a folder with one SQL file per relation, for databases whose own tables have another shape.
    Raises CatalogError where a folder is not there, ConfigurationError for a URL or mapping that cannot be used, and
    for what Spark alone reads.
    """
    refuse_what_only_spark_reads(uri)
    if "://" in uri and not uri.startswith("file://"):
        from compliance.catalog.database import open_database

        return open_database(uri, mapping=mapping)
    from compliance.catalog.parquet import open_folder

    path = unquote(urlsplit(uri).path) if uri.startswith("file://") else uri
    return open_folder(Path(path), mapping=mapping)


def quoted(name: str) -> str:
    """A name as an SQL identifier (DuckDB, SQLite, PostgreSQL)."""
    return '"' + name.replace('"', '""') + '"'


def as_found(column: Column) -> str:
    """The column of a staged file that holds, as text, the values that are none of the due type."""
    return f"{column.name} as found"


def literal(text: str) -> str:
    """A text as an SQL literal (DuckDB)."""
    return "'" + text.replace("'", "''") + "'"


def shown(value: object, limit: int = 40) -> str:
    """A value from the catalog, safe to print: cut, and what is not printable written as an escape."""
    text = str(value)
    cut = text[:limit]
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f'"{safe}{"…" if len(text) > limit else ""}"'


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn DuckDB's complaint about a file (cut short, not Parquet, invalid UTF-8) into a CatalogError.

    Columns are read when they are needed, so whoever reads the checked relations does it under this.
    Memory, disk space, interruption and faulty SQL are not the catalog's fault and pass as they are.
    """
    try:
        yield
    except _NOT_THE_SOURCE:
        raise
    except duckdb.Error as error:
        if is_full(error):
            raise
        reason = str(error).strip().split("\n", 1)[0]
        raise CatalogError(
            worded(f"{what} 无法读取：{reason}", f"{what} cannot be read: {reason}"),
            remedy=worded(
                "重新写出该文件（完整的 Parquet，文字为 UTF-8）后重跑",
                "write the file again (whole, as Parquet, its text in UTF-8) and repeat the run",
            ),
        ) from error
