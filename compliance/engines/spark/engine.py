"""The portable audit on Spark: temporary views, relations kept as Parquet, Python where the rows are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from compliance.catalog.sources import literal
from compliance.engines.portable.engine import Reading
from compliance.engines.portable.steps import translated
from compliance.engines.spark.files import Files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SMALL = 64 << 20
"""Relations that the program gives are sent whole to every worker up to this size."""


class SparkEngine:
    """Views of one session. What is kept lies in the folder `work`, which all workers must see."""

    dialect = "spark"

    def __init__(self, spark: SparkSession, work: str) -> None:
        self._spark = spark
        self._work = work
        self._files = Files(spark)

    def define(self, name: str, select: str) -> None:
        """A temporary view."""
        self._frame(select).createOrReplaceTempView(name)

    def keep(self, name: str, select: str) -> None:
        """A view of Parquet files: a worker that is lost takes nothing with it that was finished."""
        self._keep(name, self._frame(select))

    def give(self, name: str, table: pa.Table) -> None:
        """A view of rows that travel with the plan; joined by sending them to every worker."""
        from pyspark.sql.functions import broadcast, col

        # Wall time goes as text: Spark would take it for an instant, and shift it where the clocks were put forward.
        walls = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
        as_text = [pa.field(f.name, pa.string()) if f.name in walls else f for f in table.schema]
        frame = self._spark.createDataFrame(table.cast(pa.schema(as_text)))
        frame = frame.withColumns({name: col(name).cast("timestamp_ntz") for name in walls}) if walls else frame
        (broadcast(frame) if table.nbytes < _SMALL else frame).createOrReplaceTempView(name)

    def read(self, name: str, select: str, reading: Reading) -> None:
        """Python reads the rows in the workers, which must have this package installed."""
        schema = ", ".join(f"{field.name} {_SPARK_TYPES[field.type]}" for field in reading.schema)
        self._keep(name, self._frame(select).mapInArrow(reading.batches, schema))

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        """The rows of a small answer."""
        return [tuple(row) for row in self._frame(select).collect()]

    def json_text(self, fields: dict[str, str]) -> str:
        """Spark's own; the session is set to show NULL values."""
        listed = ", ".join(f"{literal(name)}, {value}" for name, value in fields.items())
        return f"TO_JSON(NAMED_STRUCT({listed}))"

    def as_text(self, column: str) -> str:
        """As Spark writes it, in the session's zone."""
        return f"CAST({column} AS VARCHAR)"

    def wall_time(self, instant: str) -> str:
        """In the session's zone, which is Asia/Shanghai."""
        return f"CAST({instant} AS TIMESTAMP)"

    def write(self, select: str, path: Path, *, order: str = "", single: bool = False) -> None:
        """A folder of part files, in whatever order; ordered only where it is one."""
        ordered = f"{select} ORDER BY {order}" if single and order else select
        frame = self._frame(ordered)
        place = f"{self._work}/out-{path.name.lstrip('.')}"
        (frame.coalesce(1) if single else frame).write.mode("overwrite").parquet(place)
        self._files.bring(place, path)

    def _frame(self, select: str) -> DataFrame:
        return self._spark.sql(translated(select, self.dialect))

    def _keep(self, name: str, frame: DataFrame) -> None:
        place = f"{self._work}/{name}"
        frame.write.mode("overwrite").parquet(place)
        self._spark.read.schema(frame.schema).parquet(place).createOrReplaceTempView(name)


_SPARK_TYPES = {
    pa.string(): "STRING",
    pa.int32(): "INT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}
