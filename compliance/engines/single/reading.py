"""A state of a few titles read straight from a catalog, for when no audit has left one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.catalog.contract import check
from compliance.catalog.sources import open_catalog
from compliance.engines.duck.session import session
from compliance.engines.single.building import Asked, build_state
from compliance.engines.single.state import State
from compliance.rules.model import Rule
from compliance.rules.under_policy import needed_relations


@contextmanager
def state_from_catalog(
    uri: str,
    asked: Asked,
    *,
    rules: Sequence[Rule],
    as_of: date,
    today: date,
    mapping: Path | None = None,
    memory: str = "3GB",
    threads: int | None = None,
) -> Iterator[State]:
    """The state of the titles and numbers asked for; `rules` are the enabled ones, `today` is in Asia/Shanghai.

    The whole catalog is held to the contract, as in an audit, so that the verdicts are the same; what is kept of it is
    small. Raises CatalogError where the catalog cannot be judged.
    """
    with TemporaryDirectory(prefix="gate-state-") as folder:
        work, kept = Path(folder, "work"), Path(folder, "state")
        work.mkdir()
        kept.mkdir()
        with session(work, memory=memory, threads=threads) as con:
            check(con, open_catalog(uri, mapping=mapping), needed=needed_relations(rules), staging=work)
            build_state(con, kept, as_of=as_of, today=today, run_id="", asked=asked)
        yield State(kept)
