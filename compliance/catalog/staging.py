"""A relation that comes in as Arrow batches becomes a Parquet file of the contract's types.

A value that is none of the due type must not vanish: it stands as text in a column of its own beside the typed one,
where the contract check finds it. These columns are nearly always empty, and then the file's statistics say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from compliance.catalog.coercion import coercion
from compliance.catalog.parquet import attach_files
from compliance.catalog.schema import Column, Relation
from compliance.catalog.sources import Part, as_found, literal, quoted
from compliance.errors import GateError
from compliance.files import is_full
from compliance.language import worded

_INCOMING = "incoming_batches"
_FORMAT = (
    "(FORMAT parquet, COMPRESSION lz4_raw, WRITE_BLOOM_FILTER false, DICTIONARY_SIZE_LIMIT 200, ROW_GROUP_SIZE 61440)"
)
"""Written while the database still sends: dictionaries of many values take longer than they save, and small row groups
leave less to write once the last row has come."""


def stage(con: duckdb.DuckDBPyConnection, relation: Relation, batches: pa.RecordBatchReader, path: Path) -> list[Part]:
    """Write the batches to that file and attach it. Raises what the reader raises, GateError where the disk is full."""
    con.register(_INCOMING, batches)
    try:
        types = {name: type_.strip('"') for name, type_, *_ in con.execute(f"DESCRIBE {_INCOMING}").fetchall()}
        found = [column for column in relation.columns if column.name in types]
        listed = ", ".join(part for column in found for part in _typed(column, types))
        con.execute(f"COPY (SELECT {listed or '1'} FROM {_INCOMING}) TO {literal(str(path))} {_FORMAT}")
    except duckdb.Error as error:
        path.unlink(missing_ok=True)
        if is_full(error):
            raise GateError(
                worded(
                    f"{path.parent} 没有空间存放 {relation.name}", f"no space left for {relation.name} in {path.parent}"
                ),
                remedy=worded("腾出空间，或指定别的文件夹", "make room there, or name another folder"),
            ) from None
        raise
    finally:
        con.unregister(_INCOMING)
    return attach_files(con, relation, [path], staged=True)


def _typed(column: Column, types: Mapping[str, str]) -> list[str]:
    name = quoted(column.name)
    if as_found(column) in types:  # its reader has told apart what is none of the type
        return [name, quoted(as_found(column))]
    how = coercion(column, types[column.name], lenient=True)
    if how is None:
        return [name]
    value = f"CAST({how.expression} AS {column.type.value})"
    typed = [f"{value} AS {name}"]
    not_typed = " OR ".join(f"({condition})" for condition in (how.wrong, how.beyond) if condition)
    if not_typed:
        # The outer condition is cheap and nearly always false: the inner one is looked at for a few values only.
        found = f"CASE WHEN {not_typed} THEN CAST({name} AS VARCHAR) END"
        typed.append(f"CASE WHEN {name} IS NOT NULL AND {value} IS NULL THEN {found} END AS {quoted(as_found(column))}")
    return typed
