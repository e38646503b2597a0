"""A Spark session for one audit, and what Spark complains of said so that a user knows what to do."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from compliance.engines.spark.cluster import Cluster
from compliance.errors import ConfigurationError, GateError
from compliance.language import worded

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ALWAYS = {
    # Instants are shown, and cast to wall time, as the contract has it.
    "spark.sql.session.timeZone": "Asia/Shanghai",
    # An overflow or a bad cast stops the run instead of leaving a NULL.
    "spark.sql.ansi.enabled": "true",
    # One number on a million titles, one title with a million placements: the large side of a join is split.
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.skewJoin.enabled": "true",
    # Evidence shows every value that a rule saw, also those that are empty.
    "spark.sql.jsonGenerator.ignoreNullFields": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # A folder `platform=01` holds the platform 01, not the number 1.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # A file that is damaged or gone stops the run instead of leaving its rows out.
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
}
_AT_START = {
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


@contextmanager
def spark_session(cluster: Cluster) -> Iterator[SparkSession]:
    """A session of its own in the Spark application of this process, which is started where there is none.

    Raises ConfigurationError where Spark is not installed or does not start, GateError where the work fails.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError(
            worded(f"引擎 spark 需要 PySpark（{error}）", f"the engine spark needs PySpark ({error})"),
            remedy=worded(
                "安装 microdrama-gate[spark] 以及 Java 17 或更新版本",
                "install microdrama-gate[spark] and Java 17 or newer",
            ),
        ) from None
    # PySpark warns of pandas 3 wherever it finds it, and only Arrow is used here.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    # Only spark-submit heeds the setting; a driver that is started from Python asks the environment.
    os.environ.setdefault("PYSPARK_PYTHON", cluster.settings.get("spark.pyspark.python", sys.executable))
    running = SparkSession.getActiveSession()
    if running is None:
        running, ours = _start(cluster), True
    else:
        ours = False
    try:
        session = running.newSession()
        for name, value in _ALWAYS.items():
            session.conf.set(name, value)
        with _explained(PySparkException):
            yield session
    finally:
        if ours:
            running.stop()


def _start(cluster: Cluster) -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("microdrama-gate")
    for name, value in {**_AT_START, **cluster.settings}.items():
        builder = builder.config(name, value)
    if cluster.master is not None:
        builder = builder.master(cluster.master)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise ConfigurationError(
            worded("Spark 未能启动", "Spark does not start"),
            problems=[_first_line(error)],
            remedy=worded(
                "确认已安装 Java 17 或更新版本，且 --master 指向集群（local[*] 不需要集群）",
                "see that Java 17 or newer is installed and that --master names the cluster (local[*] needs none)",
            ),
        ) from error


@contextmanager
def _explained(of_spark: type[Exception]) -> Iterator[None]:
    from py4j.protocol import Py4JError

    try:
        yield
    except (of_spark, Py4JError) as error:
        raise GateError(
            worded("Spark 未能完成审核；什么都没有发布", "Spark could not finish the run; nothing was published"),
            problems=[_first_line(error)],
            remedy=worded(
                "查看 Spark 页面上本应用的日志；审核可以随时重跑",
                "see the application's log in Spark's own pages; a run can be repeated at any time",
            ),
        ) from error


def _first_line(error: Exception) -> str:
    """What is said first, or, of a Python worker's error, what its trace ends with."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("An error occurred while calling")] or [type(error).__name__]
    return lines[-1] if "Python worker" in lines[0] else lines[0]
