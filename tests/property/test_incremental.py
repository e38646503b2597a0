"""Incremental = full, on random histories of changes: every output row by row, every number, night after night.

`GATE_NIGHTS=200 pytest tests/property/test_incremental.py` tries longer and more histories.
"""

from __future__ import annotations

import os
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.nights import HAPPENINGS, INCREMENTAL, UPHEAVALS, Happening, World

HISTORIES = int(os.environ.get("GATE_NIGHTS", "4"))
SELDOM = (*[None] * 12, *UPHEAVALS)


class Nights(RuleBasedStateMachine):
    """Days on which things happen, and after each of them a night with both audits."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.world = World.of(self.folder, seed)
        self.world.night()

    @rule(happenings=st.lists(st.sampled_from(HAPPENINGS), max_size=5), upheaval=st.sampled_from(SELDOM))
    def day_and_night(self, happenings: list[Happening], upheaval: Happening | None) -> None:
        for happen in happenings:
            happen(self.world)
        if upheaval is not None:
            upheaval(self.world)
        summary = self.world.night()
        event("incremental" if summary.notes[-1].startswith(INCREMENTAL) else "full")

    def teardown(self) -> None:
        rmtree(self.folder)


Nights.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestNights = Nights.TestCase
