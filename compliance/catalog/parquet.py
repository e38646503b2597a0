"""A catalog as a folder of Parquet files, read in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import duckdb

from compliance.catalog.schema import RELATIONS, Relation
from compliance.catalog.sources import Catalog, Part, as_found, literal, quoted, reading
from compliance.errors import CatalogError, ConfigurationError
from compliance.language import worded

Schema = tuple[tuple[str, str], ...]


class ParquetFolder(Catalog):
    """`<relation>.parquet` is a file, or `<relation>/` or `<relation>.parquet/` a folder of part files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where = str(folder)

    def present(self) -> frozenset[str]:
        """The relations with at least one file. Raises CatalogError where one stands there twice."""
        return frozenset(name for name in RELATIONS if self._files(name))

    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:  # noqa: ARG002 - files need no staging
        """Views over the files; nothing is copied."""
        return attach_files(con, RELATIONS[relation], self._files(relation))

    def _files(self, relation: str) -> list[Path]:
        file, folder = self.folder / f"{relation}.parquet", self.folder / relation
        if file.exists() and folder.exists():
            raise CatalogError(
                worded(f"{relation} 出现两次：{file} 和 {folder}", f"{relation} stands twice: {file} and {folder}"),
                remedy=worded("去掉其中一个", "remove one of them"),
            )
        found = file if file.exists() else folder
        if found.is_file():
            return [found] if found == file else []
        return sorted(path for path in found.rglob("*") if path.is_file() and not _hidden(path, found))


def open_folder(folder: Path, *, mapping: Path | None = None) -> Catalog:
    """The catalog in that folder. Raises CatalogError where there is none, ConfigurationError with a mapping."""
    if mapping is not None:
        raise ConfigurationError(
            worded(
                f"映射 {mapping} 用于数据库，而 {folder} 是 Parquet 文件夹",
                f"the mapping {mapping} is for databases, and {folder} is a folder of Parquet files",
            ),
            remedy=worded(
                "按约定的列写出文件，或改用数据库地址",
                "write the files with the contract's columns, or name a database URL",
            ),
        )
    if not folder.is_dir():
        why = worded("不是文件夹", "not a folder") if folder.exists() else worded("没有这个文件夹", "no such folder")
        raise CatalogError(
            worded(f"{folder} 处没有片库：{why}", f"no catalog at {folder}: {why}"),
            remedy=worded(
                "指定含有 titles.parquet、register.parquet 等文件的文件夹，或数据库地址",
                "name a folder that holds titles.parquet, register.parquet, …, or a database URL",
            ),
        )
    return ParquetFolder(folder)


def attach_files(
    con: duckdb.DuckDBPyConnection, relation: Relation, files: Sequence[Path], *, staged: bool = False
) -> list[Part]:
    """One part for each way the files' columns are typed.

    pandas writes a column of whole numbers as float where one is missing, so part files of one relation may differ.
    """
    if not files:
        return []
    with reading(f"{relation.name} ({files[0] if len(files) == 1 else files[0].parent})"):
        groups = _by_schema(con, relation, files)
        return [_attach(con, relation, place, schema, group, staged) for place, (schema, group) in enumerate(groups)]


def _by_schema(
    con: duckdb.DuckDBPyConnection, relation: Relation, files: Sequence[Path]
) -> list[tuple[Schema, list[str]]]:
    names = {name for column in relation.columns for name in (column.name, as_found(column))}
    columns: dict[str, dict[str, str]] = {str(file): {} for file in files}
    nested_until: dict[str, int] = defaultdict(int)
    rows = con.execute(
        "SELECT file_name, name, duckdb_type, coalesce(num_children, 0), column_id FROM parquet_schema($files)"
        " ORDER BY file_name, column_id",
        {"files": [_escaped(str(file)) for file in files]},
    ).fetchall()
    for file, name, type_, children, place in rows:
        if place == 0:
            continue
        inside = nested_until[file] > 0
        nested_until[file] += children - (1 if inside else 0)
        if not inside and name in names:
            columns[file][name] = type_.strip('"')
    groups: dict[Schema, list[str]] = defaultdict(list)
    for file, types in columns.items():
        groups[tuple(sorted(types.items()))].append(file)
    return list(groups.items())


def _attach(
    con: duckdb.DuckDBPyConnection, relation: Relation, place: int, schema: Schema, files: list[str], staged: bool
) -> Part:
    view = f"source_{relation.name}" + (f"_{place + 1}" if place else "")
    listed = ", ".join(literal(_escaped(file)) for file in files)
    con.execute(
        f"CREATE OR REPLACE VIEW {quoted(view)} AS SELECT * FROM read_parquet([{listed}], hive_partitioning=false)"
    )
    (rows,) = con.execute(
        "SELECT coalesce(sum(num_rows), 0)::BIGINT FROM parquet_file_metadata($files)",
        {"files": [_escaped(file) for file in files]},
    ).fetchall()[0]
    return Part(relation.name, view, tuple(files), dict(schema), rows, staged)


def statistics_files(part: Part) -> list[str]:
    """The part's files as DuckDB's metadata functions take them."""
    return [_escaped(file) for file in part.files]


def _escaped(path: str) -> str:
    """DuckDB takes a path for a pattern: its special characters stand in brackets."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in path)


def _hidden(path: Path, folder: Path) -> bool:
    """Spark leaves `_SUCCESS` and `.part-0.crc` beside its files."""
    return any(step.startswith(("_", ".")) for step in path.relative_to(folder).parts)
