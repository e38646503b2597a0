"""What the embedded engine must not do: lose rows of a join without a word.

Builds of DuckDB between releases have filtered the left side of a join by a part of its right side, where that side
went to disk (duckdb/duckdb issues 25702 and 22075). An audit spills by design, so the engine in use is held to it here.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from compliance.embedded import connect, sifted

ROWS = 3_000_000
LIMIT = "120MB"
SOME = "'some.parquet'"
JOINS = {
    "semi": f"FROM 'many.parquet' SEMI JOIN {sifted(SOME, 'k')} USING (k)",
    "inner": "FROM 'many.parquet' JOIN 'some.parquet' USING (k)",
    "in": "FROM 'many.parquet' WHERE k IN (SELECT k FROM 'some.parquet')",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`many.parquet`, and in another order half of its keys in `some.parquet`."""
    made = tmp_path_factory.mktemp("joins")
    keys = {"some": f"SELECT i * 7919 % {ROWS} AS i FROM range({ROWS}) AS r (i)", "many": f"FROM range({2 * ROWS})"}
    with connect() as con:
        for name, numbers in keys.items():
            key = "'title-' || lpad(i::VARCHAR, 12, '0') AS k"
            con.execute(f"COPY (SELECT {key}, i FROM ({numbers}) AS n (i)) TO '{made / name}.parquet'")
    return made


def joined(join: str, folder: Path, *, spill: str) -> int:
    with connect({"threads": 2, "temp_directory": spill, "file_search_path": str(folder)}) as con:
        con.execute(f"SET memory_limit = '{LIMIT}'")
        return int(con.execute(f"SELECT count(*) {JOINS[join]}").fetchall()[0][0])


@pytest.mark.parametrize("join", JOINS)
def test_a_join_that_spills_has_every_row(join: str, folder: Path, tmp_path: Path) -> None:
    assert joined(join, folder, spill=str(tmp_path)) == ROWS


@pytest.mark.parametrize("join", JOINS)
def test_such_a_join_does_not_fit_into_memory(join: str, folder: Path) -> None:
    with pytest.raises(duckdb.OutOfMemoryException):
        joined(join, folder, spill="")


@pytest.mark.parametrize("share", [2, 20, 1000])
def test_a_filter_of_the_other_side_leaves_groups_whole(share: int) -> None:
    """Groups of the larger side are counted in full, whatever the engine filters before it groups."""
    groups = "(SELECT k, count(*) AS n FROM rows GROUP BY k)"
    with connect({"threads": 4}) as con:
        con.execute("CREATE TABLE rows AS SELECT 'k' || (i * 7919 % 200000) AS k FROM range(1000000) AS r (i)")
        con.execute(f"CREATE TABLE few AS SELECT 'k' || (i * {share}) AS k FROM range(200000 // {share}) AS r (i)")
        for join in (f"few LEFT JOIN {groups} AS g USING (k)", f"{groups} SEMI JOIN {sifted('few', 'k')} USING (k)"):
            for _ in range(3):
                found = con.execute(f"SELECT count(*), CAST(sum(n) AS BIGINT) FROM {join}").fetchall()
                assert found == [(200000 // share, 5 * (200000 // share))]
