"""The audit on a Spark cluster of this machine: right first, then beside the same SQL handed to Spark by hand."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb

from tests.bench.audits import FOUND, GATE, gate_audit
from tests.bench.catalogs import AS_OF, HOME, Sample, sample, short
from tests.bench.correctness import WrongFindings, prove_gate
from tests.bench.measuring import Work, in_turn, measure, median
from tests.bench.table import Row, timed
from tests.clusters import SETTINGS, Cluster, standalone

OVERHEAD_BAR = 1.2
PEER = Path(__file__).parent / "peers" / "spark_by_hand.py"
_OUT, _BY_HAND, _LOG = HOME / "out-spark", HOME / "out-spark-by-hand", HOME / "spark-events"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one application moved, by Spark's own account: rows read, bytes of the rest."""

    read: int
    shuffled: int
    spilled: int
    peak: int
    """The largest memory that one task took for sorting, grouping and joining."""


def spark(sizes: tuple[int, ...], rounds: int) -> Iterator[Row]:
    """Equality and overhead at the smaller size; growth with size, and with workers."""
    small, large = sizes[0], sizes[-1]
    with running(workers=2, memory="1500m") as (cluster, configuration):
        work = spark_audit(sample(small), cluster, configuration)
        measure(work)
        prove_same(sample(small))
        pairs = in_turn(work, by_hand(sample(small), cluster, configuration), rounds)
        name = f"Spark, 2 workers, {short(small)} titles (peer: the same SQL by hand)"
        yield timed(name, pairs, OVERHEAD_BAR, digits=0)
        two = [median(pairs.ours)]
        if large > small:
            cost = measure(spark_audit(sample(large), cluster, configuration))
            prove_gate(sample(large), _OUT)
            two.append(cost.wall)
            yield moved(f"Spark, 2 workers, {short(large)} titles", cost.wall)
            yield Row(f"– growth, {short(small)} → {short(large)}", f"{cost.wall / two[0]:.1f} ×")
    with running(workers=1, memory="1500m") as (cluster, configuration):
        cost = measure(spark_audit(sample(small), cluster, configuration))
        prove_gate(sample(small), _OUT)
        yield moved(f"Spark, 1 worker, {short(small)} titles", cost.wall)
        yield Row(f"– one worker ÷ two, {short(small)}", f"{cost.wall / two[0]:.2f} ×")


@contextmanager
def running(workers: int, memory: str) -> Iterator[tuple[Cluster, Path]]:
    """A cluster, and a configuration of the gate for it that keeps Spark's account of what it moved."""
    HOME.mkdir(exist_ok=True)
    _emptied(_LOG)
    settings = {
        **SETTINGS,
        "spark.executor.memory": memory,
        "spark.driver.memory": "1500m",
        "spark.sql.shuffle.partitions": "16",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": _LOG.as_uri(),
    }
    configuration = HOME / "spark.toml"
    lines = [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in settings.items()]
    configuration.write_text("\n".join(["[spark.settings]", *lines, ""]), encoding="utf-8")
    with standalone(workers, memory="2g") as cluster:
        yield cluster, configuration


def spark_audit(of: Sample, cluster: Cluster, configuration: Path) -> Work:
    """`gate audit --engine spark` without reports."""
    command = [GATE, "--config", str(configuration), "audit", "--engine", "spark", "--master", cluster.url]
    command += ["--catalog", str(of.catalog), "--out", str(_OUT), "--as-of", str(AS_OF), "--no-reports"]
    return Work("gate audit on Spark", command, lambda: _emptied(_OUT, _LOG), exits=FOUND)


def by_hand(of: Sample, cluster: Cluster, configuration: Path) -> Work:
    """The same statements without the gate: no contract check, canaries, counts or publication."""
    command = [sys.executable, str(PEER), cluster.url, str(of.catalog), str(_BY_HAND), str(AS_OF), str(configuration)]
    return Work("the same SQL by hand", command, lambda: _emptied(_BY_HAND, _LOG))


def prove_same(of: Sample, *, planned: bool = True) -> None:
    """Findings with their evidence, verdicts and blocked placements are, row by row, those of the embedded engine.

    `planned`: the findings are also those of the sample's plan. Raises WrongFindings.
    """
    if planned:
        prove_gate(of, _OUT)
    work, out = gate_audit(of)
    measure(work)
    for name in ("findings", "verdicts", "blocked_placements"):
        one, other = (f"FROM read_parquet('{folder}/{name}.parquet')" for folder in (_OUT, out))
        unlike = duckdb.execute(
            f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one}))"
        ).fetchall()
        if unlike != [(0,)]:
            raise WrongFindings(f"{name}: {unlike[0][0]:,} rows are not the same on Spark and on DuckDB")


def traffic() -> Traffic:
    """What the last application moved, from its event log."""
    total = dict.fromkeys((field.name for field in fields(Traffic)), 0)
    (log,) = [path for path in _LOG.iterdir() if path.is_file() and not path.name.startswith(".")]
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            told = event.get("Task Metrics") if event["Event"] == "SparkListenerTaskEnd" else None
            if not told:
                continue
            total["read"] += told["Input Metrics"]["Records Read"]
            total["shuffled"] += told["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            total["spilled"] += told["Disk Bytes Spilled"]
            total["peak"] = max(total["peak"], told.get("Peak Execution Memory", 0))
    return Traffic(**total)


def moved(work: str, seconds: float) -> Row:
    """A line for the table of what the last application took and moved."""
    told = traffic()
    return Row(
        work,
        f"{seconds:.0f} s; {told.read / 1e6:.1f} M rows read, {told.shuffled / 2**30:.2f} GB shuffled,"
        f" {told.spilled / 2**30:.2f} GB spilled, {told.peak / 2**20:.0f} MB a task",
    )


def _emptied(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
