"""States for tests, built from catalogs as an audit builds them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from compliance.catalog.contract import check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.engines.duck.session import session
from compliance.engines.single.building import Asked, build_state
from compliance.engines.single.state import State


def state_of(
    catalog: Path, folder: Path, *, as_of: date, today: date | None = None, asked: Asked | None = None
) -> State:
    """Check the catalog, build its state in the folder, and open it."""
    folder.mkdir(parents=True)
    work = folder.with_name(f"{folder.name}-work")
    work.mkdir()
    with session(work, memory="1GB", threads=2) as con:
        check(con, open_catalog(str(catalog)), needed=dict.fromkeys(RELATIONS, ()), staging=work)
        build_state(con, folder, as_of=as_of, today=today or as_of, run_id="run", asked=asked)
    return State(folder)
