"""Is a holder still alive? Told by its signs of life and the watcher's own stopwatch; no two clocks are compared.

A lease is dead once its beat has stood still for a while under continuous watch. Time in which nobody looked, since the
watcher slept or the database was away, counts for little: after it the holder has the time to be heard of again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.clockwork.rows import Holding

BEAT_S = 10.0
"""Seconds between two signs of life."""
DEAD_AFTER_S = 60.0
"""Seconds under watch without one."""
_LOOKS = 6
"""At least so many looks are taken while a beat stands still."""


@dataclass(slots=True)
class _Seen:
    fence: int
    beat: int
    at: float
    still_s: float = 0.0


class Watch:
    """What one process has seen of the leases. Under its eyes none outlives its holder by more than `dead_after_s`."""

    def __init__(self, dead_after_s: float = DEAD_AFTER_S) -> None:
        self.dead_after_s = dead_after_s
        self._seen: dict[str, _Seen] = {}

    @property
    def look_every_s(self) -> float:
        """How often to look, so that the bound is kept."""
        return self.dead_after_s / _LOOKS

    def look(self, leases: Sequence[Holding], steady_s: float) -> list[Holding]:
        """Those of the held leases whose holders are dead. `steady_s` is a stopwatch's reading in seconds."""
        self._seen = {lease.name: self._noted(lease, steady_s) for lease in leases}
        return [lease for lease in leases if self._seen[lease.name].still_s >= self.dead_after_s]

    def _noted(self, lease: Holding, steady_s: float) -> _Seen:
        before = self._seen.get(lease.name)
        if before is None or (before.fence, before.beat) != (lease.fence, lease.beat):
            return _Seen(lease.fence, lease.beat, steady_s)
        passed = min(max(steady_s - before.at, 0.0), self.look_every_s * 1.5)
        return _Seen(lease.fence, lease.beat, steady_s, before.still_s + passed)
