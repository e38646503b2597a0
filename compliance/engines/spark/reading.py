"""A catalog that Spark reads: Parquet on any Hadoop-compatible path, or tables of a metastore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.catalog.addresses import HIVE
from compliance.catalog.parquet import TABLE_LOGS, refuse_dangling, table_format
from compliance.catalog.schema import RELATIONS
from compliance.engines.portable.audit import Held
from compliance.engines.portable.coercion import Kind
from compliance.engines.spark.files import Files, local_path
from compliance.engines.spark.footers import refuse_unlike
from compliance.errors import CatalogError, ConfigurationError
from compliance.language import worded

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_KINDS = {
    "string": Kind.TEXT,
    "varchar": Kind.TEXT,
    "char": Kind.TEXT,
    "tinyint": Kind.WHOLE,
    "smallint": Kind.WHOLE,
    "int": Kind.WHOLE,
    "bigint": Kind.BIG,
    "decimal": Kind.DECIMAL,
    "float": Kind.FLOAT,
    "double": Kind.FLOAT,
    "boolean": Kind.FLAG,
    "date": Kind.DAY,
    "timestamp_ntz": Kind.LOCAL,
    "timestamp": Kind.ZONED,
}


def hold(spark: SparkSession, uri: str, *, mapping: Path | None) -> Held:
    """Define `source_<relation>` for each relation of the catalog.

    Raises CatalogError where there is none, ConfigurationError for a URI or mapping that cannot be used.
    """
    if mapping is not None:
        raise ConfigurationError(
            worded(
                f"映射 {mapping} 只用于数据库，Spark 读 Parquet 或元数据表",
                f"the mapping {mapping} is for databases, and Spark reads Parquet or tables",
            ),
            remedy=worded(
                "用同名视图给出约定的列，再以 hive:库名 指定",
                "give the tables the contract's columns by views of these names, and name them with hive:DATABASE",
            ),
        )
    found = _tables(spark, uri.removeprefix(HIVE)) if uri.startswith(HIVE) else _parquet(spark, uri)
    relations: dict[str, Mapping[str, Kind]] = {}
    for name, frame in found.items():
        wanted = {column.name for column in RELATIONS[name].columns}
        kinds = {field.name.lower(): _kind(field.dataType.simpleString()) for field in frame.schema}
        relations[name] = {column: kind for column, kind in kinds.items() if column in wanted}
        frame.select(*relations[name]).createOrReplaceTempView(f"source_{name}")
    return Held(uri, relations)


def _parquet(spark: SparkSession, uri: str) -> Mapping[str, DataFrame]:
    """`<relation>.parquet` is a file or folder, `<relation>/` a folder of part files."""
    if "://" in uri and uri.split("://")[0].split("+")[0] in ("postgresql", "mysql", "mariadb", "sqlite"):
        raise ConfigurationError(
            worded(
                "Spark 读 Parquet 或元数据表，不读数据库",
                "Spark reads Parquet or tables of a metastore, no database by its URL",
            ),
            remedy=worded(
                "在 PostgreSQL 内审核用 --engine postgres，否则用引擎 duckdb",
                "use --engine postgres to judge inside PostgreSQL, or the engine duckdb",
            ),
        )
    root = uri.rstrip("/") if ":" in uri else Path(uri).absolute().as_uri()
    files = Files(spark)
    if not files.is_folder(root):
        raise CatalogError(
            worded(f"{uri} 处没有片库：没有这个文件夹", f"no catalog at {uri}: no such folder"),
            remedy=worded(
                "指定含有 titles.parquet、register.parquet 等、且各工作节点也能读到的文件夹",
                "name a folder that holds titles.parquet, register.parquet, … and that the workers see as well",
            ),
        )
    found: dict[str, DataFrame] = {}
    for name in RELATIONS:
        candidates = (f"{root}/{name}.parquet", f"{root}/{name}")
        _refuse_dangling(candidates)
        places = [place for place in candidates if files.holds_files(place)]
        if len(places) > 1:
            raise CatalogError(
                worded(
                    f"{name} 有两份：{places[0]} 和 {places[1]}", f"{name} stands twice: {places[0]} and {places[1]}"
                ),
                remedy=worded("去掉其中一份", "remove one of them"),
            )
        if places:
            _refuse_table_format(files, places[0])
            frame = spark.read.parquet(places[0])
            refuse_unlike(spark, name, frame.inputFiles(), {column.name for column in RELATIONS[name].columns})
            found[name] = frame
    return found


def _refuse_table_format(files: Files, place: str) -> None:
    if files.is_folder(place):
        for log, kept_by in TABLE_LOGS.items():
            if files.holds(place, log):
                raise table_format(place, kept_by)


def _refuse_dangling(places: Sequence[str]) -> None:
    """To Hadoop a link that leads nowhere is nothing. Raises CatalogError for such a one on a local file system."""
    for place in filter(None, map(local_path, places)):
        for path in (place, *place.rglob("*")):
            refuse_dangling(path)


def _tables(spark: SparkSession, database: str) -> Mapping[str, DataFrame]:
    """Tables and views of the relations' names."""
    there = {name for name in RELATIONS if spark.catalog.tableExists(f"{database}.{name}")}
    return {name: spark.table(f"{database}.{name}") for name in RELATIONS if name in there}


def _kind(type_: str) -> Kind:
    return _KINDS.get(type_.partition("(")[0].partition(" ")[0], Kind.OTHER)
