"""Time as the jobs see it: what the clock says, a stopwatch, and waiting. A test brings its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from compliance import clock


@dataclass(frozen=True, slots=True)
class Timing:
    """Where time comes from."""

    now: Callable[[], datetime] = clock.now
    """The present instant, in UTC; it may jump."""
    steady: Callable[[], float] = clock.steady
    """A stopwatch, in seconds; it never goes back."""
    sleep: Callable[[float], None] = time.sleep
    """Wait for so many seconds."""
