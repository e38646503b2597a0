"""What DuckDB complains of, said so that a user knows what to do.

A clean relation is a view: its files are read when a column is first needed, so that a damaged page may come to light
in the midst of the judging.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import quoted, reading
from compliance.errors import CatalogError, GateError
from compliance.files import is_full
from compliance.language import worded

INTERRUPTED = "Query interrupted"
"""What a RuntimeError of DuckDB says where a signal, such as Ctrl-C, has come in the midst of a query."""
_OF_THE_PROGRAM = (duckdb.InternalException, duckdb.FatalException, duckdb.InterruptException)


@contextmanager
def explained(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Turn what the work on a catalog fails of into GateErrors: too little memory, a full disk, a file that is damaged.

    Raises CatalogError where a column of the catalog cannot be read, KeyboardInterrupt where the work was interrupted;
    what is nobody's fault but the program's passes.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise GateError(
            worded(
                "可用内存不够完成本次审核；什么都没有发布",
                "the work does not fit into the memory that it may use; nothing was published",
            ),
            problems=[_first_line(error)],
            remedy=worded(
                "用 --memory 放宽，并确认输出文件夹有空间存放中间结果",
                "give more with --memory, and see that the output folder has room to spill to",
            ),
        ) from error
    except _OF_THE_PROGRAM:
        raise
    except RuntimeError as error:
        if str(error) == INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
    except duckdb.Error as error:
        if is_full(error):
            raise GateError(
                worded("磁盘已满；什么都没有发布", "the disk is full; nothing was published"),
                problems=[_first_line(error)],
                remedy=worded(
                    "腾出空间（gate doctor 可查看余量）后重跑",
                    "free space (`gate doctor` tells how much there is) and run again",
                ),
            ) from error
        if damaged := list(_damaged(con)):
            raise CatalogError(
                worded("片库无法读取；什么都没有发布", "the catalog cannot be read; nothing was published"),
                problems=damaged,
                remedy=worded(
                    "重新写出这些文件（完整的 Parquet，文字为 UTF-8）后重跑",
                    "write these files again (whole, as Parquet, their text in UTF-8) and repeat the run",
                ),
            ) from error
        raise


def _damaged(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The columns that cannot be read to their end: each is tried, for DuckDB does not always name the file."""
    (database,) = con.execute("SELECT current_database()").fetchall()[0]
    there = {
        name
        for (name,) in con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND database_name = ?",
            [database],
        ).fetchall()
    }
    for relation in RELATIONS.values():
        for column in relation.columns if relation.name in there else ():
            try:
                with reading(f"{relation.name}.{column.name}"):
                    con.execute(
                        f"SELECT bit_xor(hash({quoted(column.name)})) FROM {quoted(database)}.main.{relation.name}"
                    )
            except CatalogError as error:
                yield _printable(error.message)


def _first_line(error: Exception) -> str:
    return _printable(str(error).strip().split("\n", 1)[0])


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
