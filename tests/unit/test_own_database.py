"""What may stand as the URL of a database of the gate's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.ledger.store import Ledger
from compliance.register.store import Store
from jobs.clockwork.database import Database

OWNERS: dict[str, Callable[[str], object]] = {
    "the ledger": lambda url: Ledger(Path("ledger"), url=url),
    "the register": Store,
    "the jobs' records": Database,
}


@pytest.mark.parametrize("owner", OWNERS)
def test_another_kind_of_database_is_refused_by_whom_it_was_given_to(owner: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        OWNERS[owner]("mysql://gate:s3cret@host/gate")
    assert told.value.message == f"{owner} cannot live in mysql"


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize(
    "url", ["ledger.sqlite", "postgresql//gate:s3cret@host", "postgresql://gate:s3cret@host:port/gate"]
)
def test_what_is_no_url_is_told_without_what_it_may_hide(owner: str, url: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        OWNERS[owner](url)
    assert told.value.message == f"the database URL for {owner} is not understood"
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("owner", OWNERS)
def test_a_url_of_postgresql_gets_the_driver_that_is_installed(owner: str) -> None:
    made = OWNERS[owner]("postgresql://gate@host/gate")
    assert made.url.drivername == "postgresql+psycopg"  # type: ignore[attr-defined] - all of them have one
