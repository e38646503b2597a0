"""Spark with two workers says in all outputs what the embedded engine says; a worker that dies changes nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance import runs
from compliance.engines.audit import AuditRequest
from compliance.engines.spark import session
from compliance.engines.spark.audit import run_audit
from compliance.engines.spark.cluster import Cluster
from compliance.errors import CatalogError, GateError
from compliance.policy import load_policy
from compliance.verdicts.summary import Summary
from tests import clusters
from tests.catalogs import write_catalog
from tests.nasty import AS_OF, Nasty
from tests.portable import broken_catalog, differences, embedded, outputs, waivers_for
from tests.property.test_twins import POLICIES
from tests.rules import test_cases as cases
from tests.rules.engines import judge_by_audit

pytestmark = pytest.mark.spark

ALL_CASES = bool(os.environ.get("GATE_ALL_CASES"))
NASTY = ((305, "other choices"), (306, "shipped"), (307, "other choices"), (1308, "shipped"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[clusters.Cluster]:
    with clusters.standalone(workers=2) as made:
        yield made


@pytest.fixture(scope="module")
def place(cluster: clusters.Cluster) -> Iterator[Cluster]:
    """The application that all audits of this module run in: starting one takes longer than an audit."""
    made = Cluster(cluster.url, settings=clusters.QUICK)
    with session.spark_session(made) as spark:
        spark.sparkContext.setLogLevel("OFF")
        yield made


def distributed(request: AuditRequest) -> Summary:
    """The audit on the cluster of the running application."""
    return run_audit(request, Cluster(), progress=lambda _: None)


def test_a_run_is_published_recorded_and_reported_like_any_other(place: Cluster, tmp_path: Path) -> None:
    catalog = Nasty(304, titles=304).write(tmp_path / "catalog")
    said = {}
    for engine in ("duckdb", "spark"):
        wanted = runs.Audit(
            str(catalog), tmp_path / engine, AS_OF, load_policy(), engine=engine, cluster=place, memory="1GB"
        )
        summary = runs.audit(wanted, progress=lambda _: None)
        assert summary.engine == engine
        out = tmp_path / engine
        said[engine] = {
            "counts": (summary.counts, summary.rules, summary.regimes),
            **{name: sorted(pq.read_table(out / f"{name}.parquet").to_pylist(), key=repr) for name in
               ("verdicts", "findings", "blocked_placements")},
        }  # fmt: skip
        assert (out / "report.html").exists()
        assert not [path for path in (out / "current").iterdir() if path.name.startswith((".work", ".spill", ".out"))]
    assert len(said["duckdb"]["findings"]) > 304
    assert differences(said["duckdb"], said["spark"]) == {}
    assert (tmp_path / "spark" / "verdicts.parquet").is_dir()


@pytest.mark.parametrize(("seed", "policy"), NASTY if ALL_CASES else NASTY[:1])
def test_of_nasty_catalogs(seed: int, policy: str, place: Cluster, tmp_path: Path) -> None:
    """One, as the first test is of another; with GATE_ALL_CASES=1 some more."""
    catalog, law = Nasty(seed, titles=seed).write(tmp_path / "catalog"), POLICIES[policy]
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF, policy=law)
    assert len(tuned["findings"]) > seed
    assert differences(tuned, outputs(distributed, catalog, tmp_path / "spark", AS_OF, policy=law)) == {}


def test_of_a_catalog_that_breaks_the_contract(place: Cluster, tmp_path: Path) -> None:
    catalog = broken_catalog(tmp_path / "catalog")
    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF)
    assert tuned["summary"]["counts"]["quarantined"] > 20
    assert differences(tuned, outputs(distributed, catalog, tmp_path / "spark", AS_OF)) == {}


def test_the_cases_of_the_rules(place: Cluster) -> None:
    """Those that stand together in the largest catalog; with GATE_ALL_CASES=1, which takes minutes, all of them."""
    (largest, *others) = sorted(cases.CATALOGS, key=lambda catalog: -len(catalog.cases))
    assert len(largest.cases) > 250
    for catalog in (largest, *(others if ALL_CASES else ())):
        found = judge_by_audit(catalog.relations, catalog.as_of, cases.policy_of(catalog), run=distributed)
        assert cases.wrongly_ruled(catalog, found) == []


def test_a_damaged_file_fails_the_run_and_the_outputs_before_stand(place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    (catalog / "labels.parquet").write_bytes((catalog / "labels.parquet").read_bytes()[:-20])
    wanted = runs.Audit(str(catalog), tmp_path / "out", AS_OF, load_policy(), engine="spark", cluster=place)
    with pytest.raises(GateError) as caught:
        runs.audit(wanted, progress=lambda _: None)
    assert caught.value.exit_code == 3
    assert not (tmp_path / "out" / "current").exists()


@pytest.mark.parametrize("name", ["issuers", "dossiers.parquet"])
def test_a_link_that_leads_nowhere_is_no_absent_relation(name: str, place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    (catalog / name).symlink_to(tmp_path / "not mounted")
    wanted = runs.Audit(str(catalog), tmp_path / "out", AS_OF, load_policy(), engine="spark", cluster=place)
    with pytest.raises(CatalogError, match="a link that leads nowhere"):
        runs.audit(wanted, progress=lambda _: None)


def in_parts(catalog: Path, relation: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """A relation as a folder of two files: its rows twice, those of the second file changed."""
    whole = pq.read_table(catalog / f"{relation}.parquet")
    (catalog / f"{relation}.parquet").unlink()
    (catalog / relation).mkdir()
    pq.write_table(whole, catalog / relation / "part-0.parquet")
    pq.write_table(change(whole), catalog / relation / "part-1 [b].parquet")


def retyped(column: str, type_: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    """The change that gives one column another type."""

    def change(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(column)
        return table.set_column(place, column, table.column(column).cast(type_))

    return change


def refusal(catalog: Path, tmp_path: Path) -> str:
    """What a run over a catalog that must not be read complains of."""
    with pytest.raises(CatalogError) as caught:
        outputs(distributed, catalog, tmp_path / "spark", AS_OF)
    assert caught.value.exit_code == 3
    return str(caught.value)


@pytest.mark.parametrize(
    ("relation", "column", "change"),
    [
        ("titles", "subjects", lambda table: table.drop_columns(["subjects"])),
        ("titles", "online_at", retyped("online_at", pa.timestamp("us", "UTC"))),
        ("titles", "investment_yuan", retyped("investment_yuan", pa.float64())),
        ("episodes", "ai_notice", lambda table: table.drop_columns(["ai_notice"])),
    ],
)
def test_files_of_one_relation_that_differ_are_refused(
    relation: str, column: str, change: Callable[[pa.Table], pa.Table], place: Cluster, tmp_path: Path
) -> None:
    """Whichever file Spark asks for the columns: the other would be read wrongly, and nobody told."""
    catalog = write_catalog(tmp_path / "catalog", episodes=[{}])
    in_parts(catalog, relation, change)
    told = refusal(catalog, tmp_path)
    assert told.startswith(f"{relation}.{column}: its files differ")
    assert "part-0.parquet: " in told
    assert "part-1%20%5Bb%5D.parquet: " in told


def test_files_that_differ_in_nothing_that_is_read_are_one_relation(place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog", episodes=[{}])
    in_parts(catalog, "register", lambda table: table.append_column("note", pa.array(["x"] * table.num_rows)))
    in_parts(catalog, "episodes", lambda table: table.select(table.column_names[::-1]))
    told = outputs(distributed, catalog, tmp_path / "spark", AS_OF)
    assert differences(outputs(embedded, catalog, tmp_path / "tuned", AS_OF), told) == {}


@pytest.mark.parametrize("log", ["_delta_log/0.json", ".hoodie/hoodie.properties", "metadata/v1.metadata.json"])
def test_a_table_whose_log_says_which_files_count_is_refused(log: str, place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    in_parts(catalog, "register", lambda table: table)
    (catalog / "register" / log).parent.mkdir()
    (catalog / "register" / log).write_text("{}", encoding="utf-8")
    assert "not all its files count" in refusal(catalog, tmp_path)


def test_int96_is_an_instant_where_spark_or_hive_wrote_it_and_refused_elsewhere(place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    titles = catalog / "titles.parquet"
    pq.write_table(pq.read_table(titles), titles, use_deprecated_int96_timestamps=True)
    assert "INT96" in refusal(catalog, tmp_path)
    by_arrow = pq.ParquetFile(titles).metadata.created_by.encode()
    titles.write_bytes(titles.read_bytes().replace(by_arrow, b"parquet-mr version 1.13".ljust(len(by_arrow))))
    told = outputs(distributed, catalog, tmp_path / "by_spark", AS_OF)
    assert differences(outputs(embedded, catalog, tmp_path / "tuned", AS_OF), told) == {}


def test_no_setting_leaves_a_damaged_part_out(place: Cluster, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog")
    in_parts(catalog, "register", lambda table: table)
    damaged = catalog / "register" / "part-1 [b].parquet"
    damaged.write_bytes(damaged.read_bytes()[:-20])
    lenient = {"spark.sql.files.ignoreCorruptFiles": "true", "spark.sql.files.ignoreMissingFiles": "true"}
    with session.spark_session(Cluster(settings=lenient)) as spark:
        assert {spark.conf.get(name) for name in lenient} == {"false"}
    with pytest.raises(GateError):
        outputs(distributed, catalog, tmp_path / "spark", AS_OF)


def test_a_worker_killed_in_mid_run_changes_nothing(place: Cluster, cluster: clusters.Cluster, tmp_path: Path) -> None:
    """Waivers and an earlier list come along. The last test of the module: it leaves one worker."""
    catalog = Nasty(305, titles=305).write(tmp_path / "catalog")
    first = outputs(embedded, catalog, tmp_path / "first", AS_OF)
    given: dict[str, Any] = {
        "waivers": waivers_for(first["findings"], first["verdicts"], AS_OF),
        "previous_lists": (tmp_path / "first" / "block_list.parquet",),
    }
    killed = threading.Timer(1.5, cluster.kill_worker)

    def with_a_death(request: AuditRequest) -> Summary:
        return run_audit(request, place, progress=lambda told: killed.start() if told.startswith("gathering") else None)

    tuned = outputs(embedded, catalog, tmp_path / "tuned", AS_OF, **given)
    assert differences(tuned, outputs(with_a_death, catalog, tmp_path / "spark", AS_OF, **given)) == {}
    assert killed.finished.is_set()
    assert len(cluster.workers) == 1
