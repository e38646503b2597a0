"""What tests of databases share, and those of incremental audits."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from tests.engines.one_change import sound_rows
from tests.nights import FULL, Author, World

WITHOUT_DRIVER = ("adbc_driver_postgresql", "adbc_driver_sqlite", "connectorx")


@pytest.fixture(params=["fast", "slow"])
def either_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test reads databases by the fast driver, and again as where it is not installed."""
    if request.param == "slow":
        for module in WITHOUT_DRIVER:
            monkeypatch.setitem(sys.modules, module, None)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A catalog in which all is sound, audited in full."""
    made = World(tmp_path_factory.mktemp("first"), Random(1), Author(1, 4), sound_rows())
    assert made.night().notes[-1].startswith(FULL)
    return made


@pytest.fixture
def world(first_night: World, tmp_path: Path) -> World:
    """The first night is over, and whatever happens to its outputs happens to a copy."""
    assert first_night.last is not None
    copied = copytree(first_night.last, tmp_path / first_night.last.name)
    rows = deepcopy(first_night.rows)
    return World(tmp_path, Random(1), first_night.author, rows, nights=first_night.nights, last=copied)
