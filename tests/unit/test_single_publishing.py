"""An audit leaves the state of its run, published with everything else."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance import runs
from compliance.engines.single.deciding import Decider
from compliance.engines.single.errors import StateError
from compliance.engines.single.state import open_state
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.verdicts.summary import Summary
from tests.catalogs import write_catalog

AS_OF = date(2026, 11, 23)


def audited(folder: Path, *, state: bool = True) -> Summary:
    wanted = runs.Audit(
        str(folder / "catalog"), folder / "out", AS_OF, load_policy(), reports=False, memory="1GB", state=state
    )
    return runs.audit(wanted, progress=lambda _: None)


def test_the_state_is_that_of_the_current_run_and_earlier_ones_lose_theirs(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog")
    first, second = audited(tmp_path), audited(tmp_path)
    state = open_state(tmp_path / "out")
    assert (second.run_id, AS_OF) == (state.run_id, state.as_of)
    assert "allow" == Decider(state, load_rules(), load_policy(), AS_OF).decide("t1").decision
    kept = tmp_path / "out" / ".runs" / first.run_id
    assert (True, False) == ((kept / "verdicts.parquet").exists(), (kept / "state").exists())


def test_a_state_that_is_open_stays_readable_when_the_next_run_takes_its_place(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog")
    audited(tmp_path)
    state = open_state(tmp_path / "out")
    audited(tmp_path)
    assert "t1" == (state.title("t1") or {})["title_id"]


def test_a_run_without_a_state_leaves_none(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog")
    audited(tmp_path)
    audited(tmp_path, state=False)
    with pytest.raises(StateError, match="holds no state"):
        open_state(tmp_path / "out")
