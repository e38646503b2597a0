"""Where Spark runs; imported by the command line, so nothing of Spark is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Spark runs, and how."""

    master: str | None = None
    """Spark's URL of the cluster; None: what spark-submit or Spark's own configuration says."""
    work: str | None = None
    """A URI that all workers can write to and the driver can read; None: in the run's folder, which they must share."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Spark's own settings, by name."""


ANYWHERE = Cluster()
"""Wherever Spark's own configuration says."""
