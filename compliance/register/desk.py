"""What a person at the desk needs at hand: the catalog's facts, judged against the gate's own register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from compliance.catalog.contract import check
from compliance.catalog.parquet import open_folder
from compliance.catalog.sources import Catalog, Part, literal, open_catalog
from compliance.engines.duck.gathering import gather_facts
from compliance.engines.duck.lookups import create_lookups
from compliance.engines.duck.session import session
from compliance.policy import Policy
from compliance.register.exporting import COLUMNS
from compliance.register.held import load_held
from compliance.register.store import Store
from compliance.register.tables import ASSIGNED

_NOBODY = (
    "SELECT 'V00000000000000' AS permit_number, '-' AS title_name, NULL::VARCHAR AS alt_name,"
    " NULL::VARCHAR AS producer,"
    " NULL::VARCHAR AS filing_org, NULL::VARCHAR AS platform, 'pending' AS status, NULL::DATE AS issued_on,"
    " 'key' AS system, NULL::TIMESTAMP AS reported_at, TIMESTAMP '2000-01-01' AS updated_at"
)
"""A register without rows stops the check of a catalog; on a platform's first day there is none yet."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Which catalog, as of which day, and which register."""

    catalog: str
    store: Store
    policy: Policy
    as_of: date
    mapping: Path | None = None
    memory: str = "2GB"
    threads: int | None = None


class _WithRegister(Catalog):
    """A catalog whose register is the gate's own."""

    def __init__(self, catalog: Catalog, folder: Path) -> None:
        self._catalog, self._own = catalog, open_folder(folder)
        self.where = catalog.where

    @contextmanager
    def one_state(self) -> Iterator[frozenset[str]]:
        with self._catalog.one_state() as present:
            yield present | {"register"}

    def present(self) -> frozenset[str]:
        return self._catalog.present() | {"register"}

    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:
        source = self._own if relation == "register" else self._catalog
        return source.attach(con, relation, staging=staging)


@contextmanager
def at_desk(desk: Desk) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `facts` and the clean relations of the catalog, the register as `held`, and `assigned`.

    `held` (compliance.register.held.HELD); `assigned` (platform, title_id, number, assigned_at): numbers the platform
    gave. Raises CatalogError where the catalog cannot be judged.
    """
    with (
        TemporaryDirectory(prefix="gate-desk-") as folder,
        session(Path(folder), memory=desk.memory, threads=desk.threads) as con,
    ):
        place = Path(folder, "register")
        place.mkdir()
        load_held(con, desk.store, place)
        (rows,) = con.execute("SELECT count(*) FROM held").fetchall()[0]
        query = f"SELECT {', '.join(COLUMNS)} FROM held" if rows else _NOBODY
        own = Path(folder, "own")
        own.mkdir()
        con.execute(f"COPY ({query}) TO {literal(str(own / 'register.parquet'))} (FORMAT parquet)")
        catalog = open_catalog(desk.catalog, mapping=desk.mapping)
        check(con, _WithRegister(catalog, own), needed={}, staging=Path(folder))
        create_lookups(con, desk.policy)
        gather_facts(con, desk.policy, desk.as_of, ())
        _load_assigned(con, desk.store)
        yield con


def _load_assigned(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    columns = [ASSIGNED.c.platform, ASSIGNED.c.title_id, ASSIGNED.c.number, ASSIGNED.c.assigned_at]
    with store.reading() as connection:
        rows = [] if connection is None else [tuple(row) for row in connection.execute(sa.select(*columns))]
    fields = pa.schema([(column.name, pa.string()) for column in columns])
    arrays = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(columns))]
    con.register("assigned_rows", pa.table(arrays, schema=fields))
    con.execute("CREATE TEMP TABLE assigned AS SELECT * FROM assigned_rows")
    con.unregister("assigned_rows")
