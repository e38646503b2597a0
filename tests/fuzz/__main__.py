"""Change many cells of sample catalogs, audit each catalog, and hold what must hold.

    python -m tests.fuzz --cells 100000 [--batch 1000] [--titles 2000] [--seed 1]

Each trial changes a batch of cells of a fresh catalog. The first trial that fails ends the run with its seed, by which
`--seed N --cells <batch>` repeats it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.sample import write_sample
from tests.fuzz.mutations import Mutator
from tests.fuzz.trials import AS_OF, read_catalog, trials, try_catalog

EVERY = 20
"""In one trial of so many a column breaks the contract as a whole: it must stop."""


def run() -> int:
    """All trials; 1 where one failed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cells", type=int, default=100_000)
    options.add_argument("--batch", type=int, default=1_000, help="cells changed in one catalog")
    options.add_argument("--titles", type=int, default=2_000, help="titles of a catalog")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    begun = time.monotonic()
    codes: Counter[int] = Counter()
    totals: Counter[str] = Counter()
    with TemporaryDirectory(prefix="gate-fuzz-") as place:
        folder = Path(place)
        write_sample(folder / "sample", chosen.titles, as_of=AS_OF)
        sample = read_catalog(folder / "sample")
        for seed, cells in enumerate(trials(chosen.cells, chosen.batch), start=chosen.seed):
            relations = deepcopy(sample)
            mutator = Mutator(seed)
            mutator.mutate(relations, cells)
            if seed % EVERY == 0:
                mutator.break_column(relations)
            try:
                tally = try_catalog(relations, folder / "trial")
                assert (tally.decisions is None) == (seed % EVERY == 0), (
                    "judged with an unknown word, or stopped without"
                )
            except Exception:
                print(f"trial {seed} failed: repeat it with --seed {seed} --cells {cells} --batch {cells}")  # noqa: T201 - this is a program that prints
                raise
            shutil.rmtree(folder / "trial")
            codes[tally.code] += 1
            totals.update(judged=tally.judged, quarantined=tally.quarantined, wrong_numbers=tally.wrong_numbers)
            totals.update(tally.decisions or {"stopped": 1})
    print(f"{chosen.cells:,} cells changed in {sum(codes.values()):,} catalogs, {time.monotonic() - begun:.0f} s")  # noqa: T201 - this is a program that prints
    print(f"exit codes: {dict(sorted(codes.items()))}")  # noqa: T201 - this is a program that prints
    print(", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in totals.items()))  # noqa: T201 - this is a program that prints
    print("no traceback, every count adds up, no wrong number allowed")  # noqa: T201 - this is a program that prints
    return 0


if __name__ == "__main__":
    sys.exit(run())
