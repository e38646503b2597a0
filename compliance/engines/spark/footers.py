"""What the footers of Parquet files say, read by Spark's own library, so wherever the files lie.

Of a folder Spark asks one file for the columns: in another a column would be NULL for not being there, or wall time
for having been written as an instant. So every footer is read before, in the driver, some at a time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.engines.spark.files import hadoop
from compliance.errors import CatalogError
from compliance.language import worded

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AT_A_TIME = 16
_INT96 = re.compile(r"^  \w+ int96 ([^ ;]+)", re.MULTILINE)
"""A column of that type in a schema as Parquet's library shows it; what is nested stands further to the right."""


@dataclass(frozen=True, slots=True)
class Footer:
    """What one file says of itself."""

    file: str
    schema: str
    created_by: str


def refuse_unlike(spark: SparkSession, relation: str, files: Sequence[str], columns: Collection[str]) -> None:
    """Raises CatalogError where files of a relation differ in those columns, or where nobody knows an instant's zone.

    Files of equal schemas cost a footer each; Spark is asked once a schema how it takes the columns.
    """
    footers = _footers(spark, sorted(files))
    for footer in footers:
        _refuse_int96(relation, footer, columns)
    alike = {footer.schema: footer for footer in reversed(footers)}
    first, *others = sorted(alike.values(), key=lambda footer: footer.file)
    if not others:
        return
    expected = _types(spark, first, columns)
    for other in others:
        found = _types(spark, other, columns)
        for column in sorted(expected.keys() | found.keys()):
            if expected.get(column) != found.get(column):
                raise _unlike(relation, column, (first, expected), (other, found))


def _footers(spark: SparkSession, files: Sequence[str]) -> list[Footer]:
    jvm, configuration = hadoop(spark)
    parquet = jvm.org.apache.parquet.hadoop

    def footer(file: str) -> Footer:
        path = jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(file))
        reader = parquet.ParquetFileReader.open(parquet.util.HadoopInputFile.fromPath(path, configuration))
        try:
            said = reader.getFooter().getFileMetaData()
            return Footer(file, said.getSchema().toString(), said.getCreatedBy() or "")
        finally:
            reader.close()

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(footer, files))


def _types(spark: SparkSession, footer: Footer, columns: Collection[str]) -> Mapping[str, str]:
    schema = spark.read.parquet(_as_path(spark, footer.file)).schema
    types = {field.name.lower(): field.dataType.simpleString() for field in schema}
    return {name: type_ for name, type_ in types.items() if name in columns}


def _as_path(spark: SparkSession, file: str) -> str:
    """Spark takes a path for a pattern: its special characters are escaped."""
    jvm, _ = hadoop(spark)
    return re.sub(r"([\\\[\]{}*?])", r"\\\1", jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(file)).toString())


def _refuse_int96(relation: str, footer: Footer, columns: Collection[str]) -> None:
    """Spark and Hive write instants in UTC; other programs write wall time, too, and nobody can tell which."""
    unknown = [name for name in _INT96.findall(footer.schema) if name.lower() in columns]
    if unknown and not footer.created_by.startswith("parquet-mr"):
        raise CatalogError(
            worded(
                f"{relation}.{unknown[0]}：{footer.file} 中是 INT96，且并非 Spark 或 Hive 所写：无法确定其时区",
                f"{relation}.{unknown[0]}: INT96 in {footer.file}, by neither Spark nor Hive: its zone is unknown",
            ),
            remedy=worded("按 TIMESTAMP 类型写出此列", "write the column as TIMESTAMP"),
        )


def _unlike(
    relation: str, column: str, one: tuple[Footer, Mapping[str, str]], other: tuple[Footer, Mapping[str, str]]
) -> CatalogError:
    return CatalogError(
        worded(
            f"{relation}.{column}：各文件的列不一致，Spark 会读错",
            f"{relation}.{column}: its files differ, and Spark would read some of them wrongly",
        ),
        problems=[
            f"{footer.file}: {types.get(column) or worded('没有此列', 'no such column')}"
            for footer, types in (one, other)
        ],
        remedy=worded(
            "以相同的列和类型重写这些文件，或用引擎 duckdb",
            "write these files again with the same columns and types, or use the engine duckdb",
        ),
    )
