"""What tests of databases share."""

from __future__ import annotations

import sys

import pytest

WITHOUT_DRIVER = ("adbc_driver_postgresql", "adbc_driver_sqlite", "connectorx")


@pytest.fixture(params=["fast", "slow"])
def either_reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test reads databases by the fast driver, and again as where it is not installed."""
    if request.param == "slow":
        for module in WITHOUT_DRIVER:
            monkeypatch.setitem(sys.modules, module, None)
