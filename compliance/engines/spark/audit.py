"""The audit of a whole catalog on Spark: the portable pipeline, its files brought into the run's folder."""

from __future__ import annotations

from collections.abc import Callable

from compliance.engines.audit import AuditRequest
from compliance.engines.portable.audit import Place, audit
from compliance.engines.spark.cluster import Cluster
from compliance.engines.spark.engine import SparkEngine
from compliance.engines.spark.files import Files
from compliance.engines.spark.reading import hold
from compliance.engines.spark.session import spark_session
from compliance.language import worded
from compliance.verdicts.summary import Summary


def run_audit(request: AuditRequest, cluster: Cluster, *, progress: Callable[[str], None]) -> Summary:
    """Judge the catalog on a cluster; the outputs that grow with it are folders of Parquet part files.

    Raises as `run_audit` of the embedded engine does; a run that fails leaves nothing.
    """
    own = (request.folder.absolute() / ".work").as_uri()
    place = own if cluster.work is None else f"{cluster.work.rstrip('/')}/{request.run_id}"
    progress(worded("启动 Spark", "starting Spark"))
    with spark_session(cluster) as spark:
        try:
            engine = SparkEngine(spark, place)
            catalog = hold(spark, request.catalog, mapping=request.mapping)
            return audit(Place(engine, engine, engine.keep, engine.define), catalog, request, progress=progress)
        finally:
            Files(spark).remove(place)
