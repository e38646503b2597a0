"""A catalog as a folder of Parquet files, read in place."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from compliance.catalog.coercion import AS_UTC
from compliance.catalog.schema import RELATIONS, Relation
from compliance.catalog.sources import Catalog, Part, Signature, as_found, literal, quoted, reading, signature
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
        found = [path for path in (file, folder) if _stands(path)]
        if len(found) > 1:
            raise CatalogError(
                worded(f"{relation} 出现两次：{file} 和 {folder}", f"{relation} stands twice: {file} and {folder}"),
                remedy=worded("去掉其中一个", "remove one of them"),
            )
        for path in found:
            if path.is_dir():
                _refuse_table_format(path)
                return sorted(part for part in _beneath(path) if not _hidden(part, path))
            if _is_there(path) and path == file:
                return [path]
        return []


def _stands(path: Path) -> bool:
    """Whether anything has that name, be it a link that leads nowhere, as to a share that is not mounted."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        _unreachable(error)
    return True


def _refuse_table_format(folder: Path) -> None:
    for log, kept_by in TABLE_LOGS.items():
        if next(folder.glob(log), None) is not None:
            raise table_format(str(folder), kept_by)


def table_format(folder: str, kept_by: str) -> CatalogError:
    """Of a folder whose files count only as its log says: some of them were removed long ago."""
    return CatalogError(
        worded(
            f"{folder} 是 {kept_by} 表：其中的文件并非都有效",
            f"{folder} is a table of {kept_by}: not all its files count",
        ),
        remedy=worded(
            "导出为单独的 Parquet 文件夹，或经数据库读取", "export it to a folder of Parquet files of its own"
        ),
    )


TABLE_LOGS = {"_delta_log": "Delta Lake", ".hoodie": "Hudi", "metadata/*.metadata.json": "Iceberg"}
"""What a table format leaves in a table's folder."""


def _beneath(folder: Path) -> Iterator[Path]:
    """Every file, behind links too. Raises CatalogError for one that nobody can reach: its rows would be missing."""
    seen: set[Path] = set()
    for place, folders, names in os.walk(folder, onerror=_unreachable, followlinks=True):
        if (real := Path(place).resolve()) in seen:
            folders.clear()  # a link to a folder that holds it
            continue
        seen.add(real)
        yield from (path for name in names if _is_there(path := Path(place, name)))


def _is_there(path: Path) -> bool:
    """Whether it is a file. Raises CatalogError for a link that leads nowhere, and where nobody may look."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        refuse_dangling(path)
        return False
    except OSError as error:
        _unreachable(error)
        raise


def refuse_dangling(path: Path) -> None:
    """Raise CatalogError for a link that leads nowhere, as to a share that is not mounted: it is no absent file."""
    if path.is_symlink() and not path.exists():
        raise CatalogError(
            worded(f"{path}：链接指向不存在的文件", f"{path}: a link that leads nowhere"),
            remedy=worded("恢复目标文件，或删除该链接", "restore what it leads to, or remove the link"),
        )


def _unreachable(error: OSError) -> None:
    raise CatalogError(
        worded(f"{error.filename}：无法读取：{error.strerror}", f"{error.filename}: cannot be read: {error.strerror}"),
        remedy=worded("给本用户读取该文件夹的权限", "let this user read that folder"),
    ) from error


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
    wanted = {name.lower() for name in names}
    columns: dict[str, dict[str, str]] = {str(file): {} for file in files}
    met: set[tuple[str, str]] = set()
    for file, name, type_ in _top_level(con, files):
        if (folded := name.lower()) not in wanted:
            continue
        if (file, folded) in met:
            raise _twice(relation, file, folded)
        met.add((file, folded))
        if name in names:
            columns[file][name] = type_
    groups: dict[Schema, list[str]] = defaultdict(list)
    for file, types in columns.items():
        groups[tuple(sorted(types.items()))].append(file)
    return list(groups.items())


def _top_level(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> Iterator[tuple[str, str, str]]:
    """File, name and type of each column that stands in no other."""
    listed = {"files": [_escaped(str(file)) for file in files]}
    rows = con.execute(_COLUMNS, listed).fetchall()
    by_java: set[str] = set()
    if any(type_ == _INT96 for _, _, type_, _ in rows):
        by_java = {file for (file,) in con.execute(_WRITTEN_BY_JAVA, listed).fetchall()}
    nested_until: dict[str, int] = defaultdict(int)
    root: set[str] = set()
    for file, name, type_, children in rows:
        if file not in root:
            root.add(file)
            continue
        inside = nested_until[file] > 0
        nested_until[file] += children - (1 if inside else 0)
        if not inside:
            yield file, name, AS_UTC if type_ == _INT96 and file in by_java else type_


_INT96 = "INT96"
_COLUMNS = f"""
SELECT file_name, name,
    CASE
        WHEN type = '{_INT96}' THEN type
        WHEN converted_type LIKE 'TIMESTAMP%' AND logical_type IS NULL THEN '{AS_UTC}'
        ELSE trim(duckdb_type, '"')
    END,
    coalesce(num_children, 0)
FROM parquet_schema($files) ORDER BY file_name, column_id"""
# Instants that say no more of their zone than that are in UTC by Parquet's specification. INT96 says nothing: Spark and
# Hive write instants in UTC, as they read them; other programs write wall time, too, and nobody can tell which.
_WRITTEN_BY_JAVA = "SELECT file_name FROM parquet_file_metadata($files) WHERE created_by LIKE 'parquet-mr%'"


def _twice(relation: Relation, file: str, name: str) -> CatalogError:
    return CatalogError(
        worded(f"{relation.name}.{name}：{file} 中出现两次", f"{relation.name}.{name}: stands twice in {file}"),
        remedy=worded("只保留一列，大小写不作区分", "keep one of the columns; upper and lower case make no difference"),
    )


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
    signatures = tuple(signature(Path(file)) for file in files)
    return Part(relation.name, view, tuple(files), dict(schema), rows, staged, signatures)


def ensure_unchanged(parts: Mapping[str, Sequence[Part]]) -> None:
    """Raises CatalogError where a file is not what it was when it was attached, and so not what was checked."""
    changed = [
        file
        for of in parts.values()
        for part in of
        for file, before in zip(part.files, part.signatures, strict=True)
        if _signature(file) != before
    ]
    if changed:
        raise CatalogError(
            worded(
                f"读取期间片库有 {len(changed):,} 个文件被改动；什么都没有发布",
                f"{len(changed):,} file(s) of the catalog changed while they were read; nothing was published",
            ),
            problems=changed,
            remedy=worded(
                "导出完成后再审核，或先写到别的文件夹再整体替换",
                "run the audit when the export has ended, or let it write to another folder first",
            ),
        )


def _signature(file: str) -> Signature | None:
    try:
        return signature(Path(file))
    except OSError:
        return None


def statistics_files(part: Part) -> list[str]:
    """The part's files as DuckDB's metadata functions take them."""
    return [_escaped(file) for file in part.files]


def _escaped(path: str) -> str:
    """DuckDB takes a path for a pattern: its special characters stand in brackets."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in path)


def _hidden(path: Path, folder: Path) -> bool:
    """Spark leaves `_SUCCESS` and `.part-0.crc` beside its files."""
    return any(step.startswith(("_", ".")) for step in path.relative_to(folder).parts)
