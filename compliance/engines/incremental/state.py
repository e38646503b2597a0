"""What a run leaves for the next one to carry on from, in a hidden folder beside its files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from compliance.engines.incremental.circumstances import Circumstances
from compliance.engines.incremental.evidence import Kept
from compliance.engines.incremental.kept import Unusable
from compliance.outputs import CARRIED
from compliance.run_files import read_summary
from compliance.verdicts.waivers import Waiver

FORMAT = 1
"""Changes whenever a state written before could be misread."""
MANIFEST = "manifest.json"

RULINGS, RULINGS_SINCE, JUDGED_SINCE = "rulings.parquet", "rulings.since.parquet", "judged.since.parquet"
"""What each title was judged to be: the base, what was judged since, and the titles that the base is not valid for."""
RULED = "ruled.parquet"
"""How many titles were judged to be the same (`counting.create_ruled`)."""
ODD_TEXTS, ODD_SINCE = "odd-texts.parquet", "odd-texts.since.parquet"
"""text, permit: spellings of numbers that are not the canonical one."""
FIRST_SCREEN, HELD = "first-screen.parquet", "held.parquet"


@dataclass(frozen=True, slots=True)
class State:
    """The state that a run left, and the run's own folder."""

    run: Path
    run_id: str
    circumstances: Circumstances
    waivers: tuple[Waiver, ...]
    """Those in force."""
    evidence: Kept

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.run / CARRIED


def open_state(run: Path | None, failed: str | None = None) -> State:
    """The state of a run. Raises Unusable where there is none that this program can read.

    `failed` names the error that an attempt to go on from it ended with.
    """
    if failed is not None:
        raise Unusable(f"it failed ({failed})")
    if run is None:
        raise Unusable("there is no run before")
    path = run / CARRIED / MANIFEST
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        run_id = read_summary(run)["run_id"]
        if said["format"] != FORMAT:
            raise Unusable("the run before was written by another version of the program")
        if said["run_id"] != run_id:
            raise Unusable("the state of the run before is another run's")
        return State(
            run=run,
            run_id=run_id,
            circumstances=Circumstances(**said["circumstances"]),
            waivers=tuple(_waiver(waiver) for waiver in said["waivers"]),
            evidence=said["evidence"],
        )
    except FileNotFoundError:
        raise Unusable("the run before left no state") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"the state of the run before is damaged ({type(error).__name__})") from error


def write_manifest(
    folder: Path, *, run_id: str, circumstances: Circumstances, waivers: tuple[Waiver, ...], evidence: object
) -> None:
    """The manifest comes last: a folder without one is no state."""
    said = {
        "format": FORMAT,
        "run_id": run_id,
        "circumstances": circumstances.as_json(),
        "waivers": [asdict(waiver) for waiver in waivers],
        "evidence": evidence,
    }
    (folder / MANIFEST).write_text(json.dumps(said, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def _waiver(said: dict[str, Any]) -> Waiver:
    days = {name: date.fromisoformat(said[name]) for name in ("last_on", "granted_on", "revoked_on") if said[name]}
    return Waiver(**{**said, **days})
