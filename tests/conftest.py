"""What every test may use: database servers, started when a test first asks for one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from tests import servers

Maker = Callable[[], str]
"""Makes an empty database and gives its URL."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the server program, tests that need it are listed as not run."""
    if all(servers.program(name) for name in servers.MARIADB_PROGRAMS):
        return
    for item in items:
        if item.get_closest_marker("mariadb"):
            item.add_marker(pytest.mark.skip(reason="not run: MariaDB server program absent"))


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
