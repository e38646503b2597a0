"""Files on any file system that Spark's Hadoop client knows: `file:`, `hdfs:`, `s3a:` and others."""

from __future__ import annotations

import shutil
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Files:
    """Looks into folders, and brings files here, by Hadoop's client in the driver."""

    def __init__(self, spark: SparkSession) -> None:
        self._jvm, self._configuration = hadoop(spark)

    def holds_files(self, uri: str) -> bool:
        """Whether there is a file, or a folder with a file in it at any depth; hidden ones do not count."""
        path, system = self._open(uri)
        if not system.exists(path):
            return False
        status = system.getFileStatus(path)
        if status.isFile():
            return True
        return any(
            self.holds_files(child.getPath().toString())
            for child in system.listStatus(path)
            if not child.getPath().getName().startswith(("_", "."))
        )

    def is_folder(self, uri: str) -> bool:
        """Whether there is a folder."""
        path, system = self._open(uri)
        return bool(system.exists(path) and system.getFileStatus(path).isDirectory())

    def holds(self, folder: str, pattern: str) -> bool:
        """Whether something in that folder, or in one of its folders, has such a name: `name` or `folder/*.end`."""
        step, _, name = pattern.rpartition("/")
        path, system = self._open(f"{folder}/{step}" if step else folder)
        if not system.exists(path):
            return False
        return any(fnmatchcase(child.getPath().getName(), name) for child in system.listStatus(path))

    def bring(self, uri: str, target: Path) -> None:
        """Move a folder of part files to a local path; what Hadoop leaves beside them is dropped."""
        own = local_path(uri)
        if own is not None:
            own.rename(target)
        else:
            path, system = self._open(uri)
            system.copyToLocalFile(True, path, self._jvm.org.apache.hadoop.fs.Path(str(target)))
        for beside in [*target.rglob(".*.crc"), *target.rglob("_*")]:
            beside.unlink()

    def remove(self, uri: str) -> None:
        """Remove a folder, if it is there."""
        own = local_path(uri)
        if own is not None:
            shutil.rmtree(own, ignore_errors=True)
        else:
            path, system = self._open(uri)
            system.delete(path, True)

    def _open(self, uri: str) -> tuple[Any, Any]:
        path = self._jvm.org.apache.hadoop.fs.Path(uri)
        return path, path.getFileSystem(self._configuration)


def hadoop(spark: SparkSession) -> tuple[Any, Any]:
    """The session's Java machine, which has Hadoop's and Parquet's libraries, and Hadoop's configuration."""
    jvm = spark._jvm  # noqa: SLF001 - PySpark has no other way to the libraries
    return jvm, spark._jsc.hadoopConfiguration()  # noqa: SLF001 - nor to what the session has set for them


def local_path(uri: str) -> Path | None:
    """The path of a `file:` URI; None where the URI lies elsewhere."""
    parts = urlsplit(uri)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
