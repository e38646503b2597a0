"""The catalogs that are measured on: made once, kept in .bench, and made anew when what makes them has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import compliance.catalog.schema
import compliance.sample
from compliance.sample import write_sample

AS_OF = date(2026, 11, 20)
HOME = Path(__file__).parents[2] / ".bench"


@dataclass(frozen=True, slots=True)
class Sample:
    """A catalog on disk with the plan of its violations."""

    titles: int
    home: Path

    @property
    def catalog(self) -> Path:
        """The folder of Parquet files."""
        return self.home / "catalog"

    @property
    def plan(self) -> Path:
        """The findings to expect: title_id, rule, outcome, action."""
        return self.home / "plan.parquet"

    @property
    def judged(self) -> int:
        """How many titles have a verdict."""
        return int(json.loads((self.home / "plan.json").read_text())["judged"])

    def warm(self) -> None:
        """Read every file once, so that each process finds them in the page cache."""
        for path in self.catalog.iterdir():
            with path.open("rb") as file:
                while file.read(1 << 24):
                    pass


def short(titles: int) -> str:
    """200 k, 10 M."""
    return f"{titles // 1_000_000} M" if titles % 1_000_000 == 0 else f"{titles // 1_000} k"


def sample(titles: int) -> Sample:
    """The sample of that size, made now if it is not there."""
    name = f"catalog-{titles}"
    home = HOME / f"{name}-{_fingerprint()}"
    if not home.exists():
        HOME.mkdir(exist_ok=True)
        for old in HOME.glob(f"{name}-*"):
            shutil.rmtree(old)
        unfinished = HOME / f"{name}-unfinished"
        plan = write_sample(unfinished / "catalog", titles, as_of=AS_OF)
        plan.write(unfinished / "plan.parquet")
        (unfinished / "plan.json").write_text(json.dumps({"judged": plan.judged, "rows": dict(plan.rows)}))
        unfinished.rename(home)
    return Sample(titles, home)


def _fingerprint() -> str:
    """Changes with the code that makes a sample."""
    sources = sorted(Path(path) for path in Path(compliance.sample.__file__).parent.glob("*.py"))
    digest = hashlib.sha256(AS_OF.isoformat().encode())
    for path in (*sources, Path(compliance.catalog.schema.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
