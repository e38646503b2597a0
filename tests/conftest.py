"""What every test may use: database servers, started when a test first asks for one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
import structlog

from compliance.language import choose
from tests import servers
from tests.labels.fonts import find_font

Maker = Callable[[], str]
"""Makes an empty database and gives its URL."""


PROGRAMS = {
    "mariadb": servers.MARIADB_PROGRAMS,
    "chromium": ("chromium",),
    "libreoffice": ("soffice",),
    "spark": ("java",),
    "systemd": ("systemd-analyze",),
    "promtool": ("promtool",),
}
"""By marker: the programs that its tests need and no Python wheel ships."""


@pytest.fixture(autouse=True)
def english() -> None:
    """Messages are English unless a test says otherwise, whatever the test before has chosen."""
    choose("en")


@pytest.fixture(autouse=True)
def unconfigured_log() -> Iterator[None]:
    """A command may have set the log up over a stream that only its test had."""
    yield
    structlog.reset_defaults()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without its programs a test is not run, and says so; in CI, which installs them all, it fails."""
    for marker, names in PROGRAMS.items():
        absent = [name for name in names if servers.program(name) is None]
        if absent and item.get_closest_marker(marker):
            _not_run(f"{', '.join(absent)} not installed")
    if item.get_closest_marker("cjk_font") and find_font() is None:
        _not_run("no CJK font installed (fonts-noto-cjk)")


def _not_run(why: str) -> None:
    if os.environ.get("GATE_CI") == "1":
        pytest.fail(f"not run: {why}")
    pytest.skip(f"not run: {why}")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Maker]:
    """New databases on a PostgreSQL server."""
    with servers.postgresql() as url:
        yield _maker(url)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    """New databases on a MariaDB server."""
    with servers.mariadb(tmp_path_factory.mktemp("mariadb")) as url:
        yield _maker(url)


def _maker(server: str) -> Maker:
    url = sa.make_url(server)
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[url.drivername]
    engine = sa.create_engine(url.set(drivername=driver), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    numbers = itertools.count(1)

    def make() -> str:
        name = f"catalog_{next(numbers)}"
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        return url.set(database=name).render_as_string(hide_password=False)

    return make
