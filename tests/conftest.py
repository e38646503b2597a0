"""What every test may use; and tests of programs that no Python wheel ships are named where the program is absent."""

from __future__ import annotations

import os
import shutil

import pytest

PROGRAMS = {
    "mariadb": ("mariadbd", "mysqld"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "libreoffice": ("soffice", "libreoffice"),
}
"""By marker: the names under which its program may be installed."""

SEARCHED = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def program(marker: str) -> str | None:
    """The path of a marker's program; None where it is not installed."""
    found = (shutil.which(name, path=SEARCHED) for name in PROGRAMS[marker])
    return next((path for path in found if path), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without its program a test is not run, and says so; in CI, which installs the programs, it fails."""
    for marker in PROGRAMS:
        if item.get_closest_marker(marker) and program(marker) is None:
            absent = f"not run: {' or '.join(PROGRAMS[marker])} is not installed"
            if os.environ.get("GATE_CI") == "1":
                pytest.fail(absent)
            pytest.skip(absent)
