"""The weekly audit judges everything where there is something to prove by it, and does nothing elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from compliance.cli.config import Config
from compliance.policy import load_policy
from jobs.clockwork.model import Outcome, Work
from jobs.settings import settings_of
from jobs.weekly_audit import work
from tests.catalogs import write_catalog
from tests.clockworks import at


def on_sunday(folder: Path, engine: str, said: dict[str, Any]) -> Outcome:
    catalog = write_catalog(folder / "catalog")
    config = Config(None, load_policy(), catalog=str(catalog), out=folder / "out", engine=engine)
    asked = Work(at("2026-11-22 06:30"), config, settings_of(said, folder), folder / "out", lambda _: None)
    return work(asked)


@pytest.mark.parametrize(
    ("engine", "said"), [("duckdb", {"incremental": False}), ("postgres", {}), ("spark", {"incremental": True})]
)
def test_where_every_night_judges_everything_there_is_nothing_to_do(
    engine: str, said: dict[str, Any], tmp_path: Path
) -> None:
    outcome = on_sunday(tmp_path, engine, said)
    assert (outcome.exit_code, outcome.counts) == (0, {"judged": 0})
    assert not (tmp_path / "out").exists()


def test_where_nights_are_incremental_everything_is_judged(tmp_path: Path) -> None:
    outcome = on_sunday(tmp_path, "duckdb", {})
    assert (outcome.exit_code, outcome.counts["judged"]) == (0, 1)
