"""A catalog of which no row keeps the contract is an incomplete run, not a failed one: every title is held and told."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from compliance.cli.main import main
from tests.catalogs import write_catalog


def test_every_title_is_held_and_told(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1", "investment_yuan": -1}])
    arguments = ["audit", "--catalog", str(tmp_path / "catalog"), "--out", str(tmp_path / "out"), "--no-reports"]
    assert main(arguments) == 3
    verdicts = pq.read_table(tmp_path / "out" / "verdicts.parquet").to_pylist()
    assert [(row["title_id"], row["decision"], row["rules"]) for row in verdicts] == [("t1", "hold", [])]
    (quarantined,) = pq.read_table(tmp_path / "out" / "quarantine.parquet").to_pylist()
    assert quarantined["reason"] == "investment_yuan is below 0"
