"""All signals of one process: events of a run go to the log and the health check; then come metrics and alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from errno import errorcode

import structlog

from compliance.errors import ConfigurationError
from jobs.clockwork.database import Database, JobsDatabaseError
from jobs.clockwork.leases import Lease
from jobs.clockwork.timing import Timing
from jobs.settings import Settings
from jobs.signals.alerts import Send, by_apprise, deliver
from jobs.signals.metrics import JobsCollector, write_metrics
from jobs.signals.pings import Event, ping

log = structlog.get_logger()


@dataclass(slots=True)
class Station:
    """What `jobs.clockwork.performing.Signals` asks for, and the telling afterwards."""

    database: Database
    settings: Settings
    collector: JobsCollector
    timing: Timing
    send: Send = by_apprise

    def started(self, lease: Lease) -> None:
        """An attempt begins."""
        structlog.contextvars.bind_contextvars(job=lease.job, run=run_name(lease), attempt=lease.attempt)
        log.info("started", fence=lease.fence)
        self._ping(lease.job, "start")

    def stage(self, lease: Lease, stage: str) -> None:  # noqa: ARG002 - the log knows the run
        """It has come to a stage of its work."""
        log.info("stage", stage=stage)

    def ended(self, lease: Lease, ended: str, exit_code: int | None, error: BaseException | None) -> None:
        """It is over."""
        tell: Callable[..., object] = log.info if ended == "done" else log.error
        tell(ended, exit_code=exit_code, error=type(error).__name__ if error else None)
        structlog.contextvars.clear_contextvars()
        if ended in ("done", "failed"):
            self._ping(lease.job, "success" if ended == "done" else "fail")

    def database_away(self, error: JobsDatabaseError) -> None:
        """The database of the jobs does not answer."""
        log.warning("database away", error=type(error.__cause__).__name__, cause=_code_of(error.__cause__))

    def tell(self) -> None:
        """Send the alerts that wait, and write the metrics. What cannot be told now is told the next time."""
        try:
            for owner in deliver(self.database, self.settings.channels, self.timing, self.send):
                log.error("alert not sent", owner=owner)
        except ConfigurationError as error:
            log.warning("no channels", error=type(error).__name__)
        except JobsDatabaseError as error:
            self.database_away(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever a channel does, the run has ended as it has
            log.warning("alerts not sent", error=type(error).__name__)
        if self.settings.metrics is not None:
            try:
                write_metrics(self.collector, self.settings.metrics)
            except JobsDatabaseError as error:
                self.database_away(error)
            except OSError as error:
                log.warning("metrics not written", error=type(error).__name__)

    def _ping(self, job: str, event: Event) -> None:
        try:
            url = self.settings.ping(job)
            if url is not None and not ping(url, event):
                log.warning("ping not taken", ping=event)
        except Exception as error:  # noqa: BLE001 - a wrong URL or secret: whatever it is, it fails no run
            log.warning("no ping", error=type(error).__name__)


def run_name(lease: Lease) -> str:
    """The run in the log: one name for all attempts, on whatever host."""
    return f"{lease.job}/{lease.scheduled_for:%Y%m%dT%H%M%SZ}"


def _code_of(cause: BaseException | None) -> str | None:
    """The code of what ails a database: SQLITE_FULL, 28P01, EACCES. Its text may quote an address."""
    driver = getattr(cause, "orig", None) or cause
    if isinstance(driver, OSError):
        return errorcode.get(driver.errno or 0)
    return getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None)
