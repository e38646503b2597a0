"""What the address of a catalog says by itself: some catalogs are read by Spark alone."""

from __future__ import annotations

from compliance.errors import ConfigurationError
from compliance.language import Message, worded

HIVE = "hive:"
"""Begins the name of a database, or `catalog.database`, in the metastore that Spark is set up with."""

_OF_SPARK = frozenset(
    (
        "hive", "hdfs", "webhdfs", "swebhdfs", "viewfs", "s3", "s3a", "s3n", "abfs", "abfss", "wasb", "wasbs", "adl",
        "gs", "oss", "obs", "cosn", "tos", "ks3", "bos", "o3fs", "ofs", "jfs", "alluxio",
    )
)  # fmt: skip
"""Schemes of the metastore, and of file systems that Hadoop's clients reach."""

ANOTHER_CATALOG = Message(
    "审核用 gate audit --engine spark；其他命令（--catalog）和任务（[jobs.terms.任务] catalog）"
    "须另给含同样关系的 Parquet 文件夹或数据库：docs/scale.md",
    "audit it with gate audit --engine spark; name to other commands (--catalog) and to jobs (catalog in"
    " [jobs.terms.JOB]) a folder of Parquet files, or a database, with the same relations: docs/scale.md",
)


def only_spark_reads(address: str) -> bool:
    """Whether the catalog is in a metastore, or in a file system that is not this machine's."""
    return ":" in address and _scheme(address) in _OF_SPARK


def refuse_what_only_spark_reads(address: str) -> None:
    """Raises ConfigurationError for such a catalog. It shows no more than the scheme: keys may stand in the address."""
    if only_spark_reads(address):
        scheme = _scheme(address)
        raise ConfigurationError(
            worded(
                f"{scheme}: 中的片库只有 Spark 能读，而此处读取片库不经 Spark",
                f"a catalog in {scheme}: is read by Spark alone, and here it would be read without Spark",
            ),
            remedy=ANOTHER_CATALOG(),
        )


def _scheme(address: str) -> str:
    return address.partition(":")[0].lower()
