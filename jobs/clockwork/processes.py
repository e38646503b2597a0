"""Each run in a process of its own, as cron would start it: what kills a run does not kill the clock."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

from jobs.clockwork.model import Job

_PATIENCE_S = 60
_GATE = "from compliance.cli.main import run; run()"


class Processes:
    """The runs that this clock has started."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._running: set[subprocess.Popen[bytes]] = set()
        self._turn = threading.Lock()
        self._stopping = False

    def start(self, job: Job, scheduled_for: datetime) -> int | None:
        """Run `gate run`, wait until it has ended, and say with which code; None where nothing is started any more."""
        where = [] if self._config is None else ["--config", str(self._config)]
        command = [sys.executable, "-c", _GATE, *where, "run", job.name, "--scheduled-for", scheduled_for.isoformat()]
        with self._turn:
            if self._stopping:
                return None
            # Its output would be twice in the journal: what is to be told, it logs.
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 - this program itself, without a shell
            self._running.add(process)
        try:
            return process.wait()
        finally:
            with self._turn:
                self._running.discard(process)

    def stop(self) -> None:
        """Ask all that run to stop, and end those that do not."""
        with self._turn:
            self._stopping = True
            running = list(self._running)
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
