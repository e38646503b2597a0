#!/bin/sh
# The nightly audit on a cluster, driver here. Arguments go to `gate audit`: submit.sh --as-of 2026-11-27
#
# Every worker needs this package in the same version (its Python reads odd numbers and near names), and OUT must lie on
# a file system that all workers share; else name one that they do share as [spark] work in gate.toml, such as
# hdfs:///tmp/gate: finished files are then brought to OUT.
set -eu
: "${SPARK_MASTER:=yarn}" "${GATE_HOME:=/opt/microdrama-gate}" "${CATALOG:=hdfs:///warehouse/catalog}" "${OUT:=/data/gate}"
export PYSPARK_PYTHON="$GATE_HOME/bin/python"
exec spark-submit \
    --master "$SPARK_MASTER" --deploy-mode client \
    --conf spark.driver.memory=4g \
    --conf spark.executor.memory=6g --conf spark.executor.cores=4 --conf spark.executor.memoryOverhead=2g \
    --conf spark.sql.shuffle.partitions=400 \
    --conf spark.task.maxFailures=4 \
    --conf spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs=false \
    "$(dirname "$0")/gate.py" audit --engine spark --catalog "$CATALOG" --out "$OUT" --exit-zero "$@"
