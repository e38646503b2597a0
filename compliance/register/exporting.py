"""Export the register as the relation `register` of a catalog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from compliance.catalog.schema import REGISTER, SYSTEMS
from compliance.catalog.sources import literal
from compliance.embedded import connect
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.register.held import ensure_held, load_held
from compliance.register.sheets import write_sheet
from compliance.register.store import Store

COLUMNS = tuple(column.name for column in REGISTER.columns)
_ORDER = "ORDER BY system, number, title_name"


def export_register(store: Store, out: Path, systems: Sequence[str] | None = None) -> int:
    """Write the rows of these systems (all where None) as .parquet, .csv or .xlsx, in order; how many there are.

    A row that has left its extract is there with status `expired`. Raises RegisterError where nothing is held.
    """
    if out.suffix.lower() not in (".parquet", ".csv", ".xlsx"):
        raise ConfigurationError(
            worded(f"{out}：不是 .parquet、.csv 或 .xlsx", f"{out}: not .parquet, .csv or .xlsx"),
            remedy=worded("写成其中一种文件", "name a file of one of these kinds"),
        )
    ensure_held(store, systems or SYSTEMS)
    with TemporaryDirectory(prefix="gate-register-") as folder, connect() as con:
        load_held(con, store, Path(folder), systems)
        (rows,) = con.execute("SELECT count(*) FROM held").fetchall()[0]
        query = f"SELECT {', '.join(COLUMNS)} FROM held {_ORDER}"
        if out.suffix.lower() == ".parquet":
            _write_parquet(con, query, out)
        else:
            write_sheet(out, COLUMNS, con.execute(query).fetchall(), title="register")
    return int(rows)


def _write_parquet(con: duckdb.DuckDBPyConnection, query: str, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        con.execute(f"COPY ({query}) TO {literal(str(unfinished))} (FORMAT parquet, COMPRESSION zstd)")
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
