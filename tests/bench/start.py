"""How long the command line takes to come up."""

from __future__ import annotations

import sys

from tests.bench.audits import GATE
from tests.bench.measuring import Work, in_turn, measure, median
from tests.bench.table import Row

BAR = 0.25


def start(rounds: int) -> Row:
    """`gate --help`, beside Python doing nothing."""
    ours, bare = Work("gate --help", [GATE, "--help"]), Work("python", [sys.executable, "-c", ""])
    measure(ours)
    pairs = in_turn(ours, bare, rounds)
    wall = median(pairs.ours)
    return Row(
        "`gate --help`, beside bare Python",
        f"{wall:.3f} s",
        f"{median(pairs.peers):.3f} s",
        figure=wall,
        bar=BAR,
        unit="s",
        ratio=pairs.ratio(),
    )
