"""A Spark cluster on this machine: a standalone master and workers, from the PySpark wheel, on loopback."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE_S = 120
EXECUTOR_MEMORY = "700m"
SETTINGS = {
    "spark.executor.memory": EXECUTOR_MEMORY,
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.pyspark.python": sys.executable,
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).parents[1]),
}
"""Two executors of one core; partitions as few as small catalogs need."""
_SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
QUICK = {
    **SETTINGS,
    "spark.driver.extraJavaOptions": _SHORT_LIVED,
    "spark.executor.extraJavaOptions": _SHORT_LIVED,
    "spark.sql.codegen.wholeStage": "false",
}
"""For a few audits of small catalogs: what code compiles to is not worth its compilation."""


@dataclass
class Cluster:
    """A master and its workers."""

    url: str
    home: Path
    memory: str
    """Of one worker."""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self) -> None:
        """Start one more worker and wait until it is registered."""
        number = len(self.workers) + 1
        log = self.home / f"worker-{number}.log"
        command = [
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            "127.0.0.1",
            "--cores",
            "1",
            "--memory",
            self.memory,
        ]
        command += ["--webui-port", "0", "--work-dir", str(self.home / f"work-{number}"), self.url]
        self.workers.append(_start(command, log))
        _wait_for(log, r"Successfully registered with master")

    def kill_worker(self) -> None:
        """End the last worker and its executors as a machine that loses power would."""
        _kill(self.workers.pop())


@contextmanager
def standalone(workers: int, memory: str = "1g") -> Iterator[Cluster]:
    """A cluster with that many workers of one core each; ended, with all its processes, when the block ends."""
    home = Path(tempfile.mkdtemp(prefix="gate-spark-"))
    log = home / "master.log"
    master = _start(
        ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"], log
    )
    cluster = Cluster(_wait_for(log, r"Starting Spark master at (spark://\S+)"), home, memory)
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        for process in (*cluster.workers, master):
            _kill(process)
        shutil.rmtree(home, ignore_errors=True)


def _start(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """A Java process in a session of its own, so that the executors it starts end with it."""
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("wb") as file:
        return subprocess.Popen(
            [str(home / "bin" / "spark-class"), *command],
            env=environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def _kill(process: subprocess.Popen[bytes]) -> None:
    for pid in [*_children(process.pid), process.pid]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(_PATIENCE_S)


def _children(pid: int) -> list[int]:
    """All processes that descend from one."""
    own = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _parent(stat) == pid]
    return [descendant for child in own for descendant in (*_children(child), child)]


def _parent(stat: Path) -> int | None:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _wait_for(log: Path, pattern: str) -> str:
    give_up_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up_at:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[found.re.groups]
        time.sleep(0.1)
    raise AssertionError(f"{log} says no {pattern}:\n{log.read_text(errors='replace')[-2000:]}")
