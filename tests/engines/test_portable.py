"""The portable steps say in all their outputs what the tuned plan of the embedded engine says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance.errors import CatalogError
from compliance.policy import load_policy
from compliance.sample import write_sample
from tests.catalogs import write_catalog
from tests.nasty import AS_OF, Nasty
from tests.portable import broken_catalog, differences, embedded, outputs, portable, waivers_for
from tests.property.test_twins import POLICIES


@pytest.mark.parametrize(("seed", "policy"), [(300, "shipped"), (301, "other choices"), (701, "shipped")])
def test_of_nasty_catalogs(seed: int, policy: str, tmp_path: Path) -> None:
    catalog, law = Nasty(seed, titles=seed).write(tmp_path / "catalog"), POLICIES[policy]
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF, policy=law)
    assert len(tuned["findings"]) > seed
    assert differences(tuned, outputs(portable, catalog, tmp_path / "portable", AS_OF, policy=law)) == {}


def test_of_a_sample(tmp_path: Path) -> None:
    write_sample(tmp_path / "catalog", 3_000, as_of=AS_OF)
    tuned = outputs(embedded, tmp_path / "catalog", tmp_path / "tuned", AS_OF)
    assert tuned["findings"]
    assert differences(tuned, outputs(portable, tmp_path / "catalog", tmp_path / "portable", AS_OF)) == {}


def test_of_a_catalog_that_breaks_the_contract(tmp_path: Path) -> None:
    catalog = broken_catalog(tmp_path / "catalog")
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF)
    assert tuned["summary"]["counts"]["quarantined"] > 20
    assert differences(tuned, outputs(portable, catalog, tmp_path / "portable", AS_OF)) == {}


def test_of_instants_with_a_zone_in_rows_that_break_the_contract(tmp_path: Path) -> None:
    catalog = broken_catalog(tmp_path / "catalog")
    titles = pq.read_table(catalog / "titles.parquet")
    in_utc = [
        field.with_type(pa.timestamp("us", "UTC")) if pa.types.is_timestamp(field.type) else field
        for field in titles.schema
    ]
    pq.write_table(titles.cast(pa.schema(in_utc)), catalog / "titles.parquet")
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF)
    assert differences(tuned, outputs(portable, catalog, tmp_path / "portable", AS_OF)) == {}


def test_of_waivers_and_of_lists_before(tmp_path: Path) -> None:
    catalog = Nasty(9, titles=200).write(tmp_path / "catalog")
    first = outputs(embedded, catalog, tmp_path / "first", AS_OF)
    given: dict[str, Any] = {
        "waivers": waivers_for(first["findings"], first["verdicts"], AS_OF),
        "previous_lists": (tmp_path / "first" / "block_list.parquet",),
    }
    later = date(2026, 11, 24)
    tuned = outputs(embedded, catalog, tmp_path / "tuned", later, **given)
    tuned_today = outputs(embedded, catalog, tmp_path / "tuned-today", AS_OF, **given)
    assert len(tuned_today["waived"]) > 8
    assert {row["first_listed_at"].day for row in tuned["block_list"]} == {23}
    assert differences(tuned, outputs(portable, catalog, tmp_path / "portable", later, **given)) == {}
    assert differences(tuned_today, outputs(portable, catalog, tmp_path / "portable-today", AS_OF, **given)) == {}


MISSING: dict[str, Callable[[Path], Path]] = {
    "relations": lambda folder: write_catalog(folder, labels=None, episodes=None),
    "titles empty": lambda folder: write_catalog(folder, titles=()),
    "words": lambda folder: write_catalog(
        folder,
        titles=[{"title_id": "a", "kind": "film"}, {"title_id": "b", "status": "on"}],
        labels=[{"channel": "wall"}],
    ),
    "reserved": lambda folder: write_catalog(folder, titles=[{"title_id": "~canary/1"}]),
}


@pytest.mark.parametrize("what", MISSING)
def test_what_stops_the_embedded_engine_stops_the_portable_audit(what: str, tmp_path: Path) -> None:
    catalog = MISSING[what](tmp_path / "catalog")
    told = []
    for name, run in (("tuned", embedded), ("portable", portable)):
        with pytest.raises(CatalogError) as caught:
            outputs(run, catalog, tmp_path / name, datetime(2026, 11, 20).date(), policy=load_policy())  # noqa: DTZ001 - wall time
        told.append(caught.value)
        assert not list((tmp_path / name).glob("*.parquet"))
    tuned, ported = told
    if what != "reserved":
        assert sorted(tuned.problems) == sorted(ported.problems)
    assert (tuned.exit_code, ported.exit_code) == (3, 3)
